"""A service on Fargate, with or without a load balancer in front."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from platformctl.components.base import Args, Component, Supporting
from platformctl.components.compute.autoscaling import Scaling
from platformctl.components.compute.service_routing import Route
from platformctl.components.compute.service_sides import (
    BlueGreen,
    Rolling,
    add_routing,
    add_sides,
)
from platformctl.components.compute.task import (
    LONGEST_STOP,
    Task,
    add_task_definition,
    environment_mistakes,
    image_mistakes,
    unreleased,
)
from platformctl.components.observability.logs import LogGroup, LogGroupArgs
from platformctl.components.security.access import (
    pull_image,
    read_secret,
    write_logs,
    write_traces,
)
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs, Statement
from platformctl.config.tables import FARGATE_MEMORY

OUTPUTS = (
    *("service_name", "service_names", "task_definition_arn", "task_role_arn", "log_group_name"),
    *("target_group_arn", "target_group_suffix", "target_group_arns", "target_group_suffixes"),
    *("rule_arn", "test_rule_arn"),
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,247}")
"""Name of a service, with room for the name of a side."""


@dataclass(frozen=True, kw_only=True)
class FargateServiceArgs(Args):
    """What a service is.

    Attributes:
        service_name: Its name in ECS; also its task definition's family. Blue-green sides append
            `-blue` and `-green`.
        container_name: Name of its container.
        region: Region it runs in.
        cluster_arn: The cluster.
        cluster_name: The cluster's name.
        image: Image reference with a tag or digest.
        repository_arn: ECR repository of the image.
        subnet_ids: Subnets of the tasks.
        security_group_ids: Groups of the tasks.
        cpu: CPU units of a task.
        memory: Memory of a task in MiB.
        desired_count: Tasks to run; with `scaling` or sides, only the count to start with.
        port: Port that the container serves.
        environment: Environment variables, none of them secret.
        secrets: Environment variables → Secrets Manager reference (`StoredSecret.reference`).
        secret_arns: ARNs of the secrets referred to.
        secret_key_arn: KMS key of those secrets.
        statements: What the task may do (`components.security.access`).
        health_command: Command that exits 0 while the container is healthy.
        stop_timeout: Seconds between SIGTERM and SIGKILL.
        user: User and group of the program, as numbers; not root.
        writable_paths: Folders it may write to; the rest of its file system is read-only.
        platform_version: Version of Fargate.
        tracing: Whether an OpenTelemetry collector runs beside it and hands its traces to X-Ray.
        route: Requests that go to it; without one it is a worker.
        deployment: How the next version replaces it: `Rolling()`, or `BlueGreen(...)`, where
            Pulumi leaves counts, versions and weights to cutovers after it has made the sides.
        awaiting_release: Whether its application has no release yet: it is made, and no task runs.
        scaling: Bounds and what it follows between them.
        spot_percent: Share of its tasks on Fargate Spot.
        log_group: Its log group: `existing` is a group's ARN; `/ecs/<service_name>` by default.
        log_key_arn: KMS key of its logs.
        log_retention_days: Days to keep its logs.
        wait: Whether a deployment waits until the service is steady.
    """

    service_name: str
    container_name: str
    region: str
    cluster_arn: pulumi.Input[str]
    cluster_name: pulumi.Input[str]
    image: pulumi.Input[str]
    repository_arn: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    cpu: int = 256
    memory: int = 512
    desired_count: int = 2
    port: int | None = None
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secret_arns: Sequence[pulumi.Input[str]] = ()
    secret_key_arn: pulumi.Input[str] | None = None
    statements: Sequence[Statement] = ()
    health_command: Sequence[str] = ()
    stop_timeout: int = 30
    user: str = "10001:10001"
    writable_paths: Sequence[str] = ()
    platform_version: str = "LATEST"
    tracing: bool = False
    route: Route | None = None
    deployment: Rolling | BlueGreen = field(default_factory=Rolling)
    awaiting_release: bool = False
    scaling: Scaling | None = None
    spot_percent: int = 0
    log_group: Supporting[LogGroupArgs] | None = None
    log_key_arn: pulumi.Input[str] | None = None
    log_retention_days: int = 365
    wait: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not _NAME.fullmatch(self.service_name):
            yield f"service_name is {self.service_name!r}: letters, digits, - and _, at most 248"
        if self.log_group is not None:
            yield from self.log_group.mistakes("log_group")
            if self.log_group.skip:
                yield "log_group cannot be skipped: a service without logs cannot be operated"
        yield from _size_mistakes(self)
        if self.user.partition(":")[0] in ("0", "root"):
            yield f"user is {self.user!r}: must not be root"
        if not 0 <= self.stop_timeout <= LONGEST_STOP:
            yield f"stop_timeout is {self.stop_timeout}: must be 0 to {LONGEST_STOP}"
        if self.route is not None:
            yield from _route_mistakes(self, self.route)
        if self.scaling is not None:
            yield from self.scaling.mistakes(self.desired_count)
        if not 0 <= self.spot_percent <= 100:
            yield f"spot_percent is {self.spot_percent}: must be 0 to 100"
        if not self.awaiting_release:
            yield from image_mistakes(self.image)
        yield from environment_mistakes(self.environment)
        for name in sorted(set(self.environment) & set(self.secrets)):
            yield f"{name} is both in environment and in secrets"


def _size_mistakes(args: FargateServiceArgs) -> Iterator[str]:
    memory = FARGATE_MEMORY.get(args.cpu)
    if memory is None:
        yield f"cpu is {args.cpu}: must be one of {', '.join(map(str, FARGATE_MEMORY))}"
    elif args.memory not in memory:
        allowed = ", ".join(map(str, memory))
        yield f"memory is {args.memory}: must be one of {allowed} where cpu is {args.cpu}"


def _route_mistakes(args: FargateServiceArgs, route: Route) -> Iterator[str]:
    if args.port is None:
        yield "port is missing: a service with a route needs one"
    if isinstance(args.deployment, BlueGreen) and args.deployment.test_listener_arn is None:
        yield "deployment has no test_listener_arn: a blue-green service with a route needs one"
    yield from route.mistakes()


class FargateService(Component):
    """A service on ECS Fargate, replaced task by task or side by side.

    Makes a log group, an execution role (may pull this image, read these secrets and write this
    log, nothing else), a task role (may do what `statements` say), a task definition, and the
    service with a deployment circuit breaker; with a `route`, also a target group and a listener
    rule; with `scaling`, a scalable target and policies, and Pulumi leaves the desired count alone.

    With `deployment=BlueGreen(...)` there are two of each: ECS services `<name>-blue` and
    `<name>-green` with a target group each. The rule sends all requests to blue, and a rule of the
    test listener sends its own to green, which has no tasks yet. From then on Pulumi leaves alone
    the rules' actions, the services' task definition and count, and the minimum and suspension of
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

    def __init__(
        self, name: str, args: FargateServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:FargateService", name, args, opts)
        self.args = args
        log_group_arn, self.log_group_name = _log_group(self)
        self.execution_role = _execution_role(self, log_group_arn)
        self.task_role = _task_role(self)
        self.task_definition = add_task_definition(self, _task(self))
        self.routing = None
        if args.route is not None and args.port is not None:
            self.routing = add_routing(self, args.route, args.port)
        self.sides = add_sides(self, self.routing)
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
        self.finish(*OUTPUTS)


def _log_group(component: FargateService) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """Return ARN and name of the log group."""
    args = component.args
    wanted = args.log_group or Supporting()
    if wanted.existing is not None:
        arn = pulumi.Output.from_input(wanted.existing)
        return arn, arn.apply(lambda text: text.partition(":log-group:")[2])
    default = LogGroupArgs(
        name=f"/ecs/{args.service_name}",
        retention_days=args.log_retention_days,
        key_arn=args.log_key_arn,
        tags=args.tags,
    )
    group = LogGroup(f"{component.name}-logs", wanted.args or default, component.options())
    return group.arn, group.group_name


def _execution_role(component: FargateService, log_group_arn: pulumi.Output[str]) -> ServiceRole:
    args = component.args
    statements = [*pull_image(args.repository_arn), *write_logs(log_group_arn)]
    for arn in args.secret_arns:
        statements += read_secret(arn)
    if args.secret_arns and args.secret_key_arn is not None:
        statements.append(Statement(actions=["kms:Decrypt"], resources=[args.secret_key_arn]))
    return ServiceRole(
        f"{component.name}-execution",
        ServiceRoleArgs(service="ecs-tasks.amazonaws.com", statements=statements, tags=args.tags),
        component.options(),
    )


def _task_role(component: FargateService) -> ServiceRole:
    args = component.args
    return ServiceRole(
        f"{component.name}-task",
        ServiceRoleArgs(
            service="ecs-tasks.amazonaws.com",
            statements=[*args.statements, *(write_traces() if args.tracing else ())],
            tags=args.tags,
        ),
        component.options(),
    )


def _task(component: FargateService) -> Task:
    args = component.args
    return Task(
        family=args.service_name,
        container_name=args.container_name,
        image=unreleased(args.image) if args.awaiting_release else args.image,
        cpu=args.cpu,
        memory=args.memory,
        port=args.port,
        environment=args.environment,
        secrets=args.secrets,
        health_command=args.health_command,
        stop_timeout=args.stop_timeout,
        log_group_name=component.log_group_name,
        region=args.region,
        task_role_arn=component.task_role.arn,
        execution_role_arn=component.execution_role.arn,
        user=args.user,
        writable_paths=args.writable_paths,
        tracing=args.tracing,
        keep_revisions=isinstance(args.deployment, BlueGreen),
    )
