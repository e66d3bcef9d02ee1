"""Task definitions: what runs, with what around it."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component

HEALTH_INTERVAL, HEALTH_TIMEOUT, HEALTH_RETRIES, HEALTH_START = 10, 5, 3, 30


@dataclass(frozen=True, kw_only=True)
class Task:
    """One container and what it runs with; the names are `FargateServiceArgs`'s.

    Attributes:
        family: Family of the task definition.
        log_group_name: Where its output goes.
        task_role_arn: Role of the program.
        execution_role_arn: Role of ECS on the task's behalf.
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


def add_task_definition(component: Component, task: Task) -> aws.ecs.TaskDefinition:
    """Make the task definition as a child of a component."""
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
        container_definitions=pulumi.Output.json_dumps([_container(task)]),
    )


def _container(task: Task) -> dict[str, Any]:
    """Return the container definition; lists are sorted, so that order never means a change."""
    container: dict[str, Any] = {
        "name": task.container_name,
        "image": task.image,
        "essential": True,
        "cpu": task.cpu,
        "memory": task.memory,
        "readonlyRootFilesystem": True,
        "stopTimeout": task.stop_timeout,
        "environment": [
            {"name": name, "value": value} for name, value in sorted(task.environment.items())
        ],
        "secrets": [
            {"name": name, "valueFrom": reference}
            for name, reference in sorted(task.secrets.items())
        ],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": task.log_group_name,
                "awslogs-region": task.region,
                "awslogs-stream-prefix": "ecs",
            },
        },
    }
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
