"""What a role needs for one purpose, as statements: the vocabulary of declared access."""

from collections.abc import Mapping, Sequence

import pulumi

from platformctl.components.security.roles import Statement


def read_secret(
    secret_arn: pulumi.Input[str], key_arn: pulumi.Input[str] | None = None
) -> list[Statement]:
    """Read one secret, and decrypt it where it has a key of its own."""
    statements = [Statement(actions=["secretsmanager:GetSecretValue"], resources=[secret_arn])]
    if key_arn is not None:
        statements.append(Statement(actions=["kms:Decrypt"], resources=[key_arn]))
    return statements


def read_parameter(arn: pulumi.Input[str]) -> list[Statement]:
    """Read one parameter of Systems Manager, which is no secret."""
    return [Statement(actions=["ssm:GetParameter"], resources=[arn])]


def pull_image(repository_arn: pulumi.Input[str]) -> list[Statement]:
    """Pull images of one ECR repository; the token knows no resource."""
    return [
        Statement(actions=["ecr:GetAuthorizationToken"], resources=["*"]),
        Statement(
            actions=[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            resources=[repository_arn],
        ),
    ]


def write_logs(group_arn: pulumi.Input[str]) -> list[Statement]:
    """Write streams of one log group."""
    return [
        Statement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[pulumi.Output.concat(group_arn, ":*")],
        )
    ]


def publish_metrics(namespace: str) -> list[Statement]:
    """Publish metrics in one namespace; the action knows no resource, so a condition narrows it."""
    return [
        Statement(
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            condition={"StringEquals": {"cloudwatch:namespace": namespace}},
        )
    ]


def describe_kafka(cluster_arn: pulumi.Input[str]) -> list[Statement]:
    """Look up a Kafka cluster and its brokers."""
    return [
        Statement(
            actions=["kafka:DescribeCluster", "kafka:GetBootstrapBrokers"],
            resources=[cluster_arn],
        )
    ]


def connect_kafka(cluster_arn: pulumi.Input[str]) -> list[Statement]:
    """Connect to a Kafka cluster, which by itself allows nothing more."""
    return [Statement(actions=["kafka-cluster:Connect"], resources=[cluster_arn])]


def write_topic(cluster_arn: pulumi.Input[str], topic: str) -> list[Statement]:
    """Write one topic with an idempotent producer, which must describe it first."""
    return [
        Statement(
            actions=["kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"],
            resources=[_kafka_arn(cluster_arn, "topic", topic)],
        ),
        Statement(actions=["kafka-cluster:WriteDataIdempotently"], resources=[cluster_arn]),
    ]


def read_topic(cluster_arn: pulumi.Input[str], topic: str, group: str) -> list[Statement]:
    """Read one topic as a member of one consumer group."""
    return [
        Statement(
            actions=["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"],
            resources=[_kafka_arn(cluster_arn, "topic", topic)],
        ),
        Statement(
            actions=["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"],
            resources=[_kafka_arn(cluster_arn, "group", group)],
        ),
    ]


def connect_database(resource_arn: pulumi.Input[str]) -> list[Statement]:
    """Connect to a database with IAM authentication; the ARN ends in `/<user>`."""
    return [Statement(actions=["rds-db:connect"], resources=[resource_arn])]


def decrypt(key_arn: pulumi.Input[str]) -> list[Statement]:
    """Decrypt with one KMS key."""
    return [Statement(actions=["kms:Decrypt"], resources=[key_arn])]


def write_traces() -> list[Statement]:
    """Send traces to X-Ray; the actions know no resource."""
    return [
        Statement(actions=["xray:PutTelemetryRecords", "xray:PutTraceSegments"], resources=["*"])
    ]


def write_metrics(workspace_arn: pulumi.Input[str]) -> list[Statement]:
    """Write metrics to a Prometheus workspace."""
    return [Statement(actions=["aps:RemoteWrite"], resources=[workspace_arn])]


