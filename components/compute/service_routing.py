"""How a load balancer's requests reach a service: target groups and rules."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component
from platformctl.naming.names import fit

# What AWS accepts: CreateTargetGroup and CreateRule in the Elastic Load Balancing API.
PROBE_RANGES = {
    "interval": (5, 300),
    "timeout": (2, 120),
    "healthy_threshold": (2, 10),
    "unhealthy_threshold": (2, 10),
}
PRIORITIES = (1, 50_000)
LONGEST_DELAY = 3600
SHORTEST_GRACE = 60
"""Seconds that a task gets to start at least: frequent probes make no program start faster."""
MOST_CONDITION_VALUES = 5
LONGEST_PATH_PATTERN = 128


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """How the load balancer finds out whether a task is well.

    Attributes:
        path: Path it asks for; 200 means well.
        interval: Seconds between two probes.
        timeout: Seconds a probe may take.
        healthy_threshold: Probes in a row that make a task healthy.
        unhealthy_threshold: Probes in a row that make a task unhealthy.
    """

    path: str = "/health"
    interval: int = 30
    timeout: int = 5
    healthy_threshold: int = 3
    unhealthy_threshold: int = 2

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not self.path.startswith("/"):
            yield f"health_check has path {self.path!r}: must begin with /"
        for name, (low, high) in PROBE_RANGES.items():
            if not low <= getattr(self, name) <= high:
                yield f"health_check has {name} {getattr(self, name)}: must be {low} to {high}"
        if self.timeout >= self.interval:
            yield f"health_check has timeout {self.timeout}: must be less than its interval"

    def inputs(self) -> dict[str, Any]:
        """Return the health check of a target group."""
        return {
            "enabled": True,
            "path": self.path,
            "matcher": "200",
            "protocol": "HTTP",
            "port": "traffic-port",
            "interval": self.interval,
            "timeout": self.timeout,
            "healthy_threshold": self.healthy_threshold,
            "unhealthy_threshold": self.unhealthy_threshold,
        }


@dataclass(frozen=True, kw_only=True)
class Route:
    """Which requests of a load balancer go to the service.

    Attributes:
        listener_arn: The listener.
        vpc_id: VPC of the tasks.
        priority: Place among the listener's rules; lower ones are asked first.
        paths: Path patterns.
        methods: HTTP methods; all without any.
        health_check: Health checks of the tasks.
        deregistration_delay: Seconds that a leaving task may take to finish its requests.
    """

    listener_arn: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    priority: int
    paths: Sequence[str]
    methods: Sequence[str] = ()
    health_check: HealthCheck = field(default_factory=HealthCheck)
    deregistration_delay: int = 30

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        low, high = PRIORITIES
        if not low <= self.priority <= high:
            yield f"route has priority {self.priority}: must be {low} to {high}"
        if not self.paths:
            yield "route has no paths"
        for path in self.paths:
            if len(path) > LONGEST_PATH_PATTERN:
                yield f"route has path {path!r}: at most {LONGEST_PATH_PATTERN} characters"
        values = len(self.paths) + len(self.methods)
        if values > MOST_CONDITION_VALUES:
            yield f"route has {values} paths and methods: at most {MOST_CONDITION_VALUES} in all"
        if not 0 <= self.deregistration_delay <= LONGEST_DELAY:
            delay = self.deregistration_delay
            yield f"route has deregistration_delay {delay}: must be 0 to {LONGEST_DELAY}"
        yield from self.health_check.mistakes()

    def grace_seconds(self) -> int:
        """Return the seconds that a new task has before probes count against it."""
        probes = self.health_check.interval * (self.health_check.healthy_threshold + 1)
        return max(probes, SHORTEST_GRACE)


def add_target_group(
    component: Component, key: str, route: Route, port: int, *, formerly: str = ""
) -> aws.lb.TargetGroup:
    """Make a target group of a service as a child of a component.

    Args:
        component: Its parent.
        key: Its key among the children.
        route: Which requests it gets.
        port: Port of the tasks.
        formerly: Key that the same target group had before.
    """
    options = None
    if formerly:
        name = fit(component.name, "target group", automatic=True, ending=f"-{formerly}")
        options = pulumi.ResourceOptions(aliases=[pulumi.Alias(name=name)])
    return component.child(
        key,
        aws.lb.TargetGroup,
        limit="target group",
        port=port,
        protocol="HTTP",
        target_type="ip",
        vpc_id=route.vpc_id,
        deregistration_delay=route.deregistration_delay,
        health_check=route.health_check.inputs(),
        options=options,
    )


def add_rule(
    component: Component,
    key: str,
    route: Route,
    listener_arn: pulumi.Input[str],
    action: Mapping[str, Any],
    ignore_changes: Sequence[str] = (),
) -> aws.lb.ListenerRule:
    """Make a rule that sends a route's requests where an action says.

    Args:
        component: Parent of the rule.
        key: The rule's key among the children.
        route: Which requests.
        listener_arn: The listener; the route's own or another one.
        action: What to do with them.
        ignore_changes: Properties that Pulumi leaves alone after creation.
    """
    conditions: list[dict[str, Any]] = [{"path_pattern": {"values": list(route.paths)}}]
    if route.methods:
        conditions.append({"http_request_method": {"values": list(route.methods)}})
    return component.child(
        key,
        aws.lb.ListenerRule,
        listener_arn=listener_arn,
        priority=route.priority,
        conditions=conditions,
        actions=[dict(action)],
        options=pulumi.ResourceOptions(ignore_changes=list(ignore_changes) or None),
    )


def forward(weights: Sequence[tuple[pulumi.Input[str], int]]) -> dict[str, Any]:
    """Return the action that spreads requests over target groups by weight."""
    groups = [{"arn": arn, "weight": weight} for arn, weight in weights]
    return {"type": "forward", "forward": {"target_groups": groups}}
