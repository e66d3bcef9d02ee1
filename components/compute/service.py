"""A service on Fargate, with or without a load balancer in front."""

import pulumi

from platformctl.components.base import Component
from platformctl.components.compute.service_args import BlueGreen, FargateServiceArgs
from platformctl.components.compute.service_sides import (
    Foundation,
    add_intake,
    add_routing,
    add_sides,
    side_variables,
)
from platformctl.components.compute.task_surroundings import Program, add_task
from platformctl.components.security.access import read_parameter
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs, Statement

OUTPUTS = (
    *("service_name", "service_names", "task_definition_arn", "task_role_arn", "log_group_name"),
    *("target_group_arn", "target_group_suffix", "target_group_arns", "target_group_suffixes"),
    *("rule_arn", "test_rule_arn", "intake_parameter", "retire_role_arn"),
)


class FargateService(Component):
    """A service on ECS Fargate, replaced task by task or side by side.

    Makes a log group, an execution role (may pull this image, read these secrets and write this
    log, nothing else), a task role (may do what `statements` say), a task definition, and the
    service with a deployment circuit breaker; with a `route`, also a target group and a listener
    rule; with `scaling`, a scalable target and policies, and Pulumi leaves the desired count alone.

    With `deployment=BlueGreen(...)` there are two of each: ECS services `<name>-blue` and
    `<name>-green` with a target group each. The rule sends all requests to blue, and a rule of the
    test listener sends its own to green, which has no tasks yet. Of a worker, an SSM parameter says
    which side takes messages in. From then on Pulumi leaves alone the rules' actions, the
    parameter's value, the services' task definition and count, and the minimum and suspension of
    their scaling: those are a cutover's.

    Example::

        FargateService("web", FargateServiceArgs(..., port=8080, route=Route(
            listener_arn=balancer.listener_arn, vpc_id=network.vpc_id, priority=10, paths=["/*"])))
        FargateService("worker", FargateServiceArgs(..., spot_percent=100, scaling=Scaling(
            minimum=2, maximum=10, tracking=CpuTracking(target=70))))
        FargateService("api", FargateServiceArgs(..., port=8080, route=Route(...),
            deployment=BlueGreen(test_listener_arn=balancer.test_listener_arn)))

    Monthly cost in us-east-1: each task is 730 h × (vCPU × $0.04048 + GB × $0.004445); three tasks
    of 0.25 vCPU and 0.5 GB are 3 × 730 × ($0.01012 + $0.00222) = $27.03, and five of 0.5 vCPU and
    1 GB are $90.10. Spot takes about 70 % off.

    Attributes:
        service_name: Its name in ECS; of two sides, blue's.
        service_names: Side (`sole`, or `blue` and `green`) → name in ECS.
        task_definition_arn: ARN of the task definition's revision.
        task_role_arn: ARN of the task role.
        log_group_name: Its log group.
        target_group_arn: Its target group, of two sides blue's; None for a worker.
        target_group_suffix: That target group as CloudWatch's dimension; None for a worker.
        target_group_arns: Side → target group.
        target_group_suffixes: Side → target group as CloudWatch's dimension.
        rule_arn: The listener's rule; None for a worker.
        test_rule_arn: The test listener's rule; None without sides.
        intake_parameter: SSM parameter that says which side takes messages in; None without one.
        retire_role_arn: Role by which EventBridge Scheduler stops the side that was replaced;
            None without sides.
    """

    service_name: pulumi.Output[str]
    service_names: dict[str, pulumi.Output[str]]
    task_definition_arn: pulumi.Output[str]
    task_role_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    target_group_arn: pulumi.Output[str] | None
    target_group_suffix: pulumi.Output[str] | None
    target_group_arns: dict[str, pulumi.Output[str]]
    target_group_suffixes: dict[str, pulumi.Output[str]]
    rule_arn: pulumi.Output[str] | None
    test_rule_arn: pulumi.Output[str] | None
    intake_parameter: pulumi.Output[str] | None
    retire_role_arn: pulumi.Output[str] | None

    def __init__(
        self, name: str, args: FargateServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:FargateService", name, args, opts)
        self.args = args
        self.intake = add_intake(self, args.deployment)
        made = add_task(self, args, _program(self))
        self.log_group_name = made.log_group_name
        self.execution_role = made.execution_role
        self.task_role = made.task_role
        self.task_definition = made.definition
        self.routing = None
        if args.route is not None and args.port is not None:
            self.routing = add_routing(self, args.deployment, args.route, args.port)
        foundation = Foundation(
            task_definition_arn=self.task_definition.arn,
            roles=[self.task_role, self.execution_role],
            routing=self.routing,
        )
        self.sides = add_sides(self, args, foundation)
        self._announce()

    def _announce(self) -> None:
        """Register the outputs."""
        routing, groups = self.routing, self.routing.groups if self.routing else {}
        first = self.sides[0]
        self.service_name = first.service.name
        self.service_names = {side.key: side.service.name for side in self.sides}
        self.task_definition_arn = self.task_definition.arn
        self.task_role_arn = self.task_role.arn
        self.target_group_arns = {key: group.arn for key, group in groups.items()}
        self.target_group_suffixes = {key: group.arn_suffix for key, group in groups.items()}
        self.target_group_arn = self.target_group_arns.get(first.key)
        self.target_group_suffix = self.target_group_suffixes.get(first.key)
        test_rule = routing.test_rule if routing else None
        self.rule_arn = routing.rule.arn if routing else None
        self.test_rule_arn = test_rule.arn if test_rule else None
        self.retire_role_arn = _retirement(self).arn if len(self.sides) > 1 else None
        self.intake_parameter = self.intake.name if self.intake else None
        self.finish(*OUTPUTS)


def _retirement(component: FargateService) -> ServiceRole:
    """Make the role that may set the desired count of either side, and nothing else."""
    services = [side.service.arn for side in component.sides]
    return ServiceRole(
        f"{component.name}-retire",
        ServiceRoleArgs(
            service="scheduler.amazonaws.com",
            statements=[Statement(actions=["ecs:UpdateService"], resources=services)],
            tags=component.args.tags,
        ),
        component.options(),
    )


def _program(component: FargateService) -> Program:
    args, intake = component.args, component.intake
    return Program(
        family=args.service_name,
        port=args.port,
        environment=side_variables(args.deployment, intake),
        statements=read_parameter(intake.arn) if intake else (),
        health_command=args.health_command,
        tracing=args.tracing,
        metrics=args.metrics,
        keep_revisions=isinstance(args.deployment, BlueGreen),
    )
