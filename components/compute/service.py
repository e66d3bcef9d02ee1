"""A service on Fargate, with or without a load balancer in front."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component, Supporting
from platformctl.components.compute.autoscaling import Scaling, add_scaling
from platformctl.components.compute.task import Task, add_task_definition
from platformctl.components.observability.logs import LogGroup, LogGroupArgs
from platformctl.components.security.access import pull_image, read_secret, write_logs
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs, Statement
from platformctl.config.tables import FARGATE_MEMORY


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


@dataclass(frozen=True, kw_only=True)
class FargateServiceArgs(Args):
    """What a service is.

    Attributes:
        service_name: Its name in ECS; also its task definition's family.
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
        desired_count: Tasks to run; with `scaling`, only the count to start with.
        port: Port that the container serves.
        environment: Environment variables, none of them secret.
        secrets: Environment variables → Secrets Manager reference (`StoredSecret.reference`).
        secret_arns: ARNs of the secrets referred to.
        secret_key_arn: KMS key of those secrets.
        statements: What the task may do (`components.security.access`).
        health_command: Command that exits 0 while the container is healthy.
        stop_timeout: Seconds between SIGTERM and SIGKILL.
        route: Requests that go to it; without one it is a worker.
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
    route: Route | None = None
    scaling: Scaling | None = None
    spot_percent: int = 0
    log_group: Supporting[LogGroupArgs] | None = None
    log_key_arn: pulumi.Input[str] | None = None
    log_retention_days: int = 365
    wait: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if self.log_group is not None:
            yield from self.log_group.mistakes("log_group")
            if self.log_group.skip:
                yield "log_group cannot be skipped: a service without logs cannot be operated"
        memory = FARGATE_MEMORY.get(self.cpu)
        if memory is None:
            yield f"cpu is {self.cpu}: must be one of {', '.join(map(str, FARGATE_MEMORY))}"
        elif self.memory not in memory:
            allowed = ", ".join(map(str, memory))
            yield f"memory is {self.memory}: must be one of {allowed} where cpu is {self.cpu}"
        if self.route is not None and self.port is None:
            yield "port is missing: a service with a route needs one"
        if self.scaling is not None:
            yield from self.scaling.mistakes(self.desired_count)
        if not 0 <= self.spot_percent <= 100:
            yield f"spot_percent is {self.spot_percent}: must be 0 to 100"
        for name in sorted(set(self.environment) & set(self.secrets)):
            yield f"{name} is both in environment and in secrets"


