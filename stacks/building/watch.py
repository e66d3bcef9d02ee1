"""Alarms and graphs that products have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

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
from platformctl.config import tables
from platformctl.config.data import DatabaseConfig
from platformctl.stacks.products.context import Context

ALB, ECS, RDS, REDIS = "AWS/ApplicationELB", "AWS/ECS", "AWS/RDS", "AWS/ElastiCache"
SLOW_PERIODS = 3
BUSY_PERCENT, BUSY_PERIODS = 90, 5
LAG_SECONDS = 60
EVICTIONS = 1000
GIB = 2**30
STORAGE_LEFT, MANY_CONNECTIONS = 0.1, 0.8
"""Shares of what an instance has: of its storage, and of the connections it takes."""


def alarms(context: Context[Any], wanted: Mapping[str, Alarm], *, part: str = "alarms") -> Alarms:
    """Make a product's alarms; key → alarm."""
    return Alarms(
        context.name(part),
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


def service_alarms(
    context: Context[Any], name: str, service: FargateService, balancer: ApplicationLoadBalancer
) -> dict[str, Alarm]:
    """Tell when tasks of a service are busy, full or unwell, on either side.

    Args:
        context: The product.
        name: Name of the service within it.
        service: The service.
        balancer: Its load balancer; a worker has nothing to do with it.
    """
    alarms: dict[str, Alarm] = {}
    for side, service_name in service.service_names.items():
        of_side = name if len(service.service_names) == 1 else f"{name}-{side}"
        tasks = {"ClusterName": f"{context.product}-cluster", "ServiceName": service_name}
        for metric, word in (("CPUUtilization", "cpu"), ("MemoryUtilization", "memory")):
            alarms[f"{of_side}-high-{word}"] = Alarm(
                description=f"Tasks of {of_side} have little {word} left: look at what they do, "
                "then give them more or start more of them.",
                namespace=ECS,
                metric=metric,
                dimensions=tasks,
                threshold=BUSY_PERCENT,
                periods=BUSY_PERIODS,
                missing_data="notBreaching",
            )
    for side, suffix in service.target_group_suffixes.items():
        of_side = name if len(service.target_group_suffixes) == 1 else f"{name}-{side}"
        alarms[f"{of_side}-unhealthy"] = Alarm(
            description=f"Tasks of {of_side} fail their health check: look at their logs.",
            namespace=ALB,
            metric="UnHealthyHostCount",
            dimensions={"TargetGroup": suffix, "LoadBalancer": balancer.arn_suffix},
            statistic="Maximum",
            threshold=0,
            periods=2,
            missing_data="notBreaching",
        )
    return alarms


def database_alarms(
    store: PostgresDatabase, config: DatabaseConfig, cpu_percent: float
) -> dict[str, Alarm]:
    """Tell when a database or its replica runs out of something, or the replica is behind."""
    alarms = _instance_alarms("database", store.primary_identifier, config, cpu_percent)
    if store.replica_identifier is not None and config.replica is not None:
        replica = config.model_copy(update={"instance_class": config.replica.instance_class})
        alarms |= _instance_alarms("replica", store.replica_identifier, replica, cpu_percent)
        alarms["replica-lag"] = Alarm(
            description="The replica is behind: readers see old answers. Look at long queries.",
            namespace=RDS,
            metric="ReplicaLag",
            dimensions={"DBInstanceIdentifier": store.replica_identifier},
            threshold=LAG_SECONDS,
            periods=SLOW_PERIODS,
        )
    return alarms


def _instance_alarms(
    name: str, identifier: pulumi.Output[str], config: DatabaseConfig, cpu_percent: float
) -> dict[str, Alarm]:
    connections = tables.max_connections(config.instance_class)
    wanted = {
        "high-cpu": ("CPUUtilization", cpu_percent, False, "look at its slowest statements"),
        "low-storage": (
            "FreeStorageSpace",
            config.allocated_storage * GIB * STORAGE_LEFT,
            True,
            "add storage before it is full and stops",
        ),
        "many-connections": (
            "DatabaseConnections",
            int(connections * MANY_CONNECTIONS),
            False,
            "look for who does not close them",
        ),
    }
    return {
        f"{name}-{key}": Alarm(
            description=f"{metric} of the {name}: {remedy}.",
            namespace=RDS,
            metric=metric,
            dimensions={"DBInstanceIdentifier": identifier},
            threshold=threshold,
            below=below,
            period=300,
        )
        for key, (metric, threshold, below, remedy) in wanted.items()
    }


def cache_alarms(store: RedisCache, memory_percent: float) -> dict[str, Alarm]:
    """Tell when a cache is nearly full, or forgets what is still wanted."""
    return {
        "cache-memory": cache_memory(store, memory_percent),
        "cache-evictions": Alarm(
            description="The cache forgets what is still wanted: take a larger node.",
            namespace=REDIS,
            metric="Evictions",
            dimensions=_cache(store),
            statistic="Sum",
            threshold=EVICTIONS,
            period=300,
            missing_data="notBreaching",
        ),
    }


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
