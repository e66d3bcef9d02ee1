"""A Kafka cluster with its topics."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.observability.logs import LogGroup, LogGroupArgs

Authentication = Literal["plaintext", "tls", "iam"]

# The port follows from how clients prove who they are.
LARGEST_VOLUME = 16_384
STORAGE_UTILIZATION = 80
VOLUME_SIZE = "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize"
_NAME = re.compile(r"[0-9A-Za-z-]{1,64}")
PORTS: Mapping[str, int] = {"plaintext": 9092, "tls": 9094, "iam": 9098}
SECURITY_PROTOCOLS: Mapping[str, str] = {"plaintext": "PLAINTEXT", "tls": "SSL", "iam": "SASL_SSL"}


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic.

    Attributes:
        name: Its name.
        partitions: Partitions; more can be added later, never removed.
        replication: Brokers that hold each partition.
        retention_ms: Milliseconds that messages are kept.
        compression: Compression type on the brokers.
    """

    name: str
    partitions: int
    replication: int = 3
    retention_ms: int = 259_200_000
    compression: str = "lz4"


@dataclass(frozen=True, kw_only=True)
class KafkaClusterArgs(Args):
    """What a cluster is.

    Attributes:
        cluster_name: Its name in MSK.
        subnet_ids: Subnets of the brokers, one for each zone.
        security_group_ids: Groups of the brokers.
        instance_type: Size of a broker, such as `kafka.m5.large`.
        brokers: Number of brokers; a multiple of the subnets.
        volume_size: Storage of each broker in GiB.
        version: Kafka version.
        authentication: How clients connect: `iam` (9098, TLS), `tls` (9094), or `plaintext`
            (9092), which is for the local region.
        topics: Its topics. Topics are never made by being written to.
        key_arn: KMS key of data at rest; MSK's own without it.
        log_key_arn: KMS key of the brokers' logs.
        log_retention_days: Days to keep the brokers' logs.
        volume_size_maximum: GiB up to which each broker's storage grows by itself when it is 80 %
            full; it never shrinks.
        replicated: Whether a replicator of another region reads it: MSK may then connect to it
            from there, which needs `iam`.
        deletion_protection: Whether Pulumi refuses to delete the cluster and its topics.
    """

    cluster_name: str
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    instance_type: str
    brokers: int = 3
    volume_size: int = 100
    version: str = "3.5.1"
    authentication: Authentication = "iam"
    topics: Sequence[Topic] = field(default_factory=tuple)
    key_arn: pulumi.Input[str] | None = None
    log_key_arn: pulumi.Input[str] | None = None
    log_retention_days: int = 365
    volume_size_maximum: int | None = None
    replicated: bool = False
    deletion_protection: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not _NAME.fullmatch(self.cluster_name):
            yield f"cluster_name is {self.cluster_name!r}: 1 to 64 letters, digits, '-' allowed"
        if not 1 <= self.volume_size <= (self.volume_size_maximum or LARGEST_VOLUME):
            yield (
                f"volume_size is {self.volume_size}: must be 1 to "
                f"{self.volume_size_maximum or LARGEST_VOLUME}"
            )
        if (self.volume_size_maximum or 0) > LARGEST_VOLUME:
            yield f"volume_size_maximum is {self.volume_size_maximum}: at most {LARGEST_VOLUME}"
        if self.replicated and self.authentication != "iam":
            yield f"replicated needs authentication 'iam', not {self.authentication!r}"
        if self.brokers % max(len(self.subnet_ids), 1):
            yield f"brokers is {self.brokers}: must be a multiple of {len(self.subnet_ids)} subnets"
        if self.authentication not in PORTS:
            yield f"authentication is {self.authentication!r}: must be one of {', '.join(PORTS)}"
        names = [topic.name for topic in self.topics]
        for topic in self.topics:
            if names.count(topic.name) > 1:
                yield f"topics has {topic.name!r} more than once"
            if not 1 <= topic.replication <= self.brokers:
                yield (
                    f"topic {topic.name!r} has replication {topic.replication}: must be from 1 "
                    f"to the {self.brokers} brokers"
                )


