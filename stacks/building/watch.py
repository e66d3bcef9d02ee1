"""Alarms and graphs that products have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

from platformctl.components import (
    Alarm,
    Alarms,
    AlarmsArgs,
    ApplicationLoadBalancer,
    Dashboard,
    DashboardArgs,
    FargateService,
    Graph,
    Metric,
    PostgresDatabase,
    RedisCache,
)
from platformctl.stacks.products.context import Context

ALB, ECS, RDS, REDIS = "AWS/ApplicationELB", "AWS/ECS", "AWS/RDS", "AWS/ElastiCache"
SLOW_PERIODS = 3


def alarms(context: Context[Any], wanted: Mapping[str, Alarm]) -> Alarms:
    """Make a product's alarms; key → alarm."""
    return Alarms(
        context.name("alarms"),
        AlarmsArgs(
            prefix=context.product,
            topic_arn=context.shared.alerts.topic_arn,
            alarms=wanted,
            tags=context.tags("alarms"),
        ),
        context.options,
    )


def dashboard(context: Context[Any], sections: Mapping[str, Sequence[Graph]]) -> Dashboard:
    """Make a product's dashboard; heading → graphs. Its name is the product's."""
    return Dashboard(
        context.name("dashboard"),
        DashboardArgs(
            dashboard_name=context.product, region=context.shared.region, sections=sections
        ),
        context.options,
    )


def server_errors(balancer: ApplicationLoadBalancer, threshold: float) -> Alarm:
    """Tell when services behind a load balancer fail, twice in a row."""
    return Alarm(
        description="Services answer with server errors: look at their logs.",
        namespace=ALB,
        metric="HTTPCode_Target_5XX_Count",
        dimensions={"LoadBalancer": balancer.arn_suffix},
        statistic="Sum",
        threshold=threshold,
        periods=2,
        missing_data="notBreaching",
    )


def slow_answers(balancer: ApplicationLoadBalancer, seconds: float) -> Alarm:
    """Tell when one answer in twenty takes longer than that, for three minutes."""
    return Alarm(
        description="Answers are slow: look at the traces, then at CPU and the database.",
        namespace=ALB,
        metric="TargetResponseTime",
        dimensions={"LoadBalancer": balancer.arn_suffix},
        statistic="p95",
        threshold=seconds,
        periods=SLOW_PERIODS,
        missing_data="notBreaching",
    )


def database_cpu(store: PostgresDatabase, percent: float) -> Alarm:
    """Tell when a database is busy for five minutes."""
    return Alarm(
        description="The database is busy: look at its slowest statements.",
        namespace=RDS,
        metric="CPUUtilization",
        dimensions={"DBInstanceIdentifier": store.primary_identifier},
        threshold=percent,
        period=300,
    )


def cache_memory(store: RedisCache, percent: float) -> Alarm:
    """Tell when a cache is nearly full and begins to forget what is still wanted."""
    return Alarm(
        description="The cache is nearly full: look at evictions, then take a larger node.",
        namespace=REDIS,
        metric="DatabaseMemoryUsagePercentage",
        dimensions=_cache(store),
        threshold=percent,
        period=300,
    )


def request_graphs(balancer: ApplicationLoadBalancer, service: FargateService) -> list[Graph]:
    """Return requests, errors and latency of a service, each of its sides a line."""
    sides = service.target_group_suffixes
    targets = {
        side: {"LoadBalancer": balancer.arn_suffix, "TargetGroup": suffix}
        for side, suffix in sides.items()
    }

    def lines(name: str, statistic: str, label: str) -> list[Metric]:
        return [
            Metric(
                namespace=ALB,
                name=name,
                dimensions=target,
                statistic=statistic,
                label=f"{label} {side}" if len(sides) > 1 else label,
            )
            for side, target in targets.items()
        ]

    errors = [
        *lines("HTTPCode_Target_4XX_Count", "Sum", "4xx"),
        *lines("HTTPCode_Target_5XX_Count", "Sum", "5xx"),
    ]
    latency = [
        line
        for percentile in ("p50", "p95", "p99")
        for line in lines("TargetResponseTime", percentile, percentile)
    ]
    return [
        Graph(title="Requests", metrics=lines("RequestCount", "Sum", "requests")),
        Graph(title="Errors", metrics=errors),
        Graph(title="Latency", metrics=latency),
    ]


def task_graph(context: Context[Any], service: FargateService) -> Graph:
    """Return CPU and memory of a service's tasks, each of its sides a line."""
    return Graph(
        title="CPU and memory",
        metrics=[
            Metric(
                namespace=ECS,
                name=name,
                dimensions={
                    "ClusterName": f"{context.product}-cluster",
                    "ServiceName": service_name,
                },
                label=f"{label} {side}" if len(service.service_names) > 1 else label,
            )
            for name, label in (("CPUUtilization", "CPU"), ("MemoryUtilization", "memory"))
            for side, service_name in service.service_names.items()
        ],
    )


def database_graphs(store: PostgresDatabase) -> list[Graph]:
    """Return connections, latency, CPU and, with a replica, how far it is behind."""
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


def cache_graphs(store: RedisCache) -> list[Graph]:
    """Return how often a cache knows the answer, and how full it is."""
    return [
        Graph(
            title=title,
            metrics=[
                Metric(namespace=REDIS, name=name, dimensions=_cache(store), statistic=statistic)
                for name in names
            ],
        )
        for title, names, statistic in (
            ("Hits and misses", ["CacheHits", "CacheMisses"], "Sum"),
            ("Memory", ["DatabaseMemoryUsagePercentage"], "Average"),
            ("Evictions", ["Evictions"], "Sum"),
        )
    ]


def _cache(store: RedisCache) -> dict[str, Any]:
    """Return the dimension of the first node, which is the primary until a failover."""
    return {"CacheClusterId": store.replication_group_id.apply(lambda name: f"{name}-001")}
