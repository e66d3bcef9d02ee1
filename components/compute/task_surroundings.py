"""What every task needs around it: a log group, and roles that may do what it needs."""

from collections.abc import Mapping, Sequence

import pulumi

from platformctl.components.base import Component, Supporting
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


def add_log_group(
    component: Component, wanted: Supporting[LogGroupArgs] | None, default: LogGroupArgs
) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """Return ARN and name of the log group, which is made unless there is one already."""
    wanted = wanted or Supporting()
    if wanted.existing is not None:
        arn = pulumi.Output.from_input(wanted.existing)
        return arn, arn.apply(lambda text: text.partition(":log-group:")[2])
    group = LogGroup(f"{component.name}-logs", wanted.args or default, component.options())
    return group.arn, group.group_name


def add_execution_role(
    component: Component,
    *,
    repository_arn: pulumi.Input[str],
    log_group_arn: pulumi.Input[str],
    secret_arns: Sequence[pulumi.Input[str]],
    secret_key_arn: pulumi.Input[str] | None,
    tags: Mapping[str, str],
) -> ServiceRole:
    """Make ECS's role on the task's behalf: this image, these secrets and this log."""
    statements = [*pull_image(repository_arn), *write_logs(log_group_arn)]
    for arn in secret_arns:
        statements += read_secret(arn)
    if secret_arns and secret_key_arn is not None:
        statements.append(Statement(actions=["kms:Decrypt"], resources=[secret_key_arn]))
    return ServiceRole(
        f"{component.name}-execution",
        ServiceRoleArgs(service=PRINCIPAL, statements=statements, tags=tags),
        component.options(),
    )


def add_task_role(
    component: Component,
    statements: Sequence[Statement],
    *,
    tracing: bool,
    metrics: MetricsTarget | None = None,
    tags: Mapping[str, str],
) -> ServiceRole:
    """Make the program's role: what its statements say, and traces where it is traced."""
    return ServiceRole(
        f"{component.name}-task",
        ServiceRoleArgs(
            service=PRINCIPAL,
            statements=[
                *statements,
                *(write_traces() if tracing else ()),
                *(write_metrics(metrics.arn) if metrics else ()),
            ],
            tags=tags,
        ),
        component.options(),
    )
