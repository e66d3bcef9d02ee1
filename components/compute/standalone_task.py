"""A task that runs when somebody asks for it, and ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi

from platformctl.components.base import Component
from platformctl.components.compute.task import (
    LONGEST_STOP,
    TaskArgs,
    environment_mistakes,
    image_mistakes,
    size_mistakes,
)
from platformctl.components.compute.task_surroundings import Program, add_task


@dataclass(frozen=True, kw_only=True)
class StandaloneTaskArgs(TaskArgs):
    """What runs when it is asked for.

    Attributes:
        task_name: Family of the task definition.
        container_name: Name of its container.
        region: Region it runs in.
        cluster_name: Name of the cluster it is to run in.
        image: Image reference with a tag or digest.
        repository_arn: ECR repository of the image.
        subnet_ids: Subnets of the task.
        security_group_ids: Groups of the task.
        command: Program and arguments; the image's own without any.
        cpu: CPU units of the task.
        memory: Memory of the task in MiB.
        environment: Environment variables, none of them secret.
        secrets: Environment variables → Secrets Manager reference (`StoredSecret.reference`).
        secret_arns: ARNs of the secrets referred to.
        secret_key_arn: KMS key of those secrets.
        statements: What the task may do (`components.security.access`).
        stop_timeout: Seconds between SIGTERM and SIGKILL.
        user: User and group of the program, as numbers; not root.
        writable_paths: Folders it may write to; the rest of its file system is read-only.
        awaiting_release: Whether its application has no release yet.
        log_group: Its log group: `existing` is a group's ARN; `/ecs/<task_name>` by default.
        log_key_arn: KMS key of its logs.
        log_retention_days: Days to keep its logs.
    """

    task_name: str
    cluster_name: pulumi.Input[str]
    command: Sequence[str] = ()

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        yield from size_mistakes(self.cpu, self.memory)
        if self.user.partition(":")[0] in ("0", "root"):
            yield f"user is {self.user!r}: must not be root"
        if not 0 <= self.stop_timeout <= LONGEST_STOP:
            yield f"stop_timeout is {self.stop_timeout}: must be 0 to {LONGEST_STOP}"
        if not self.awaiting_release:
            yield from image_mistakes(self.image)
        yield from environment_mistakes(self.environment)


class StandaloneTask(Component):
    """A Fargate task that operations start with RunTask, such as one that migrates a database.

    Makes a log group, an execution role (may pull this image, read these secrets and write this
    log), a task role (may do what `statements` say) and a task definition. Old revisions stay:
    what has run is to be seen, and may have to run again. The outputs say where to run it.

    Example::

        StandaloneTask("migrations", StandaloneTaskArgs(
            task_name="shop-migrations", container_name="migrations", cluster_name=cluster.name,
            image="…:1", subnet_ids=network.app_subnet_ids, security_group_ids=[…], ...))

    Monthly cost: the task's vCPU and memory while it runs; a task of 0.25 vCPU and 0.5 GB that runs
    for an hour in a month is $0.0123.

    Attributes:
        task_definition_arn: ARN of the task definition's revision.
        task_role_arn: ARN of the task role.
        log_group_name: Its log group.
        container_name: Name of its container.
        cluster_name: Name of the cluster it is to run in.
        subnet_ids: Subnets to run it in.
        security_group_ids: Groups to run it with.
    """

    task_definition_arn: pulumi.Output[str]
    task_role_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    container_name: pulumi.Output[str]
    cluster_name: pulumi.Output[str]
    subnet_ids: pulumi.Output[list[str]]
    security_group_ids: pulumi.Output[list[str]]

    def __init__(
        self, name: str, args: StandaloneTaskArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:StandaloneTask", name, args, opts)
        self.args = args
        program = Program(family=args.task_name, command=args.command, keep_revisions=True)
        made = add_task(self, args, program)
        self.log_group_name = made.log_group_name
        self.execution_role = made.execution_role
        self.task_role = made.task_role
        self.task_definition = made.definition
        self.task_definition_arn = self.task_definition.arn
        self.task_role_arn = self.task_role.arn
        self.container_name = pulumi.Output.from_input(args.container_name)
        self.cluster_name = pulumi.Output.from_input(args.cluster_name)
        self.subnet_ids = pulumi.Output.all(*args.subnet_ids)
        self.security_group_ids = pulumi.Output.all(*args.security_group_ids)
        self.finish(
            *("task_definition_arn", "task_role_arn", "log_group_name", "container_name"),
            *("cluster_name", "subnet_ids", "security_group_ids"),
        )
