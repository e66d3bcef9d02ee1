"""What can be said about a service on Fargate."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pulumi

from platformctl.components.base import Supporting
from platformctl.components.compute.autoscaling import Scaling
from platformctl.components.compute.service_routing import Route
from platformctl.components.compute.task import (
    LONGEST_STOP,
    TaskArgs,
    environment_mistakes,
    image_mistakes,
    size_mistakes,
)
from platformctl.components.compute.tracing import MetricsTarget
from platformctl.components.observability.logs import LogGroupArgs

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,247}")
"""Name of a service, with room for the name of a side."""
_PARAMETER = re.compile(r"(/(?!aws|ssm)[A-Za-z0-9_.-]+)(/[A-Za-z0-9_.-]+){0,14}", re.IGNORECASE)


@dataclass(frozen=True)
class Rolling:
    """Replace tasks one by one; Pulumi owns the task definition."""


@dataclass(frozen=True, kw_only=True)
class BlueGreen:
    """Two sides, one of which serves; Pulumi leaves weights, versions and counts to cutovers.

    Attributes:
        test_listener_arn: Listener whose requests go to the idle side; a service with a route
            needs one (`ApplicationLoadBalancer.test_listener_arn`).
        intake_parameter: Name of the SSM parameter that says which side of a worker takes
            messages in; made with `blue`, and from then on left to cutovers. Its tasks know its
            name by `INTAKE_PARAMETER` and their side by `SIDE`. Without it both sides take
            messages in as long as they run.
    """

    test_listener_arn: pulumi.Input[str] | None = None
    intake_parameter: str | None = None


@dataclass(frozen=True, kw_only=True)
class FargateServiceArgs(TaskArgs):
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
        metrics: Prometheus workspace that the collector writes the program's `/metrics` to.
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
    cluster_arn: pulumi.Input[str]
    cluster_name: pulumi.Input[str]
    desired_count: int = 2
    port: int | None = None
    health_command: Sequence[str] = ()
    platform_version: str = "LATEST"
    tracing: bool = False
    metrics: MetricsTarget | None = None
    route: Route | None = None
    deployment: Rolling | BlueGreen = field(default_factory=Rolling)
    scaling: Scaling | None = None
    spot_percent: int = 0
    wait: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not _NAME.fullmatch(self.service_name):
            yield f"service_name is {self.service_name!r}: letters, digits, - and _, at most 248"
        if self.log_group is not None:
            yield from _log_mistakes(self.log_group)
        yield from size_mistakes(self.cpu, self.memory)
        if self.metrics is not None and not self.tracing:
            yield "metrics needs tracing: the collector writes them"
        if self.user.partition(":")[0] in ("0", "root"):
            yield f"user is {self.user!r}: must not be root"
        if not 0 <= self.stop_timeout <= LONGEST_STOP:
            yield f"stop_timeout is {self.stop_timeout}: must be 0 to {LONGEST_STOP}"
        if self.route is not None:
            yield from _route_mistakes(self, self.route)
        if isinstance(self.deployment, BlueGreen):
            yield from _intake_mistakes(self, self.deployment.intake_parameter)
        if self.scaling is not None:
            yield from self.scaling.mistakes(self.desired_count)
        if not 0 <= self.spot_percent <= 100:
            yield f"spot_percent is {self.spot_percent}: must be 0 to 100"
        if not self.awaiting_release:
            yield from image_mistakes(self.image)
        yield from environment_mistakes(self.environment)
        for name in sorted(set(self.environment) & set(self.secrets)):
            yield f"{name} is both in environment and in secrets"


def _log_mistakes(log_group: Supporting[LogGroupArgs]) -> Iterator[str]:
    yield from log_group.mistakes("log_group")
    if log_group.skip:
        yield "log_group cannot be skipped: a service without logs cannot be operated"


def _intake_mistakes(args: FargateServiceArgs, name: str | None) -> Iterator[str]:
    if name is None:
        return
    if args.route is not None:
        yield "deployment has an intake_parameter: a service with a route has requests sent to it"
    if not _PARAMETER.fullmatch(name):
        yield (
            f"deployment has intake_parameter {name!r}: must begin with / and have at most 15 "
            "parts of letters, digits, '.', '-' and '_'"
        )


def _route_mistakes(args: FargateServiceArgs, route: Route) -> Iterator[str]:
    if args.port is None:
        yield "port is missing: a service with a route needs one"
    if isinstance(args.deployment, BlueGreen) and args.deployment.test_listener_arn is None:
        yield "deployment has no test_listener_arn: a blue-green service with a route needs one"
    yield from route.mistakes()
