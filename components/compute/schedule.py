"""A task that runs when it is time."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component
from platformctl.components.compute.schedule_expressions import schedule_mistakes
from platformctl.components.compute.task import (
    LONGEST_STOP,
    TaskArgs,
    environment_mistakes,
    image_mistakes,
    size_mistakes,
)
from platformctl.components.compute.task_surroundings import Program, add_task
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs, Statement
from platformctl.components.streaming.queue import LONGEST_RETENTION

# What EventBridge Scheduler accepts (CreateSchedule).
_NAME = re.compile(r"[0-9A-Za-z_.-]{1,64}")
MOST_RETRIES = 185
MOST_TASKS = 10
AGE = (60, 86_400)


@dataclass(frozen=True, kw_only=True)
class ScheduledTaskArgs(TaskArgs):
    """What runs, and when.

    Attributes:
        task_name: Name of the schedule and family of the task definition, at most 64 characters.
        schedule: `cron(...)`, `rate(...)` or `at(...)`.
        timezone: Time zone of the schedule.
        enabled: Whether it runs; a disabled one can still be run by hand.
        container_name: Name of its container.
        region: Region it runs in.
        cluster_arn: The cluster.
        image: Image reference with a tag or digest.
        repository_arn: ECR repository of the image.
        subnet_ids: Subnets of the task.
        security_group_ids: Groups of the task.
        command: Program and arguments; the image's own without any.
        cpu: CPU units of the task.
        memory: Memory of the task in MiB.
        count: Tasks to run each time.
        environment: Environment variables, none of them secret.
        secrets: Environment variables → Secrets Manager reference (`StoredSecret.reference`).
        secret_arns: ARNs of the secrets referred to.
        secret_key_arn: KMS key of those secrets.
        statements: What the task may do (`components.security.access`).
        stop_timeout: Seconds between SIGTERM and SIGKILL.
        user: User and group of the program, as numbers; not root.
        writable_paths: Folders it may write to; the rest of its file system is read-only.
        tracing: Whether an OpenTelemetry collector runs beside it and hands its traces to X-Ray.
        retries: Attempts to start it again when ECS could not.
        retry_seconds: Seconds after which an attempt to start is given up, 60 to 86400.
        key_arn: KMS key of schedule and dead letters; AWS's own without it.
        awaiting_release: Whether its application has no release yet: it is made and disabled.
        log_group: Its log group: `existing` is a group's ARN; `/ecs/<task_name>` by default.
        log_key_arn: KMS key of its logs.
        log_retention_days: Days to keep its logs.
    """

    task_name: str
    schedule: str
    cluster_arn: pulumi.Input[str]
    timezone: str = "UTC"
    enabled: bool = True
    command: Sequence[str] = ()
    count: int = 1
    tracing: bool = False
    retries: int = 3
    retry_seconds: int = 3600
    key_arn: pulumi.Input[str] | None = None

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not _NAME.fullmatch(self.task_name):
            name = self.task_name
            yield f"task_name is {name!r}: letters, digits, -, . and _, at most 64"
        yield from schedule_mistakes("schedule", self.schedule)
        yield from size_mistakes(self.cpu, self.memory)
        if self.user.partition(":")[0] in ("0", "root"):
            yield f"user is {self.user!r}: must not be root"
        low, high = AGE
        for name, least, most in (
            ("count", 1, MOST_TASKS),
            ("retries", 0, MOST_RETRIES),
            ("retry_seconds", low, high),
            ("stop_timeout", 0, LONGEST_STOP),
        ):
            if not least <= getattr(self, name) <= most:
                yield f"{name} is {getattr(self, name)}: must be {least} to {most}"
        if not self.awaiting_release:
            yield from image_mistakes(self.image)
        yield from environment_mistakes(self.environment)


class ScheduledTask(Component):
    """A Fargate task that EventBridge Scheduler starts, and a queue of the starts that failed.

    The scheduler's role may run this task definition in this cluster, hand over its two roles, and
    write to its dead-letter queue; nothing else.

    Example::

        ScheduledTask("cleanup", ScheduledTaskArgs(
            task_name="cleanup", schedule="cron(0 3 * * ? *)", container_name="cleanup", ...))

    Monthly cost: the task's vCPU and memory while it runs; a task of 0.25 vCPU and 0.5 GB that runs
    ten minutes a night is 5 h × $0.0123 = $0.06.

    Attributes:
        schedule_arn: ARN of the schedule.
        task_definition_arn: ARN of the task definition's revision.
        task_role_arn: ARN of the task role.
        log_group_name: Its log group.
        dead_letter_arn: Queue of the starts that failed.
        dead_letter_url: URL of that queue.
    """

    schedule_arn: pulumi.Output[str]
    task_definition_arn: pulumi.Output[str]
    task_role_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    dead_letter_arn: pulumi.Output[str]
    dead_letter_url: pulumi.Output[str]

    def __init__(
        self, name: str, args: ScheduledTaskArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:ScheduledTask", name, args, opts)
        self.args = args
        program = Program(family=args.task_name, command=args.command, tracing=args.tracing)
        made = add_task(self, args, program)
        self.log_group_name = made.log_group_name
        self.execution_role = made.execution_role
        self.task_role = made.task_role
        self.task_definition = made.definition
        encryption: dict[str, Any] = {"sqs_managed_sse_enabled": True}
        if args.key_arn is not None:
            encryption = {"kms_master_key_id": args.key_arn}
        self.dead_letters = self.child(
            "dead-letters",
            aws.sqs.Queue,
            name=f"{args.task_name}-failed-starts",
            message_retention_seconds=LONGEST_RETENTION,
            **encryption,
        )
        self.scheduler_role = _scheduler_role(self)
        self.schedule = _schedule(self)
        self.schedule_arn = self.schedule.arn
        self.task_definition_arn = self.task_definition.arn
        self.task_role_arn = self.task_role.arn
        self.dead_letter_arn = self.dead_letters.arn
        self.dead_letter_url = self.dead_letters.url
        self.finish(
            *("schedule_arn", "task_definition_arn", "task_role_arn", "log_group_name"),
            *("dead_letter_arn", "dead_letter_url"),
        )


def _scheduler_role(component: ScheduledTask) -> ServiceRole:
    args = component.args
    revisions = component.task_definition.arn_without_revision
    to_tasks = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    statements = [
        Statement(
            actions=["ecs:RunTask"],
            resources=[pulumi.Output.concat(revisions, ":*")],
            condition={"ArnEquals": {"ecs:cluster": args.cluster_arn}},
        ),
        Statement(
            actions=["iam:PassRole"],
            resources=[component.execution_role.arn, component.task_role.arn],
            condition=to_tasks,
        ),
        Statement(actions=["sqs:SendMessage"], resources=[component.dead_letters.arn]),
    ]
    if args.key_arn is not None:
        actions = ["kms:Decrypt", "kms:GenerateDataKey"]
        statements.append(Statement(actions=actions, resources=[args.key_arn]))
    return ServiceRole(
        f"{component.name}-scheduler",
        ServiceRoleArgs(service="scheduler.amazonaws.com", statements=statements, tags=args.tags),
        component.options(),
    )


def _schedule(component: ScheduledTask) -> aws.scheduler.Schedule:
    args = component.args
    runs = args.enabled and not args.awaiting_release
    return component.child(
        "",
        aws.scheduler.Schedule,
        name=args.task_name,
        group_name="default",
        state="ENABLED" if runs else "DISABLED",
        schedule_expression=args.schedule,
        schedule_expression_timezone=args.timezone,
        flexible_time_window={"mode": "OFF"},
        kms_key_arn=args.key_arn,
        target={
            "arn": args.cluster_arn,
            "role_arn": component.scheduler_role.arn,
            "ecs_parameters": {
                "task_definition_arn": component.task_definition.arn,
                "task_count": args.count,
                "launch_type": "FARGATE",
                "platform_version": "LATEST",
                "propagate_tags": "TASK_DEFINITION",
                "enable_ecs_managed_tags": True,
                "network_configuration": {
                    "subnets": list(args.subnet_ids),
                    "security_groups": list(args.security_group_ids),
                    "assign_public_ip": False,
                },
            },
            "retry_policy": {
                "maximum_retry_attempts": args.retries,
                "maximum_event_age_in_seconds": args.retry_seconds,
            },
            "dead_letter_config": {"arn": component.dead_letters.arn},
        },
        # It may start a task as soon as it is there: what it may do must be in place.
        options=pulumi.ResourceOptions(depends_on=[component.scheduler_role]),
    )
