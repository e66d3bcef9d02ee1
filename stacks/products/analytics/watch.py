"""Alarms and dashboards of the analytics product."""

from platformctl.components import (
    Alarm,
    Alarms,
    AlarmsArgs,
    ApplicationLoadBalancer,
    Dashboard,
    DashboardArgs,
    FargateService,
    Graph,
    KafkaCluster,
    Metric,
    PostgresDatabase,
)
from platformctl.stacks.products.analytics.context import (
    CONSUMER_GROUP,
    EVENTS_TOPIC,
    LAG_METRIC,
    METRICS_NAMESPACE,
    PRODUCT,
    AnalyticsContext,
)

ALB, ECS, KAFKA, RDS = "AWS/ApplicationELB", "AWS/ECS", "AWS/Kafka", "AWS/RDS"


def alarms(
    context: AnalyticsContext, balancer: ApplicationLoadBalancer, store: PostgresDatabase
) -> Alarms:
    """Make the alarms that wake somebody."""
    limits = context.config.alarms
    return Alarms(
        context.name("alarms"),
        AlarmsArgs(
            prefix=PRODUCT,
            topic_arn=context.shared.alerts.topic_arn,
            alarms={
                "high-error-rate": Alarm(
                    description="Services answer with server errors: look at their logs.",
                    namespace=ALB,
                    metric="HTTPCode_Target_5XX_Count",
                    dimensions={"LoadBalancer": balancer.arn_suffix},
                    statistic="Sum",
                    threshold=limits.target_errors,
                    periods=2,
                    missing_data="notBreaching",
                ),
                "high-consumer-lag": Alarm(
                    description="Events wait to be written: look at the consumer and the database.",
                    namespace=METRICS_NAMESPACE,
                    metric=LAG_METRIC,
                    threshold=limits.consumer_lag,
                ),
                "database-high-cpu": Alarm(
                    description="The database is busy: look at its slowest statements.",
                    namespace=RDS,
                    metric="CPUUtilization",
                    dimensions={"DBInstanceIdentifier": store.primary_identifier},
                    threshold=limits.database_cpu,
                    period=300,
                ),
            },
            tags=context.tags("alarms"),
        ),
    )


def dashboards(
    context: AnalyticsContext,
    balancer: ApplicationLoadBalancer,
    service: FargateService,
    stream: KafkaCluster,
    store: PostgresDatabase,
) -> Dashboard:
    """Make the dashboard of the whole product."""
    return Dashboard(
        context.name("dashboard"),
        DashboardArgs(
            dashboard_name=PRODUCT,
            region=context.shared.config.region,
            sections={
                "Ingestion": _ingestion(balancer, service),
                "Kafka": _kafka(stream),
                "Database": _database(store),
            },
        ),
    )


def _ingestion(balancer: ApplicationLoadBalancer, service: FargateService) -> list[Graph]:
    target = {"LoadBalancer": balancer.arn_suffix}
    if service.target_group_suffix is not None:
        target["TargetGroup"] = service.target_group_suffix
    task = {"ClusterName": f"{PRODUCT}-cluster", "ServiceName": service.service_name}

    def counted(name: str) -> Metric:
        return Metric(namespace=ALB, name=name, dimensions=target, statistic="Sum")

    def latency(percentile: str) -> Metric:
        return Metric(
            namespace=ALB,
            name="TargetResponseTime",
            dimensions=target,
            statistic=percentile,
            label=percentile,
        )

    return [
        Graph(title="Requests", metrics=[counted("RequestCount")]),
        Graph(
            title="Errors",
            metrics=[counted("HTTPCode_Target_4XX_Count"), counted("HTTPCode_Target_5XX_Count")],
        ),
        Graph(title="Latency", metrics=[latency(percent) for percent in ("p50", "p95", "p99")]),
        Graph(
            title="CPU and memory",
            metrics=[
                Metric(namespace=ECS, name=name, dimensions=task)
                for name in ("CPUUtilization", "MemoryUtilization")
            ],
        ),
    ]


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


def _database(store: PostgresDatabase) -> list[Graph]:
    primary = {"DBInstanceIdentifier": store.primary_identifier}
    graphs = [
        Graph(
            title=title,
            metrics=[Metric(namespace=RDS, name=name, dimensions=primary) for name in names],
        )
        for title, names in {
            "Connections": ["DatabaseConnections"],
            "Latency": ["ReadLatency", "WriteLatency"],
            "CPU": ["CPUUtilization"],
        }.items()
    ]
    if store.replica_identifier is not None:
        replica = {"DBInstanceIdentifier": store.replica_identifier}
        lag = Metric(namespace=RDS, name="ReplicaLag", dimensions=replica)
        graphs.append(Graph(title="Replication lag", metrics=[lag]))
    return graphs
