"""Alarms and dashboard of the journal."""

from platformctl.components import (
    Alarm,
    ApplicationLoadBalancer,
    Graph,
    KubernetesWorkload,
    Metric,
)
from platformctl.config.aura import AuraAlarmsConfig
from platformctl.stacks.building import watch
from platformctl.stacks.products.aura.context import AuraContext, namespace
from platformctl.stacks.products.aura.stores import Stores

INSIGHTS, DOCUMENTS = "ContainerInsights", "AWS/DocDB"
PODS = ("pod_cpu_utilization", "pod_memory_utilization", "pod_number_of_container_restarts")


def alarms(context: AuraContext, balancer: ApplicationLoadBalancer, stores: Stores) -> None:
    """Make the alarms that wake somebody."""
    limits = context.config.alarms
    watch.alarms(
        context,
        {
            "high-error-rate": watch.server_errors(balancer, limits.target_errors),
            "slow-answers": watch.slow_answers(balancer, limits.latency_seconds),
            **watch.database_alarms(stores.database, context.config.database, limits.database_cpu),
            **watch.cache_alarms(stores.cache, limits.cache_memory),
            **_documents_alarms(stores, limits),
        },
    )


def _documents_alarms(stores: Stores, limits: AuraAlarmsConfig) -> dict[str, Alarm]:
    wanted = {
        "high-cpu": ("CPUUtilization", limits.database_cpu, "look at its slowest queries"),
        "many-connections": (
            "DatabaseConnections",
            limits.documents_connections,
            "look for who does not close them",
        ),
    }
    return {
        f"documents-{key}": Alarm(
            description=f"{metric} of the documents: {remedy}.",
            namespace=DOCUMENTS,
            metric=metric,
            dimensions={"DBClusterIdentifier": stores.documents.cluster_identifier},
            threshold=threshold,
            period=300,
        )
        for key, (metric, threshold, remedy) in wanted.items()
    }


def dashboard(
    context: AuraContext,
    balancer: ApplicationLoadBalancer,
    gateway: KubernetesWorkload,
    stores: Stores,
) -> None:
    """Make the dashboard of the whole product."""
    watch.dashboard(
        context,
        {
            "Gateway": _requests(balancer, gateway),
            "Pods": _pods(context),
            "Database": watch.database_graphs(stores.database),
            "Cache": watch.cache_graphs(stores.cache),
        },
    )


def _requests(balancer: ApplicationLoadBalancer, gateway: KubernetesWorkload) -> list[Graph]:
    target = {"LoadBalancer": balancer.arn_suffix}
    if gateway.target_group_suffix is not None:
        target["TargetGroup"] = gateway.target_group_suffix

    def counted(name: str) -> Metric:
        return Metric(namespace=watch.ALB, name=name, dimensions=target, statistic="Sum")

    return [
        Graph(title="Requests", metrics=[counted("RequestCount")]),
        Graph(
            title="Errors",
            metrics=[counted("HTTPCode_Target_4XX_Count"), counted("HTTPCode_Target_5XX_Count")],
        ),
        Graph(
            title="Latency",
            metrics=[
                Metric(
                    namespace=watch.ALB,
                    name="TargetResponseTime",
                    dimensions=target,
                    statistic=percentile,
                    label=percentile,
                )
                for percentile in ("p50", "p95", "p99")
            ],
        ),
    ]


def _pods(context: AuraContext) -> list[Graph]:
    place = {"ClusterName": namespace(context), "Namespace": namespace(context)}
    return [
        Graph(
            title=name.removeprefix("pod_").replace("_", " ").capitalize(),
            metrics=[Metric(namespace=INSIGHTS, name=name, dimensions=place)],
        )
        for name in PODS
    ]
