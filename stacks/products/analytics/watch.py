"""Alarms and dashboard of the analytics product."""

from platformctl.components import (
    Alarm,
    ApplicationLoadBalancer,
    FargateService,
    Graph,
    KafkaCluster,
    Metric,
    PostgresDatabase,
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


def alarms(
    context: AnalyticsContext, balancer: ApplicationLoadBalancer, store: PostgresDatabase
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
            "database-high-cpu": watch.database_cpu(store, limits.database_cpu),
        },
    )


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
