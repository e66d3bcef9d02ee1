"""A scalable target with its policies, alarms and scheduled actions."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component
from platformctl.components.compute.autoscaling import CpuSteps, Scaling

DIMENSION = "ecs:service:DesiredCount"
NAMESPACE = "ecs"
MINIMUM_TAG = "MinimumTasks"
"""Tag of a side's scalable target: the fewest tasks that it shall have while it serves."""


class _Target:
    """A scalable target, to which policies and scheduled actions belong."""

    def __init__(
        self,
        component: Component,
        side: str,
        service: aws.ecs.Service,
        scaling: Scaling,
        *,
        serves: bool,
    ) -> None:
        self.component = component
        self.service = service
        self.scaling = scaling
        self.suffix = f"-{side}" if side else ""
        self.cluster = service.cluster.apply(lambda arn: arn.rpartition("/")[2])
        suspended = ("dynamic_scaling_in", "dynamic_scaling_out", "scheduled_scaling")
        self.target = component.child(
            f"scaling{self.suffix}",
            aws.appautoscaling.Target,
            service_namespace=NAMESPACE,
            scalable_dimension=DIMENSION,
            resource_id=pulumi.Output.concat("service/", self.cluster, "/", service.name),
            # AWS lifts a service to the minimum as soon as it is told: a side that must not serve
            # has none, and follows nothing.
            min_capacity=scaling.minimum if serves else 0,
            max_capacity=scaling.maximum,
            suspended_state={f"{name}_suspended": not serves for name in suspended},
            tags={MINIMUM_TAG: str(scaling.minimum)} if side else {},
            options=pulumi.ResourceOptions(
                ignore_changes=["minCapacity", "suspendedState"] if side else None
            ),
        )

    def child(self, key: str, kind: Any, **inputs: Any) -> Any:
        """Make something that belongs to the target."""
        return self.component.child(
            f"{key}{self.suffix}",
            kind,
            service_namespace=self.target.service_namespace,
            scalable_dimension=self.target.scalable_dimension,
            resource_id=self.target.resource_id,
            **inputs,
        )


def add_scaling(
    component: Component,
    side: str,
    service: aws.ecs.Service,
    scaling: Scaling,
    *,
    serves: bool,
) -> None:
    """Let autoscaling own a service's desired count.

    Args:
        component: Parent of what is made.
        side: The side of a blue-green service, whose minimum cutovers move; "" where Pulumi owns
            all of it.
        service: The ECS service.
        scaling: Bounds and what to follow.
        serves: Whether the service shall have tasks from the start.
    """
    target = _Target(component, side, service, scaling, serves=serves)
    if scaling.tracking is not None:
        target.child(
            "tracking",
            aws.appautoscaling.Policy,
            policy_type="TargetTrackingScaling",
            target_tracking_scaling_policy_configuration={
                **scaling.tracking.configuration(),
                "scale_in_cooldown": scaling.scale_in_seconds,
                "scale_out_cooldown": scaling.scale_out_seconds,
            },
        )
    if scaling.steps is not None:
        _add_steps(target, scaling.steps)
    for key, capacity in scaling.schedules.items():
        target.child(
            f"schedule-{key}",
            aws.appautoscaling.ScheduledAction,
            name=pulumi.Output.concat(service.name, f"-{key}"),
            schedule=capacity.schedule,
            timezone=capacity.timezone,
            scalable_target_action={
                "min_capacity": capacity.minimum,
                "max_capacity": capacity.maximum,
            },
        )


def _add_steps(target: _Target, steps: CpuSteps) -> None:
    """Make a step policy and its alarm for each direction."""
    scaling = target.scaling
    _add_step(
        target,
        "up",
        threshold=steps.up_percent,
        comparison="GreaterThanThreshold",
        periods=steps.up_periods,
        period=steps.period,
        adjustment={"scaling_adjustment": steps.up_tasks, "metric_interval_lower_bound": "0"},
        cooldown=scaling.scale_out_seconds,
    )
    _add_step(
        target,
        "down",
        threshold=steps.down_percent,
        comparison="LessThanThreshold",
        periods=steps.down_periods,
        period=steps.period,
        adjustment={"scaling_adjustment": -steps.down_tasks, "metric_interval_upper_bound": "0"},
        cooldown=scaling.scale_in_seconds,
    )


def _add_step(
    target: _Target,
    direction: str,
    *,
    threshold: float,
    comparison: str,
    periods: int,
    period: int,
    adjustment: Mapping[str, Any],
    cooldown: int,
) -> None:
    policy = target.child(
        f"step-{direction}",
        aws.appautoscaling.Policy,
        policy_type="StepScaling",
        step_scaling_policy_configuration={
            "adjustment_type": "ChangeInCapacity",
            "cooldown": cooldown,
            "metric_aggregation_type": "Average",
            "step_adjustments": [dict(adjustment)],
        },
    )
    target.component.child(
        f"cpu-{direction}{target.suffix}",
        aws.cloudwatch.MetricAlarm,
        name=pulumi.Output.concat(target.service.name, f"-scale-{direction}"),
        alarm_description=f"Scales {direction} by CPU; its action is a scaling policy.",
        namespace="AWS/ECS",
        metric_name="CPUUtilization",
        dimensions={"ClusterName": target.cluster, "ServiceName": target.service.name},
        statistic="Average",
        period=period,
        evaluation_periods=periods,
        threshold=threshold,
        comparison_operator=comparison,
        alarm_actions=[policy.arn],
    )
