"""A Lambda function with all it needs to run and to fail safely."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.compute.event_sources import (
    QueueSource,
    Sources,
    StreamSource,
    add_mappings,
)
from platformctl.components.observability.logs import LogGroup, LogGroupArgs
from platformctl.components.security import access
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs, Statement

ALIAS = "live"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, kw_only=True)
class Invoker:
    """An AWS service that may invoke a function.

    Attributes:
        principal: The service, such as `secretsmanager.amazonaws.com`.
        source_arn: The one resource on whose behalf it may; None where that is not known
            beforehand, and then any of the same account.
    """

    principal: str
    source_arn: pulumi.Input[str] | None = None


@dataclass(frozen=True, kw_only=True)
class LambdaFunctionArgs(Args):
    """What a function is.

    Attributes:
        function_name: Its name in Lambda, at most 64 letters, digits, `-` and `_`.
        code: Its files. A change of their content, and nothing else, makes a new version.
        handler: What is called, such as `processor.handler.handle`.
        runtime: Lambda's name of the interpreter.
        architecture: Processor.
        memory: MiB, 128 to 10240; the share of a processor goes with it.
        timeout: Seconds an invocation may take, 1 to 900.
        description: What it is for.
        environment: Its environment variables. Never secrets.
        key_arn: KMS key of the environment variables; Lambda's own without it.
        statements: What it may do, besides writing its log and reading its sources.
        streams: Streams whose records invoke it, by a key of their own.
        queues: Queues whose messages invoke it, by a key of their own.
        invokers: AWS services that may invoke it, by a key of their own.
        on_failure_arn: SQS queue or SNS topic that is told about asynchronous invocations that
            were given up.
        on_failure_key_arn: KMS key of that queue or topic, if it has one of its own.
        reserved_concurrency: Most invocations at a time, kept free for it; None shares with all
            functions of the account.
        subnet_ids: Subnets it works in; without any it reaches AWS and the internet only.
        security_group_ids: Groups of its network interfaces; needed with subnets.
        deployment: How the next version replaces this one: `rolling`, at once; or `blueGreen`,
            where Pulumi leaves the alias to cutovers after it has made it.
        tracing: Whether X-Ray gets a trace of every sampled invocation.
        log_key_arn: KMS key of its log.
        log_retention_days: Days to keep its log.
    """

    function_name: str
    code: pulumi.Archive
    handler: str
    runtime: str = "python3.13"
    architecture: Literal["arm64", "x86_64"] = "arm64"
    memory: int = 256
    timeout: int = 30
    description: str = ""
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    key_arn: pulumi.Input[str] | None = None
    statements: Sequence[Statement] = field(default_factory=tuple)
    streams: Mapping[str, StreamSource] = field(default_factory=dict)
    queues: Mapping[str, QueueSource] = field(default_factory=dict)
    invokers: Mapping[str, Invoker] = field(default_factory=dict)
    on_failure_arn: pulumi.Input[str] | None = None
    on_failure_key_arn: pulumi.Input[str] | None = None
    reserved_concurrency: int | None = None
    subnet_ids: Sequence[pulumi.Input[str]] = field(default_factory=tuple)
    security_group_ids: Sequence[pulumi.Input[str]] = field(default_factory=tuple)
    deployment: Literal["rolling", "blueGreen"] = "rolling"
    tracing: bool = True
    log_key_arn: pulumi.Input[str] | None = None
    log_retention_days: int = 365

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not _NAME.fullmatch(self.function_name):
            yield (
                f"function_name is {self.function_name!r}: must be 1 to 64 letters, digits, "
                "'-' and '_'"
            )
        for what, value, low, high in (
            ("memory", self.memory, 128, 10_240),
            ("timeout", self.timeout, 1, 900),
        ):
            if not low <= value <= high:
                yield f"{what} is {value}: must be {low} to {high}"
        if self.reserved_concurrency is not None and self.reserved_concurrency < 0:
            yield f"reserved_concurrency is {self.reserved_concurrency}: must be 0 or more"
        if bool(self.subnet_ids) != bool(self.security_group_ids):
            yield "subnet_ids and security_group_ids must be given together"
        for key in self.streams.keys() & self.queues.keys():
            yield f"{key!r} names both a stream and a queue"
        for key, stream in self.streams.items():
            yield from stream.mistakes(key)
        for key, queue in self.queues.items():
            yield from queue.mistakes(key, self.timeout)


class LambdaFunction(Component):
    """A Lambda function: its own role and log, versions behind the alias `live`, traced.

    Whatever invokes it does so through the alias, so a new version takes over at once and as a
    whole, and the version before is still there. With `deployment="blueGreen"` a new version is
    made and nothing invokes it before a cutover moves the alias.

    Example::

        LambdaFunction("thumbnails", LambdaFunctionArgs(
            function_name="thumbnails", code=pulumi.FileArchive("apps/shop/thumbnails"),
            handler="thumbnails.handle",
            statements=[Statement(actions=["s3:GetObject"], resources=[bucket.arn + "/*"])]))

    Monthly cost in us-east-1 on arm64: $0.20 for each million invocations and $0.0000133334 for
    each GB-second; a million invocations of 100 ms with 512 MiB are
    $0.20 + 1,000,000 × 0.1 s × 0.5 GB × $0.0000133334 = $0.87.

    Attributes:
        arn: ARN of the function, without a version.
        function_name: Its name.
        live_arn: ARN of the alias `live`: what to invoke.
        role_arn: ARN of its role.
        log_group_name: Where it logs.
        deployment: `rolling` or `blueGreen`.
    """

    arn: pulumi.Output[str]
    function_name: pulumi.Output[str]
    live_arn: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    deployment: pulumi.Output[str]

    def __init__(
        self, name: str, args: LambdaFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:LambdaFunction", name, args, opts)
        self.args = args
        self.sources = Sources(streams=args.streams, queues=args.queues)
        self.log = LogGroup(
            f"{name}-log",
            LogGroupArgs(
                name=f"/aws/lambda/{args.function_name}",
                retention_days=args.log_retention_days,
                key_arn=args.log_key_arn,
                tags=args.tags,
            ),
            self.options(),
        )
        self.role = ServiceRole(
            f"{name}-role",
            ServiceRoleArgs(
                service="lambda.amazonaws.com",
                statements=[*_own_statements(args, self.log.arn), *self.sources.statements()],
                tags=args.tags,
            ),
            self.options(),
        )
        self.function = _function(self)
        self.alias = self.child(
            ALIAS,
            aws.lambda_.Alias,
            name=ALIAS,
            function_name=self.function.name,
            function_version=self.function.version,
            description="The version that is invoked",
            options=pulumi.ResourceOptions(
                ignore_changes=["functionVersion", "routingConfig"]
                if args.deployment == "blueGreen"
                else None
            ),
        )
        _invocations(self)
        self.mappings = add_mappings(self, self.sources, self.alias.arn, self.role)
        self.arn = self.function.arn
        self.function_name = self.function.name
        self.live_arn = self.alias.arn
        self.role_arn = self.role.arn
        self.log_group_name = self.log.group_name
        self.deployment = pulumi.Output.from_input(args.deployment)
        self.finish("arn", "function_name", "live_arn", "role_arn", "log_group_name", "deployment")


def _own_statements(args: LambdaFunctionArgs, log_arn: pulumi.Input[str]) -> list[Statement]:
    """Return what the function may do by being what it is, and what was declared."""
    allowed = [*access.write_logs(log_arn), *args.statements]
    if args.tracing:
        allowed += access.write_traces()
    if args.subnet_ids:
        allowed += access.attach_to_network()
    if args.key_arn is not None:
        allowed += access.decrypt(args.key_arn)
    if args.on_failure_arn is not None:
        allowed += access.report_failure(args.on_failure_arn, args.on_failure_key_arn)
    return allowed


def _function(component: LambdaFunction) -> aws.lambda_.Function:
    args = component.args
    optional: dict[str, Any] = {}
    if args.environment:
        optional["environment"] = {"variables": dict(sorted(args.environment.items()))}
        optional["kms_key_arn"] = args.key_arn
    if args.subnet_ids:
        optional["vpc_config"] = {
            "subnet_ids": list(args.subnet_ids),
            "security_group_ids": list(args.security_group_ids),
        }
    if args.reserved_concurrency is not None:
        optional["reserved_concurrent_executions"] = args.reserved_concurrency
    return component.child(
        "",
        aws.lambda_.Function,
        name=args.function_name,
        description=args.description or None,
        role=component.role.arn,
        code=args.code,
        handler=args.handler,
        runtime=args.runtime,
        architectures=[args.architecture],
        memory_size=args.memory,
        timeout=args.timeout,
        publish=True,
        tracing_config={"mode": "Active" if args.tracing else "PassThrough"},
        logging_config={"log_format": "Text", "log_group": component.log.group_name},
        # Without its policy the role may neither log nor work in a network.
        options=pulumi.ResourceOptions(depends_on=[component.role]),
        **optional,
    )


def _invocations(component: LambdaFunction) -> None:
    """Say who may invoke the alias, and what becomes of invocations that nobody waits for."""
    args = component.args
    for key, invoker in args.invokers.items():
        component.child(
            f"invoked-by-{key}",
            aws.lambda_.Permission,
            action="lambda:InvokeFunction",
            function=component.function.name,
            qualifier=component.alias.name,
            principal=invoker.principal,
            source_arn=invoker.source_arn,
            source_account=aws.get_caller_identity_output(
                opts=pulumi.InvokeOutputOptions(parent=component)
            ).account_id,
        )
    if args.on_failure_arn is not None:
        component.child(
            "failures",
            aws.lambda_.FunctionEventInvokeConfig,
            function_name=component.function.name,
            qualifier=component.alias.name,
            maximum_event_age_in_seconds=3600,
            maximum_retry_attempts=2,
            destination_config={"on_failure": {"destination": args.on_failure_arn}},
        )
