"""How many tasks a service runs, and who decides."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component

DIMENSION = "ecs:service:DesiredCount"
NAMESPACE = "ecs"


@dataclass(frozen=True, kw_only=True)
class CpuTracking:
    """Keep the average CPU of the service at a value.

    Attributes:
        target: Percent.
    """

    target: float = 70.0

    def configuration(self) -> dict[str, Any]:
        """Return what Application Auto Scaling calls it."""
        return {
            "predefined_metric_specification": {
                "predefined_metric_type": "ECSServiceAverageCPUUtilization"
            },
            "target_value": self.target,
        }


@dataclass(frozen=True, kw_only=True)
class MetricTracking:
    """Keep a metric of one's own at a value.

    Attributes:
        namespace: CloudWatch namespace.
        metric: Name of the metric, published without dimensions.
        target: Value to keep.
        statistic: Statistic of the metric.
    """

    namespace: str
    metric: str
    target: float
    statistic: str = "Average"

    def configuration(self) -> dict[str, Any]:
        """Return what Application Auto Scaling calls it."""
        return {
            "customized_metric_specification": {
                "namespace": self.namespace,
                "metric_name": self.metric,
                "statistic": self.statistic,
            },
            "target_value": self.target,
        }


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Bounds of a service, and what it follows between them.

    Attributes:
        minimum: Fewest tasks.
        maximum: Most tasks.
        tracking: What to keep at which value.
        scale_in_seconds: Seconds between two decisions for fewer tasks.
        scale_out_seconds: Seconds between two decisions for more.
    """

    minimum: int
    maximum: int
    tracking: CpuTracking | MetricTracking
    scale_in_seconds: int = 300
    scale_out_seconds: int = 60

    def mistakes(self, desired: int) -> Iterator[str]:
        """Yield one sentence for each bound that cannot be."""
        if self.minimum > self.maximum:
            yield f"scaling has minimum {self.minimum}: must not exceed maximum {self.maximum}"
        elif not self.minimum <= desired <= self.maximum:
            yield f"desired_count is {desired}: must be from {self.minimum} to {self.maximum}"


def add_scaling(component: Component, service: aws.ecs.Service, scaling: Scaling) -> None:
    """Let autoscaling own the service's desired count."""
    resource_id = pulumi.Output.all(service.cluster, service.name).apply(
        lambda found: f"service/{found[0].rpartition('/')[2]}/{found[1]}"
    )
    target = component.child(
        "scaling",
        aws.appautoscaling.Target,
        service_namespace=NAMESPACE,
        scalable_dimension=DIMENSION,
        resource_id=resource_id,
        min_capacity=scaling.minimum,
        max_capacity=scaling.maximum,
    )
    component.child(
        "tracking",
        aws.appautoscaling.Policy,
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        policy_type="TargetTrackingScaling",
        target_tracking_scaling_policy_configuration={
            **scaling.tracking.configuration(),
            "scale_in_cooldown": scaling.scale_in_seconds,
            "scale_out_cooldown": scaling.scale_out_seconds,
        },
    )