class KafkaCluster(Component):
    """A Kafka cluster on MSK: encrypted in transit and at rest, its topics declared.

    Example::

        KafkaCluster("events", KafkaClusterArgs(
            cluster_name="events", subnet_ids=network.data_subnet_ids, security_group_ids=[...],
            instance_type="kafka.m5.large", topics=[Topic(name="clicks", partitions=10)]))

    Monthly cost in us-east-1 as the analytics estimate counts it: 3 × kafka.m5.large about $400
    (3 × 730 h × $0.21 = $459.90 at the list price), and $0.10 × 100 GiB × 3 = $30 of storage.

    Attributes:
        arn: ARN of the cluster.
        cluster_name: Name of the cluster.
        brokers: Comma-separated host:port pairs for clients.
        port: Port of the brokers.
        security_protocol: Kafka's word for how to connect: PLAINTEXT, SSL or SASL_SSL.
    """

    arn: pulumi.Output[str]
    cluster_name: pulumi.Output[str]
    brokers: pulumi.Output[str]
    port: int
    security_protocol: str

    def __init__(
        self, name: str, args: KafkaClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("streaming:KafkaCluster", name, args, opts)
        self.args = args
        self.cluster = _cluster(self)
        if args.replicated:
            _let_replicators_in(self)
        if args.volume_size_maximum is not None:
            _grow_storage(self, args.volume_size_maximum)
        self.topics = {topic.name: _topic(self, topic) for topic in args.topics}
        self.arn = self.cluster.arn
        self.cluster_name = self.cluster.cluster_name
        self.port = PORTS[args.authentication]
        self.security_protocol = SECURITY_PROTOCOLS[args.authentication]
        self.brokers = {
            "plaintext": self.cluster.bootstrap_brokers,
            "tls": self.cluster.bootstrap_brokers_tls,
            "iam": self.cluster.bootstrap_brokers_sasl_iam,
        }[args.authentication]
        self.finish("arn", "cluster_name", "brokers", "port", "security_protocol")


def _cluster(kafka: KafkaCluster) -> aws.msk.Cluster:
    args = kafka.args
    configuration = kafka.child(
        "configuration",
        aws.msk.Configuration,
        name=f"{args.cluster_name}-configuration",
        kafka_versions=[args.version],
        description=f"Brokers of {args.cluster_name}",
        server_properties=_server_properties(args),
    )
    logs = LogGroup(
        f"{kafka.name}-logs",
        LogGroupArgs(
            name=f"/msk/{args.cluster_name}",
            retention_days=args.log_retention_days,
            key_arn=args.log_key_arn,
            tags=args.tags,
        ),
        kafka.options(),
    )
    return kafka.child(
        "",
        aws.msk.Cluster,
        cluster_name=args.cluster_name,
        kafka_version=args.version,
        number_of_broker_nodes=args.brokers,
        broker_node_group_info={
            "instance_type": args.instance_type,
            "client_subnets": list(args.subnet_ids),
            "security_groups": list(args.security_group_ids),
            "storage_info": {"ebs_storage_info": {"volume_size": args.volume_size}},
            "connectivity_info": _connectivity(args),
        },
        client_authentication=_client_authentication(args.authentication),
        encryption_info={
            "encryption_at_rest_kms_key_arn": args.key_arn,
            "encryption_in_transit": {
                "client_broker": "PLAINTEXT" if args.authentication == "plaintext" else "TLS",
                "in_cluster": True,
            },
        },
        configuration_info={
            "arn": configuration.arn,
            "revision": configuration.latest_revision,
        },
        enhanced_monitoring="PER_TOPIC_PER_PARTITION",
        logging_info={
            "broker_logs": {"cloudwatch_logs": {"enabled": True, "log_group": logs.group_name}}
        },
        options=pulumi.ResourceOptions(
            protect=args.deletion_protection,
            # What grows by itself belongs to autoscaling.
            ignore_changes=[] if args.volume_size_maximum is None else [VOLUME_SIZE],
        ),
    )


def _connectivity(args: KafkaClusterArgs) -> dict[str, Any]:
    """Let nobody in from outside but, where wanted, private connections of other VPCs."""
    closed: dict[str, Any] = {"public_access": {"type": "DISABLED"}}
    if not args.replicated:
        return closed
    return {**closed, "vpc_connectivity": {"client_authentication": {"sasl": {"iam": True}}}}


def _let_replicators_in(kafka: KafkaCluster) -> None:
    """Let MSK connect on behalf of a replicator in another region."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "kafka.amazonaws.com"},
        "Action": [
            "kafka:CreateVpcConnection",
            "kafka:DescribeClusterV2",
            "kafka:GetBootstrapBrokers",
        ],
        "Resource": kafka.cluster.arn,
    }
    kafka.child(
        "policy",
        aws.msk.ClusterPolicy,
        cluster_arn=kafka.cluster.arn,
        policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def _grow_storage(kafka: KafkaCluster, maximum: int) -> None:
    """Let the brokers' storage grow with what is in it."""
    target = kafka.child(
        "storage-scaling",
        aws.appautoscaling.Target,
        service_namespace="kafka",
        resource_id=kafka.cluster.arn,
        scalable_dimension="kafka:broker-storage:VolumeSize",
        min_capacity=1,
        max_capacity=maximum,
    )
    kafka.child(
        "storage-tracking",
        aws.appautoscaling.Policy,
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        policy_type="TargetTrackingScaling",
        target_tracking_scaling_policy_configuration={
            "predefined_metric_specification": {
                "predefined_metric_type": "KafkaBrokerStorageUtilization"
            },
            "target_value": STORAGE_UTILIZATION,
            "disable_scale_in": True,
        },
    )


def _server_properties(args: KafkaClusterArgs) -> str:
    """Let no topic come into being by accident, and no write count before two brokers have it."""
    replication = min(3, args.brokers)
    properties = {
        "auto.create.topics.enable": "false",
        "default.replication.factor": replication,
        "min.insync.replicas": max(1, replication - 1),
        "unclean.leader.election.enable": "false",
    }
    return "".join(f"{key}={value}\n" for key, value in properties.items())


def _client_authentication(authentication: Authentication) -> dict[str, Any]:
    if authentication == "iam":
        return {"sasl": {"iam": True}, "unauthenticated": False}
    return {"unauthenticated": True}


def _topic(kafka: KafkaCluster, topic: Topic) -> aws.msk.Topic:
    return kafka.child(
        topic.name,
        aws.msk.Topic,
        cluster_arn=kafka.cluster.arn,
        name=topic.name,
        partition_count=topic.partitions,
        replication_factor=topic.replication,
        configs=json.dumps(
            {"compression.type": topic.compression, "retention.ms": str(topic.retention_ms)}
        ),
        options=pulumi.ResourceOptions(protect=kafka.args.deletion_protection),
    )
