"""How a service is replaced by its next version: task by task, or side by side.

A service is made of sides. A rolling one has a single side, which ECS replaces task by task. A
blue-green one has two, each with a target group and an ECS service of its own; one of them serves,
the other one waits for the next version. Which one serves is decided by whoever cuts over, so that
Pulumi makes the sides, and from then on leaves alone what a cutover changes.
"""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component
from platformctl.components.compute.autoscaling_resources import MINIMUM_TAG, add_scaling
from platformctl.components.compute.service_args import BlueGreen, FargateServiceArgs, Rolling
from platformctl.components.compute.service_routing import (
    Route,
    add_rule,
    add_target_group,
    forward,
)

SOLE, BLUE, GREEN = "sole", "blue", "green"
SOLE_GROUP = "http"
AWAITING = {"Release": "awaiting-first-release"}
"""Tag of a service whose application has not been released yet."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a service.

    Attributes:
        key: `sole`, `blue` or `green`.
        active: Whether it serves when it is made.
        target_group: Its target group; None for a worker.
        service: Its ECS service.
    """

    key: str
    active: bool
    target_group: aws.lb.TargetGroup | None
    service: aws.ecs.Service


@dataclass(frozen=True, kw_only=True)
class Routing:
    """Target groups by side, and the rules that send requests to them.

    Attributes:
        groups: Side → target group.
        rule: Rule of the listener.
        test_rule: Rule of the test listener; None without sides.
    """

    groups: dict[str, aws.lb.TargetGroup]
    rule: aws.lb.ListenerRule
    test_rule: aws.lb.ListenerRule | None = None

    @property
    def rules(self) -> list[aws.lb.ListenerRule]:
        """Every rule there is."""
        return [self.rule, *([self.test_rule] if self.test_rule else [])]


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What the sides stand on.

    Attributes:
        task_definition_arn: The revision that they begin with.
        roles: Roles of their tasks.
        routing: How requests reach them; None for workers.
    """

    task_definition_arn: pulumi.Output[str]
    roles: Sequence[pulumi.Resource]
    routing: Routing | None


def add_routing(
    service: Component, deployment: Rolling | BlueGreen, route: Route, port: int
) -> Routing:
    """Make target groups and rules; of two sides, blue gets all requests and green the tests'."""
    if isinstance(deployment, Rolling):
        group = add_target_group(service, SOLE_GROUP, route, port)
        action = {"type": "forward", "target_group_arn": group.arn}
        rule = add_rule(service, "rule", route, route.listener_arn, action)
        return Routing(groups={SOLE: group}, rule=rule)
    # A rule whose actions are a cutover's goes on leading to what was the only target group.
    groups = {
        BLUE: add_target_group(service, BLUE, route, port, formerly=SOLE_GROUP),
        GREEN: add_target_group(service, GREEN, route, port),
    }
    serving = forward([(groups[BLUE].arn, 100), (groups[GREEN].arn, 0)])
    testing = forward([(groups[BLUE].arn, 0), (groups[GREEN].arn, 100)])
    ignored, test_listener = ["actions"], deployment.test_listener_arn
    return Routing(
        groups=groups,
        rule=add_rule(service, "rule", route, route.listener_arn, serving, ignored),
        test_rule=add_rule(service, "test-rule", route, test_listener, testing, ignored)
        if test_listener is not None
        else None,
    )


def add_intake(service: Component, deployment: Rolling | BlueGreen) -> aws.ssm.Parameter | None:
    """Make the parameter that says which side of a worker takes messages in, if it has one."""
    if isinstance(deployment, Rolling) or deployment.intake_parameter is None:
        return None
    return service.child(
        "intake",
        aws.ssm.Parameter,
        name=deployment.intake_parameter,
        type="String",
        description="Side that takes messages in: blue, green or none",
        insecure_value=BLUE,
        options=pulumi.ResourceOptions(ignore_changes=["insecureValue"]),
    )


