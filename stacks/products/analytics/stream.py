"""Where the events are between ingestion and consumer: Kafka."""

from platformctl.components import (
    KafkaCluster,
    KafkaClusterArgs,
    KafkaReplicator,
    KafkaReplicatorArgs,
    ReplicatedCluster,
    SecurityGroups,
    Topic,
)
from platformctl.stacks.layers.security import DATA, LOGS
from platformctl.stacks.products.analytics.context import (
    CONSUMER_GROUP,
    DEAD_LETTER_TOPIC,
    EVENTS_TOPIC,
    AnalyticsContext,
)

MILLISECONDS_AN_HOUR = 3_600_000
DEAD_LETTER_PARTITIONS, DEAD_LETTER_HOURS = 3, 14 * 24


def kafka(context: AnalyticsContext, groups: SecurityGroups) -> KafkaCluster:
    """Make the Kafka cluster, the topic of events, and the one of those nobody can read."""
    config, shared = context.config.kafka, context.shared
    replication = min(3, config.brokers)
    return KafkaCluster(
        context.name("kafka"),
        KafkaClusterArgs(
            cluster_name=f"{context.product}-kafka",
            subnet_ids=shared.network.data_subnet_ids,
            security_group_ids=[groups.ids["kafka"]],
            instance_type=config.instance_type,
            brokers=config.brokers,
            volume_size=config.volume_size,
            version=config.version,
            authentication=config.authentication,
            topics=[
                Topic(
                    name=EVENTS_TOPIC,
                    partitions=config.partitions,
                    replication=replication,
                    retention_ms=config.retention_hours * MILLISECONDS_AN_HOUR,
                ),
                Topic(
                    name=DEAD_LETTER_TOPIC,
                    partitions=DEAD_LETTER_PARTITIONS,
                    replication=replication,
                    retention_ms=DEAD_LETTER_HOURS * MILLISECONDS_AN_HOUR,
                ),
            ],
            replicated=context.recovery is not None,
            key_arn=shared.keys.arns[DATA],
            log_key_arn=shared.keys.arns[LOGS],
            log_retention_days=shared.config.logs.retention_days,
            deletion_protection=shared.config.deletion_protection,
            tags=context.tags("kafka", "confidential"),
        ),
        context.options,
    )


def replicator(
    context: AnalyticsContext, source: KafkaCluster, target: KafkaCluster
) -> KafkaReplicator:
    """Copy both topics to the side that takes over, with where the consumer is in them."""
    source_end, target_end = (
        ReplicatedCluster(
            arn=cluster.arn,
            subnet_ids=cluster.args.subnet_ids,
            security_group_ids=cluster.args.security_group_ids,
        )
        for cluster in (source, target)
    )
    return KafkaReplicator(
        context.name("replicator"),
        KafkaReplicatorArgs(
            replicator_name=f"{context.product}-recovery",
            source=source_end,
            target=target_end,
            topics=[EVENTS_TOPIC, DEAD_LETTER_TOPIC],
            consumer_groups=[CONSUMER_GROUP],
            description="Events for the region that takes over",
            tags=context.tags("kafka", "confidential"),
        ),
        context.options,
    )
