"""Metrics of load balancers: what processes counted, into CloudWatch under AWS's names."""

import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from platformctl.region.runtime import Runtime
from platformctl.region.services.registry import SERVICES

if TYPE_CHECKING:
    from platformctl.region.services.cloudwatch.service import Monitoring

NAMESPACE = "AWS/ApplicationELB"
_SECONDS = frozenset({"TargetResponseTime"})


def monitoring(runtime: Runtime) -> "Monitoring | None":
    """Return the region's CloudWatch; None in a region without one."""
    path = SERVICES.get("cloudwatch")
    if path is None:
        return None
    module, _, name = path.partition(":")
    return runtime.service(getattr(importlib.import_module(module), name))


def record_metrics(
    runtime: Runtime, region: str, load_balancer: str, metrics: Sequence[Sequence[Any]], at: float
) -> None:
    """Record one report: per target group and for the load balancer as a whole.

    Like AWS, target metrics appear under the load balancer alone, and under it with the group.

    Args:
        runtime: The region.
        region: Region name.
        load_balancer: The load balancer, as its metrics name it.
        metrics: Per target group, "" for the load balancer itself: metric → values.
        at: When it was counted, seconds since the epoch.
    """
    cloudwatch = monitoring(runtime)
    if cloudwatch is None:
        return
    for group, counted in metrics:
        dimensions = {"LoadBalancer": load_balancer}
        if group:
            dimensions = {"TargetGroup": group, **dimensions}
        for metric, numbers in {**counted, **_per_target(counted)}.items():
            unit = "Seconds" if metric in _SECONDS else "Count"
            cloudwatch.record(region, NAMESPACE, metric, dimensions, numbers, unit, at)
            summed = metric.startswith(("HTTPCode_Target", "Target"))
            if metric == "RequestCountPerTarget":
                alone = {"TargetGroup": group}
                cloudwatch.record(region, NAMESPACE, metric, alone, numbers, unit, at)
            if group and summed:
                whole = {"LoadBalancer": load_balancer}
                cloudwatch.record(region, NAMESPACE, metric, whole, numbers, unit, at)


def _per_target(values: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Return the requests that each target got on average."""
    targets = sum(values.get("HealthyHostCount") or ())
    requests = sum(values.get("RequestCount") or ())
    return {"RequestCountPerTarget": [requests / targets]} if requests and targets else {}