class FargateService(Component):
    """A service on ECS Fargate that replaces its tasks one by one and rolls back by itself.

    Makes a log group, an execution role (may pull this image, read these secrets and write this
    log, nothing else), a task role (may do what `statements` say), a task definition, and the
    service with a deployment circuit breaker; with a `route`, also a target group and a listener
    rule; with `scaling`, a scalable target and a policy, and Pulumi leaves the desired count alone.

    Example::

        FargateService("web", FargateServiceArgs(..., port=8080, route=Route(
            listener_arn=balancer.listener_arn, vpc_id=network.vpc_id, priority=10, paths=["/*"])))
        FargateService("worker", FargateServiceArgs(..., spot_percent=100, scaling=Scaling(
            minimum=2, maximum=10, tracking=CpuTracking(target=70))))

    Monthly cost in us-east-1: each task is 730 h × (vCPU × $0.04048 + GB × $0.004445); three tasks
    of 0.25 vCPU and 0.5 GB are 3 × 730 × ($0.01012 + $0.00222) = $27.03, and five of 0.5 vCPU and
    1 GB are $90.10. Spot takes about 70 % off.

    Attributes:
        service_name: Its name in ECS.
        task_definition_arn: ARN of the task definition's revision.
        task_role_arn: ARN of the task role.
        log_group_name: Its log group.
        target_group_arn: Its target group; None for a worker.
        target_group_suffix: The target group as CloudWatch's dimension; None for a worker.
    """

    service_name: pulumi.Output[str]
    task_definition_arn: pulumi.Output[str]
    task_role_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    target_group_arn: pulumi.Output[str] | None
    target_group_suffix: pulumi.Output[str] | None

    def __init__(
        self, name: str, args: FargateServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:FargateService", name, args, opts)
        self.args = args
        log_group_arn, self.log_group_name = _log_group(self)
        self.execution_role = _execution_role(self, log_group_arn)
        self.task_role = ServiceRole(
            f"{name}-task",
            ServiceRoleArgs(
                service="ecs-tasks.amazonaws.com", statements=args.statements, tags=args.tags
            ),
            self.options(),
        )
        self.task_definition = add_task_definition(self, _task(self))
        self.target_group, self.rule = _route(self, args.route) if args.route else (None, None)
        self.service = _service(self)
        if args.scaling is not None:
            add_scaling(self, self.service, args.scaling)
        self.service_name = self.service.name
        self.task_definition_arn = self.task_definition.arn
        self.task_role_arn = self.task_role.arn
        group = self.target_group
        self.target_group_arn = group.arn if group else None
        self.target_group_suffix = group.arn_suffix if group else None
        self.finish(
            "service_name",
            "task_definition_arn",
            "task_role_arn",
            "log_group_name",
            "target_group_arn",
            "target_group_suffix",
        )


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


def _task(component: FargateService) -> Task:
    args = component.args
    return Task(
        family=args.service_name,
        container_name=args.container_name,
        image=args.image,
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
    )


def _route(
    component: FargateService, route: Route
) -> tuple[aws.lb.TargetGroup, aws.lb.ListenerRule]:
    args, check = component.args, route.health_check
    group = component.child(
        "http",
        aws.lb.TargetGroup,
        limit="target group",
        port=args.port,
        protocol="HTTP",
        target_type="ip",
        vpc_id=route.vpc_id,
        deregistration_delay=route.deregistration_delay,
        health_check={
            "enabled": True,
            "path": check.path,
            "matcher": "200",
            "protocol": "HTTP",
            "port": "traffic-port",
            "interval": check.interval,
            "timeout": check.timeout,
            "healthy_threshold": check.healthy_threshold,
            "unhealthy_threshold": check.unhealthy_threshold,
        },
    )
    return group, _rule(component, route, group)


def _rule(
    component: FargateService, route: Route, group: aws.lb.TargetGroup
) -> aws.lb.ListenerRule:
    conditions: list[dict[str, Any]] = [{"path_pattern": {"values": list(route.paths)}}]
    if route.methods:
        conditions.append({"http_request_method": {"values": list(route.methods)}})
    return component.child(
        "rule",
        aws.lb.ListenerRule,
        listener_arn=route.listener_arn,
        priority=route.priority,
        conditions=conditions,
        actions=[{"type": "forward", "target_group_arn": group.arn}],
    )


def _capacity(spot_percent: int) -> list[dict[str, Any]]:
    shares = {"FARGATE": 100 - spot_percent, "FARGATE_SPOT": spot_percent}
    return [
        {"capacity_provider": provider, "weight": weight}
        for provider, weight in shares.items()
        if weight
    ]


def _service(component: FargateService) -> aws.ecs.Service:
    """Make the service; its rolling deployments are ECS's, its task definition is Pulumi's."""
    args, group = component.args, component.target_group
    balanced: dict[str, Any] = {}
    if group is not None and args.route is not None:
        check = args.route.health_check
        balanced = {
            "load_balancers": [
                {
                    "target_group_arn": group.arn,
                    "container_name": args.container_name,
                    "container_port": args.port,
                }
            ],
            "health_check_grace_period_seconds": check.interval * (check.healthy_threshold + 1),
        }
    return component.child(
        "",
        aws.ecs.Service,
        name=args.service_name,
        cluster=args.cluster_arn,
        task_definition=component.task_definition.arn,
        desired_count=args.desired_count,
        capacity_provider_strategies=_capacity(args.spot_percent),
        deployment_maximum_percent=200,
        deployment_minimum_healthy_percent=100,
        deployment_circuit_breaker={"enable": True, "rollback": True},
        network_configuration={
            "subnets": list(args.subnet_ids),
            "security_groups": list(args.security_group_ids),
            "assign_public_ip": False,
        },
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        wait_for_steady_state=args.wait,
        **balanced,
        options=pulumi.ResourceOptions(
            # ECS refuses a target group that no listener uses yet, and starts tasks at once: what
            # they may do must be in place.
            depends_on=[
                *([component.rule] if component.rule else []),
                component.task_role,
                component.execution_role,
            ],
            ignore_changes=["desiredCount"] if args.scaling is not None else None,
        ),
    )
