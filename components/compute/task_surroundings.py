"""What every task needs around it: a log group, and roles that may do what it needs."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component, Supporting
from platformctl.components.compute.task import Task, TaskArgs, add_task_definition, unreleased
from platformctl.components.compute.tracing import MetricsTarget
from platformctl.components.observability.logs import LogGroup, LogGroupArgs
from platformctl.components.security.access import (
    pull_image,
    read_secret,
    write_logs,
    write_metrics,
    write_traces,
)
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs, Statement

PRINCIPAL = "ecs-tasks.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class Program:
    """What a component says about its task beside the arguments that all have.

    Attributes:
        family: Family of the task definition; also the end of the log group's name.
        command: Program and arguments; the image's own without any.
        port: Port that the container serves.
        environment: Environment variables besides those of the arguments.
        statements: What the task may do besides what the arguments say.
        health_command: Command that exits 0 while the container is healthy.
        tracing: Whether a collector runs beside it.
        metrics: Prometheus workspace that the collector writes to.
        keep_revisions: Whether old revisions stay, because somebody may go back to them.
    """

    family: str
    command: Sequence[str] = ()
    port: int | None = None
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    statements: Sequence[Statement] = ()
    health_command: Sequence[str] = ()
    tracing: bool = False
    metrics: MetricsTarget | None = None
    keep_revisions: bool = False


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What was made of a task.

    Attributes:
        log_group_name: Its log group.
        execution_role: ECS's role on the task's behalf.
        task_role: The program's role.
        definition: The task definition.
    """

    log_group_name: pulumi.Output[str]
    execution_role: ServiceRole
    task_role: ServiceRole
    definition: aws.ecs.TaskDefinition


def add_task(component: Component, args: TaskArgs, program: Program) -> Surroundings:
    """Make a task definition and what it needs, as children of a component.

    Args:
        component: Whose children they are.
        args: The component's arguments.
        program: What else is to be said about its task.
    """
    log_group_arn, log_group_name = _add_log_group(component, args, program.family)
    execution_role = _add_execution_role(component, args, log_group_arn)
    task_role = _add_task_role(component, args, program)
    task = Task(
        family=program.family,
        container_name=args.container_name,
        image=unreleased(args.image) if args.awaiting_release else args.image,
        command=program.command,
        cpu=args.cpu,
        memory=args.memory,
        port=program.port,
        environment={**args.environment, **program.environment},
        secrets=args.secrets,
        health_command=program.health_command,
        stop_timeout=args.stop_timeout,
        log_group_name=log_group_name,
        region=args.region,
        task_role_arn=task_role.arn,
        execution_role_arn=execution_role.arn,
        user=args.user,
        writable_paths=args.writable_paths,
        tracing=program.tracing,
        metrics=program.metrics,
        keep_revisions=program.keep_revisions,
    )
    return Surroundings(
        log_group_name=log_group_name,
        execution_role=execution_role,
        task_role=task_role,
        definition=add_task_definition(component, task),
    )


def _add_log_group(
    component: Component, args: TaskArgs, family: str
) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """Return ARN and name of the log group, which is made unless there is one already."""
    wanted = args.log_group or Supporting()
    if wanted.existing is not None:
        arn = pulumi.Output.from_input(wanted.existing)
        return arn, arn.apply(lambda text: text.partition(":log-group:")[2])
    default = LogGroupArgs(
        name=f"/ecs/{family}",
        retention_days=args.log_retention_days,
        key_arn=args.log_key_arn,
        tags=args.tags,
    )
    group = LogGroup(f"{component.name}-logs", wanted.args or default, component.options())
    return group.arn, group.group_name


def _add_execution_role(
    component: Component, args: TaskArgs, log_group_arn: pulumi.Input[str]
) -> ServiceRole:
    """Make ECS's role on the task's behalf: this image, these secrets and this log."""
    statements = [*pull_image(args.repository_arn), *write_logs(log_group_arn)]
    for arn in args.secret_arns:
        statements += read_secret(arn)
    if args.secret_arns and args.secret_key_arn is not None:
        statements.append(Statement(actions=["kms:Decrypt"], resources=[args.secret_key_arn]))
    return ServiceRole(
        f"{component.name}-execution",
        ServiceRoleArgs(service=PRINCIPAL, statements=statements, tags=args.tags),
        component.options(),
    )


def _add_task_role(component: Component, args: TaskArgs, program: Program) -> ServiceRole:
    """Make the program's role: what its statements say, and traces where it is traced."""
    statements = [
        *args.statements,
        *program.statements,
        *(write_traces() if program.tracing else ()),
        *(write_metrics(program.metrics.arn) if program.metrics else ()),
    ]
    return ServiceRole(
        f"{component.name}-task",
        ServiceRoleArgs(service=PRINCIPAL, statements=statements, tags=args.tags),
        component.options(),
    )
