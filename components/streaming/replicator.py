"""Replication of topics from one Kafka cluster to another, over regions."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs, Statement

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,127}")
_EVERYTHING = "*"
SOURCE_ACTIONS = (
    "Connect",
    "DescribeCluster",
    "AlterCluster",
    "DescribeTopic",
    "CreateTopic",
    "AlterTopic",
    "WriteData",
    "ReadData",
    "AlterGroup",
    "DescribeGroup",
    "DescribeTopicDynamicConfiguration",
    "AlterTopicDynamicConfiguration",
    "WriteDataIdempotently",
)
"""What MSK Replicator does on either cluster (MSK developer guide, "Create a service execution
role")."""


@dataclass(frozen=True, kw_only=True)
class ReplicatedCluster:
    """One of the two clusters of a replicator. It must authenticate clients by IAM.

    Attributes:
        arn: ARN of the cluster.
        subnet_ids: Its subnets, in two zones or more.
        security_group_ids: Groups that reach its brokers.
    """

    arn: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class KafkaReplicatorArgs(Args):
    """What is replicated from where to where.

    Attributes:
        replicator_name: Its name in MSK.
        source: Cluster that is replicated; made with `replicated=True` if it is in another region.
        target: Cluster that follows; the replicator is in its region.
        topics: Topics, as regular expressions.
        consumer_groups: Consumer groups, as regular expressions; their positions follow, so that
            consumers go on at the target where they were.
        starting_position: Where to begin: `EARLIEST` for all there is, `LATEST` for what comes.
        compression: Compression of what is written to the target.
        description: What it is for.
    """

    replicator_name: str
    source: ReplicatedCluster
    target: ReplicatedCluster
    topics: Sequence[str]
    consumer_groups: Sequence[str] = (".*",)
    starting_position: Literal["EARLIEST", "LATEST"] = "EARLIEST"
    compression: Literal["NONE", "GZIP", "SNAPPY", "LZ4", "ZSTD"] = "LZ4"
    description: str = ""

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not _NAME.fullmatch(self.replicator_name):
            yield (
                f"replicator_name is {self.replicator_name!r}: 1 to 128 letters, digits and '-' "
                "are allowed, a letter or digit first"
            )
        for what, items in (("topics", self.topics), ("consumer_groups", self.consumer_groups)):
            if not 1 <= len(items) <= 100:
                yield f"{what} has {len(items)} patterns: must be 1 to 100"
        for which, cluster in (("source", self.source), ("target", self.target)):
            if len(cluster.subnet_ids) < 2:
                yield f"{which} has {len(cluster.subnet_ids)} subnets: at least two are needed"
            if not cluster.security_group_ids:
                yield f"{which} has no security groups"


class KafkaReplicator(Component):
    """An MSK Replicator: topics under their own names, their settings, and consumers' positions.

    Example::

        KafkaReplicator("dr", KafkaReplicatorArgs(
            replicator_name="dr", topics=["clicks"],
            source=ReplicatedCluster(arn=east.arn, subnet_ids=[...], security_group_ids=[...]),
            target=ReplicatedCluster(arn=west.arn, subnet_ids=[...], security_group_ids=[...])))

    Monthly cost in us-east-1: 730 h × $0.30 = $219, and $0.08 for each GB replicated.

    Attributes:
        arn: ARN of the replicator.
    """

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: KafkaReplicatorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("streaming:KafkaReplicator", name, args, opts)
        self.role = ServiceRole(
            f"{name}-role",
            ServiceRoleArgs(
                service="kafka.amazonaws.com",
                statements=[
                    *_cluster_access(args.source.arn),
                    *_cluster_access(args.target.arn),
                ],
                tags=args.tags,
            ),
            self.options(),
        )
        self.replicator = self.child(
            "",
            aws.msk.Replicator,
            replicator_name=args.replicator_name,
            description=args.description or None,
            service_execution_role_arn=self.role.arn,
            kafka_clusters=[_cluster(args.source), _cluster(args.target)],
            replication_info_list=_replication(args),
            # MSK tries whether the role may reach both clusters.
            options=pulumi.ResourceOptions(depends_on=[self.role]),
        )
        self.arn = self.replicator.arn
        self.finish("arn")


def _cluster(cluster: ReplicatedCluster) -> dict[str, Any]:
    return {
        "amazon_msk_cluster": {"msk_cluster_arn": cluster.arn},
        "vpc_config": {
            "subnet_ids": list(cluster.subnet_ids),
            "security_groups_ids": list(cluster.security_group_ids),
        },
    }


def _replication(args: KafkaReplicatorArgs) -> dict[str, Any]:
    return {
        "source_kafka_cluster_arn": args.source.arn,
        "target_kafka_cluster_arn": args.target.arn,
        "target_compression_type": args.compression,
        "topic_replications": [
            {
                "topics_to_replicates": list(args.topics),
                "copy_topic_configurations": True,
                "copy_access_control_lists_for_topics": True,
                "detect_and_copy_new_topics": True,
                "starting_position": {"type": args.starting_position},
                "topic_name_configuration": {"type": "IDENTICAL"},
            }
        ],
        "consumer_group_replications": [
            {
                "consumer_groups_to_replicates": list(args.consumer_groups),
                "detect_and_copy_new_consumer_groups": True,
                "synchronise_consumer_group_offsets": True,
            }
        ],
    }


def _cluster_access(arn: pulumi.Input[str]) -> list[Statement]:
    """Allow what a replicator does on a cluster, its topics and its groups."""
    inside = [
        pulumi.Output.from_input(arn).apply(
            lambda whole, kind=kind: f"{whole.replace(':cluster/', f':{kind}/', 1)}/{_EVERYTHING}"
        )
        for kind in ("topic", "group")
    ]
    actions = [f"kafka-cluster:{action}" for action in SOURCE_ACTIONS]
    return [Statement(actions=actions, resources=[arn, *inside])]
