"""What a role needs for one purpose, as statements: the vocabulary of declared access."""

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


def _kafka_arn(cluster_arn: pulumi.Input[str], kind: str, name: str) -> pulumi.Output[str]:
    """Return the ARN of a topic or group: the cluster's, with kind and name put in."""
    return pulumi.Output.from_input(cluster_arn).apply(
        lambda arn: f"{arn.replace(':cluster/', f':{kind}/', 1)}/{name}"
    )