def attach_to_network() -> list[Statement]:
    """Let Lambda attach a function to subnets; the interfaces are not known beforehand."""
    return [
        Statement(
            actions=[
                "ec2:AssignPrivateIpAddresses",
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
                "ec2:UnassignPrivateIpAddresses",
            ],
            resources=["*"],
        )
    ]


STREAM_ACTIONS: Mapping[str, Sequence[str]] = {
    "dynamodb": ("DescribeStream", "GetRecords", "GetShardIterator"),
    "kinesis": (
        "DescribeStream",
        "DescribeStreamSummary",
        "GetRecords",
        "GetShardIterator",
        "ListShards",
    ),
}


def read_stream(
    stream_arn: pulumi.Input[str], service: str, key_arn: pulumi.Input[str] | None = None
) -> list[Statement]:
    """Read a Kinesis stream or the stream of a DynamoDB table."""
    actions = [f"{service}:{action}" for action in STREAM_ACTIONS[service]]
    statements = [Statement(actions=actions, resources=[stream_arn])]
    if service == "dynamodb":
        # Listing streams knows no resource.
        statements.append(Statement(actions=["dynamodb:ListStreams"], resources=["*"]))
    return statements if key_arn is None else [*statements, *decrypt(key_arn)]


def write_stream(
    stream_arn: pulumi.Input[str], key_arn: pulumi.Input[str] | None = None
) -> list[Statement]:
    """Put records on a Kinesis stream."""
    statements = [
        Statement(
            actions=["kinesis:DescribeStreamSummary", "kinesis:PutRecord", "kinesis:PutRecords"],
            resources=[stream_arn],
        )
    ]
    if key_arn is not None:
        statements.append(Statement(actions=["kms:GenerateDataKey"], resources=[key_arn]))
    return statements


def receive_messages(
    queue_arn: pulumi.Input[str], key_arn: pulumi.Input[str] | None = None
) -> list[Statement]:
    """Receive messages of a queue and delete those that are done."""
    statements = [
        Statement(
            actions=["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            resources=[queue_arn],
        )
    ]
    return statements if key_arn is None else [*statements, *decrypt(key_arn)]


def report_failure(
    destination_arn: pulumi.Input[str], key_arn: pulumi.Input[str] | None = None
) -> list[Statement]:
    """Tell a queue or a topic about what failed; what fits its ARN is what it allows."""
    statements = [
        Statement(actions=["sns:Publish", "sqs:SendMessage"], resources=[destination_arn])
    ]
    if key_arn is not None:
        statements.append(
            Statement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key_arn])
        )
    return statements


def _kafka_arn(cluster_arn: pulumi.Input[str], kind: str, name: str) -> pulumi.Output[str]:
    """Return the ARN of a topic or group: the cluster's, with kind and name put in."""
    return pulumi.Output.from_input(cluster_arn).apply(
        lambda arn: f"{arn.replace(':cluster/', f':{kind}/', 1)}/{name}"
    )


def replicate_objects(
    source_arn: pulumi.Input[str],
    target_arn: pulumi.Input[str],
    source_key_arn: pulumi.Input[str] | None = None,
    target_key_arn: pulumi.Input[str] | None = None,
) -> list[Statement]:
    """Copy the versions of one bucket's objects into another bucket, with their keys."""
    statements = [
        Statement(
            actions=["s3:GetReplicationConfiguration", "s3:ListBucket"], resources=[source_arn]
        ),
        Statement(
            actions=[
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionTagging",
            ],
            resources=[pulumi.Output.concat(source_arn, "/*")],
        ),
        Statement(
            actions=["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"],
            resources=[pulumi.Output.concat(target_arn, "/*")],
        ),
    ]
    if source_key_arn is not None:
        statements.append(Statement(actions=["kms:Decrypt"], resources=[source_key_arn]))
    if target_key_arn is not None:
        use = ["kms:Encrypt", "kms:GenerateDataKey"]
        statements.append(Statement(actions=use, resources=[target_key_arn]))
    return statements
