"""Alarms and dashboard of the analytics product."""

from collections.abc import Mapping

from platformctl.components import (
    Alarm,
    ApplicationLoadBalancer,
    FargateService,
    Graph,
    KafkaCluster,
    Metric,
    PostgresDatabase,
    RedisCache,
)
from platformctl.stacks.building import watch
from platformctl.stacks.products.analytics.context import (
    CONSUMER_GROUP,
    EVENTS_TOPIC,
    LAG_METRIC,
    METRICS_NAMESPACE,
    AnalyticsContext,
)

KAFKA = "AWS/Kafka"
SLOW_SECONDS, CACHE_PERCENT, DISK_PERCENT = 1.0, 80, 85


def alarms(
    context: AnalyticsContext,
    balancer: ApplicationLoadBalancer,
    services: Mapping[str, FargateService],
    stream: KafkaCluster,
    store: PostgresDatabase,
    answers: RedisCache,
) -> None:
    """Make the alarms that wake somebody."""
    limits = context.config.alarms
    watch.alarms(
        context,
        {
            "high-error-rate": watch.server_errors(balancer, limits.target_errors),
            "high-consumer-lag": Alarm(
                description="Events wait to be written: look at the consumer and the database.",
                namespace=METRICS_NAMESPACE,
                metric=LAG_METRIC,
                threshold=limits.consumer_lag,
            ),
            "slow-answers": watch.slow_answers(balancer, SLOW_SECONDS),
            **{
                key: alarm
                for name, service in services.items()
                for key, alarm in watch.service_alarms(context, name, service, balancer).items()
            },
            **_kafka_alarms(stream),
            **watch.database_alarms(store, context.config.database, limits.database_cpu),
            **watch.cache_alarms(answers, CACHE_PERCENT),
        },
    )


def _kafka_alarms(stream: KafkaCluster) -> dict[str, Alarm]:
    cluster = {"Cluster Name": stream.cluster_name}
    alarms = {
        f"kafka-disk-{broker}": Alarm(
            description="A disk of Kafka is nearly full: keep events for less time, or add some.",
            namespace=KAFKA,
            metric="KafkaDataLogsDiskUsed",
            dimensions={**cluster, "Broker ID": str(broker)},
            threshold=DISK_PERCENT,
            period=300,
        )
        for broker in range(1, stream.args.brokers + 1)
    }
    alarms["kafka-offline-partitions"] = Alarm(
        description="Partitions have no leader, so that events wait: look at the brokers.",
        namespace=KAFKA,
        metric="OfflinePartitionsCount",
        dimensions=cluster,
        statistic="Maximum",
        threshold=0,
    )
    return alarms


def dashboards(
    context: AnalyticsContext,
    balancer: ApplicationLoadBalancer,
    service: FargateService,
    stream: KafkaCluster,
    store: PostgresDatabase,
) -> None:
    """Make the dashboard of the whole product."""
    watch.dashboard(
        context,
        {
            "Ingestion": [
                *watch.request_graphs(balancer, service),
                watch.task_graph(context, service),
            ],
            "Kafka": _kafka(stream),
            "Database": watch.database_graphs(store),
        },
    )


def _kafka(stream: KafkaCluster) -> list[Graph]:
    cluster = {"Cluster Name": stream.cluster_name}
    topic = {**cluster, "Topic": EVENTS_TOPIC}
    group = {**topic, "Consumer Group": CONSUMER_GROUP}
    return [
        Graph(
            title="Messages per second",
            metrics=[Metric(namespace=KAFKA, name="MessagesInPerSec", dimensions=topic)],
        ),
        Graph(
            title="Consumer lag",
            metrics=[
                Metric(namespace=METRICS_NAMESPACE, name=LAG_METRIC),
                Metric(namespace=KAFKA, name="MaxOffsetLag", dimensions=group),
            ],
        ),
        Graph(
            title="Partitions by broker",
            metrics=[
                Metric(
                    namespace=KAFKA,
                    name="PartitionCount",
                    dimensions={**cluster, "Broker ID": broker},
                    label=f"broker {broker}",
                )
                for broker in map(str, range(1, stream.args.brokers + 1))
            ],
        ),
    ]