def side_variables(
    deployment: Rolling | BlueGreen, intake: aws.ssm.Parameter | None
) -> dict[str, pulumi.Input[str]]:
    """Return what tasks know about their side; a cutover replaces `SIDE` for the green one."""
    if isinstance(deployment, Rolling):
        return {}
    return {"SIDE": BLUE, **({"INTAKE_PARAMETER": intake.name} if intake else {})}


def add_sides(service: Component, args: FargateServiceArgs, foundation: Foundation) -> list[Side]:
    """Make the ECS services, with their scaling."""
    keys = (SOLE,) if isinstance(args.deployment, Rolling) else (BLUE, GREEN)
    return [_side(service, args, key, foundation) for key in keys]


def _side(service: Component, args: FargateServiceArgs, key: str, foundation: Foundation) -> Side:
    routing, sole = foundation.routing, key == SOLE
    group = routing.groups.get(key) if routing else None
    active = key != GREEN
    serves = active and not args.awaiting_release
    ignored = ["desiredCount"] if args.scaling is not None else []
    made = service.child(
        "" if sole else f"service-{key}",
        aws.ecs.Service,
        name=args.service_name if sole else f"{args.service_name}-{key}",
        desired_count=args.desired_count if serves else 0,
        wait_for_steady_state=args.wait and not args.awaiting_release,
        task_definition=foundation.task_definition_arn,
        **_common(args),
        **_balanced(args, group),
        tags=_tags(args, sole=sole),
        options=pulumi.ResourceOptions(
            # ECS refuses a target group that no listener uses yet, and starts tasks at once: what
            # they may do must be in place.
            depends_on=[*(routing.rules if routing else []), *foundation.roles],
            ignore_changes=ignored if sole else ["taskDefinition", "desiredCount"],
        ),
    )
    if args.scaling is not None:
        add_scaling(service, "" if sole else key, made, args.scaling, serves=serves)
    return Side(key=key, active=active, target_group=group, service=made)


def _common(args: FargateServiceArgs) -> dict[str, Any]:
    """Return what the sides have in common."""
    return {
        "cluster": args.cluster_arn,
        "capacity_provider_strategies": _capacity(args.spot_percent),
        "platform_version": args.platform_version,
        "deployment_maximum_percent": 200,
        "deployment_minimum_healthy_percent": 100,
        "deployment_circuit_breaker": {"enable": True, "rollback": True},
        "enable_execute_command": False,
        "network_configuration": {
            "subnets": list(args.subnet_ids),
            "security_groups": list(args.security_group_ids),
            "assign_public_ip": False,
        },
        "enable_ecs_managed_tags": True,
        "propagate_tags": "SERVICE",
    }


def _tags(args: FargateServiceArgs, *, sole: bool) -> dict[str, str]:
    """Return what a service says about itself besides whose it is.

    How many tasks a side has is a cutover's to change, so that only a tag says how many it shall
    have while it serves, where autoscaling does not.
    """
    fixed = not sole and args.scaling is None
    count = {MINIMUM_TAG: str(args.desired_count)} if fixed else {}
    return {**(AWAITING if args.awaiting_release else {}), **count}


def _balanced(args: FargateServiceArgs, group: aws.lb.TargetGroup | None) -> dict[str, Any]:
    if group is None or args.route is None:
        return {}
    return {
        "load_balancers": [
            {
                "target_group_arn": group.arn,
                "container_name": args.container_name,
                "container_port": args.port,
            }
        ],
        "health_check_grace_period_seconds": args.route.grace_seconds(),
    }


def _capacity(spot_percent: int) -> list[dict[str, Any]]:
    shares = {"FARGATE": 100 - spot_percent, "FARGATE_SPOT": spot_percent}
    return [
        {"capacity_provider": provider, "weight": weight}
        for provider, weight in shares.items()
        if weight
    ]
