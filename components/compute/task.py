"""Task definitions: what runs, with what around it."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component, Supporting
from platformctl.components.compute.tracing import (
    COLLECTOR_CPU,
    COLLECTOR_MEMORY,
    TRACING_VARIABLES,
    MetricsTarget,
    collector,
)
from platformctl.components.observability.logs import LogGroupArgs
from platformctl.components.security.roles import Statement
from platformctl.config.tables import FARGATE_MEMORY

HEALTH_INTERVAL, HEALTH_TIMEOUT, HEALTH_RETRIES, HEALTH_START = 10, 5, 3, 30
OPEN_FILES = 65536
LONGEST_STOP = 120
"""Most seconds that Fargate waits between SIGTERM and SIGKILL."""
_SECRET_ENDINGS = (
    *("ACCESS_KEY", "API_KEY", "AUTH_TOKEN", "CREDENTIALS", "PASSPHRASE", "PASSWORD"),
    *("PRIVATE_KEY", "SECRET", "SECRET_KEY"),
)


@dataclass(frozen=True, kw_only=True)
class TaskArgs(Args):
    """What every component that runs tasks is told; each documents them as its own."""

    container_name: str
    region: str
    image: pulumi.Input[str]
    repository_arn: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    cpu: int = 256
    memory: int = 512
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secret_arns: Sequence[pulumi.Input[str]] = ()
    secret_key_arn: pulumi.Input[str] | None = None
    statements: Sequence[Statement] = ()
    stop_timeout: int = 30
    user: str = "10001:10001"
    writable_paths: Sequence[str] = ()
    awaiting_release: bool = False
    log_group: Supporting[LogGroupArgs] | None = None
    log_key_arn: pulumi.Input[str] | None = None
    log_retention_days: int = 365


@dataclass(frozen=True, kw_only=True)
class Task:
    """One container and what it runs with; the names are `FargateServiceArgs`'s.

    Attributes:
        family: Family of the task definition.
        log_group_name: Where its output goes.
        task_role_arn: Role of the program.
        execution_role_arn: Role of ECS on the task's behalf.
        keep_revisions: Whether old revisions stay, because somebody may go back to them.
    """

    family: str
    container_name: str
    image: pulumi.Input[str]
    cpu: int
    memory: int
    port: int | None
    environment: Mapping[str, pulumi.Input[str]]
    secrets: Mapping[str, pulumi.Input[str]]
    health_command: Sequence[str]
    stop_timeout: int
    log_group_name: pulumi.Input[str]
    region: str
    task_role_arn: pulumi.Input[str]
    execution_role_arn: pulumi.Input[str]
    command: Sequence[str] = ()
    user: str = ""
    writable_paths: Sequence[str] = ()
    tracing: bool = False
    metrics: MetricsTarget | None = None
    keep_revisions: bool = False


def size_mistakes(cpu: int, memory: int) -> Iterator[str]:
    """Yield a sentence if Fargate has no task of that size."""
    offered = FARGATE_MEMORY.get(cpu)
    if offered is None:
        yield f"cpu is {cpu}: must be one of {', '.join(map(str, FARGATE_MEMORY))}"
    elif memory not in offered:
        allowed = ", ".join(map(str, offered))
        yield f"memory is {memory}: must be one of {allowed} where cpu is {cpu}"


def image_mistakes(image: pulumi.Input[str]) -> Iterator[str]:
    """Yield a sentence if an image is known and would not be the same tomorrow."""
    if not isinstance(image, str) or "@" in image:
        return
    tag = image.rpartition("/")[2].partition(":")[2]
    if not tag:
        yield f"image is {image!r}: must have a tag or a digest"
    elif tag == "latest":
        yield f"image is {image!r}: must have a tag that does not move"


def environment_mistakes(environment: Mapping[str, pulumi.Input[str]]) -> Iterator[str]:
    """Yield a sentence for each variable that by its name holds a secret in plain text."""
    for name in sorted(environment):
        if name.upper().endswith(_SECRET_ENDINGS):
            yield f"environment has {name}: a secret goes into secrets, as a reference"


def unreleased(image: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return an image with the tag `none`: of an application that has no release yet."""

    def without_version(reference: str) -> str:
        path, slash, name = reference.partition("@")[0].rpartition("/")
        return f"{path}{slash}{name.partition(':')[0]}:none"

    return pulumi.Output.from_input(image).apply(without_version)


def add_task_definition(component: Component, task: Task) -> aws.ecs.TaskDefinition:
    """Make the task definition as a child of a component."""
    containers = [_container(task)]
    if task.tracing:
        containers.append(collector(_logging(task), task.metrics, task.port))
    extra: dict[str, Any] = {"skip_destroy": True} if task.keep_revisions else {}
    if task.writable_paths:
        extra["volumes"] = [{"name": name} for name, _ in _volumes(task)]
    return component.child(
        "task-definition",
        aws.ecs.TaskDefinition,
        family=task.family,
        cpu=str(task.cpu),
        memory=str(task.memory),
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        runtime_platform={"cpu_architecture": "X86_64", "operating_system_family": "LINUX"},
        task_role_arn=task.task_role_arn,
        execution_role_arn=task.execution_role_arn,
        container_definitions=pulumi.Output.json_dumps(containers),
        **extra,
    )


def _volumes(task: Task) -> list[tuple[str, str]]:
    """Return name and path of each folder that can be written to."""
    return [(path.strip("/").replace("/", "-"), path) for path in sorted(task.writable_paths)]


def _logging(task: Task) -> dict[str, Any]:
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": task.log_group_name,
            "awslogs-region": task.region,
            "awslogs-stream-prefix": "ecs",
        },
    }


def _container(task: Task) -> dict[str, Any]:
    """Return the container definition; lists are sorted, so that order never means a change."""
    shared_cpu, shared_memory = (COLLECTOR_CPU, COLLECTOR_MEMORY) if task.tracing else (0, 0)
    environment = dict(task.environment)
    if task.tracing:
        environment = {**TRACING_VARIABLES, "OTEL_SERVICE_NAME": task.family, **environment}
    container: dict[str, Any] = {
        "name": task.container_name,
        "image": task.image,
        "essential": True,
        "cpu": task.cpu - shared_cpu,
        "memory": task.memory - shared_memory,
        "readonlyRootFilesystem": True,
        "privileged": False,
        "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
        "ulimits": [{"name": "nofile", "softLimit": OPEN_FILES, "hardLimit": OPEN_FILES}],
        "stopTimeout": task.stop_timeout,
        "environment": [
            {"name": name, "value": value} for name, value in sorted(environment.items())
        ],
        "secrets": [
            {"name": name, "valueFrom": reference}
            for name, reference in sorted(task.secrets.items())
        ],
        "logConfiguration": _logging(task),
    }
    if task.user:
        container["user"] = task.user
    if task.command:
        container["command"] = list(task.command)
    if task.writable_paths:
        container["mountPoints"] = [
            {"sourceVolume": name, "containerPath": path, "readOnly": False}
            for name, path in _volumes(task)
        ]
    if task.port is not None:
        container["portMappings"] = [{"containerPort": task.port, "protocol": "tcp"}]
    if task.health_command:
        container["healthCheck"] = {
            "command": ["CMD", *task.health_command],
            "interval": HEALTH_INTERVAL,
            "timeout": HEALTH_TIMEOUT,
            "retries": HEALTH_RETRIES,
            "startPeriod": HEALTH_START,
        }
    return container
