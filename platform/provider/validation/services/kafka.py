"""Kafka: clusters, configurations, topics, replicators."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, json_document, resource_policy
from platformctl.provider.validation.paths import block
from platformctl.provider.validation.rules import (
    Count,
    Custom,
    Failures,
    Follows,
    Inputs,
    Length,
    OneOf,
    Pattern,
    Range,
    Row,
)

NODES = "brokerNodeGroupInfo"
REPLICATION = "replicationInfoList"
TOPICS = f"{REPLICATION}.topicReplications[]"
GROUPS = f"{REPLICATION}.consumerGroupReplications[]"


def _brokers(inputs: Inputs) -> Failures:
    """Every subnet has as many brokers as any other."""
    count = inputs.get("numberOfBrokerNodes")
    subnets = block(inputs, NODES).get("clientSubnets")
    if isinstance(count, int) and isinstance(subnets, list) and subnets and count % len(subnets):
        yield CheckFailure(
            "numberOfBrokerNodes",
            f"numberOfBrokerNodes {count} must be a multiple of the {len(subnets)} client subnets",
        )


ROWS = {
    "aws:msk/cluster:Cluster": Row(
        "kafka/cluster.go",
        (
            Length("clusterName", 1, 64),
            Pattern("kafkaVersion", r"\d+\.\d+(\.\d+|\.x)?(\.(kraft|tiered))*"),
            Custom(_brokers),
            Count(f"{NODES}.clientSubnets", 2, 3),
            Pattern(f"{NODES}.instanceType", r"(kafka|express)\.[a-z0-9]+\.[a-z0-9]+"),
            Range(f"{NODES}.storageInfo.ebsStorageInfo.volumeSize", 1, 16_384),
            Range(
                f"{NODES}.storageInfo.ebsStorageInfo.provisionedThroughput.volumeThroughput",
                250,
                2375,
            ),
            OneOf(
                f"{NODES}.connectivityInfo.publicAccess.type",
                ("DISABLED", "SERVICE_PROVIDED_EIPS"),
            ),
            Follows("encryptionInfo.encryptionAtRestKmsKeyArn", arn),
            OneOf(
                "encryptionInfo.encryptionInTransit.clientBroker",
                ("TLS", "TLS_PLAINTEXT", "PLAINTEXT"),
            ),
            OneOf(
                "enhancedMonitoring",
                ("DEFAULT", "PER_BROKER", "PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION"),
            ),
            Follows("clientAuthentication.tls.certificateAuthorityArns[]", arn),
            Follows("configurationInfo.arn", arn),
            Range("configurationInfo.revision", 1),
            OneOf("storageMode", ("LOCAL", "TIERED")),
        ),
    ),
    "aws:msk/clusterPolicy:ClusterPolicy": Row(
        "kafka/cluster_policy.go",
        (Follows("clusterArn", arn), Follows("policy", resource_policy)),
    ),
    "aws:msk/configuration:Configuration": Row(
        "kafka/configuration.go",
        (
            Pattern("name", r"[0-9A-Za-z][0-9A-Za-z-]*"),
            Pattern("kafkaVersions[]", r"\d+\.\d+(\.\d+|\.x)?(\.(kraft|tiered))*"),
            Length("serverProperties", 1),
        ),
    ),
    "aws:msk/topic:Topic": Row(
        "kafka/topic.go",
        (
            Follows("clusterArn", arn),
            Pattern("name", r"[a-zA-Z0-9._-]{1,249}"),
            Follows("configs", json_document),
            Range("partitionCount", 1),
            Range("replicationFactor", 1),
        ),
    ),
    "aws:msk/replicator:Replicator": Row(
        "kafka/replicator.go",
        (
            Pattern("replicatorName", r"[0-9A-Za-z][0-9A-Za-z-]{0,127}"),
            Length("description", 1, 1024),
            Follows("serviceExecutionRoleArn", arn),
            Count("kafkaClusters", 2, 2),
            Follows("kafkaClusters[].amazonMskCluster.mskClusterArn", arn),
            Count("kafkaClusters[].vpcConfig.subnetIds", 2, 3),
            Follows(f"{REPLICATION}.sourceKafkaClusterArn", arn),
            Follows(f"{REPLICATION}.targetKafkaClusterArn", arn),
            OneOf(
                f"{REPLICATION}.targetCompressionType", ("NONE", "GZIP", "SNAPPY", "LZ4", "ZSTD")
            ),
            Count(f"{REPLICATION}.topicReplications", 1),
            Count(f"{REPLICATION}.consumerGroupReplications", 1),
            Count(f"{TOPICS}.topicsToReplicates", 1),
            Length(f"{TOPICS}.topicsToReplicates[]", 1, 249),
            Count(f"{GROUPS}.consumerGroupsToReplicates", 1),
            Length(f"{GROUPS}.consumerGroupsToReplicates[]", 1, 256),
            OneOf(
                f"{TOPICS}.topicNameConfiguration.type",
                ("PREFIXED_WITH_SOURCE_CLUSTER_ALIAS", "IDENTICAL"),
            ),
            OneOf(f"{TOPICS}.startingPosition.type", ("LATEST", "EARLIEST")),
        ),
    ),
}
