"""Secrets that change by themselves."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.compute.function import Invoker, LambdaFunction, LambdaFunctionArgs
from platformctl.components.security.roles import Statement

TIMEOUT_SECONDS = 300
LONGEST_DAYS = 90
"""A value that lives longer than this is not rotated but forgotten (Security Hub,
SecretsManager.4)."""
PRINCIPAL = "secretsmanager.amazonaws.com"
STORE_ACTIONS = {
    "database": ("rds:DescribeDBInstances", "rds:ModifyDBInstance"),
    "redis": ("elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup"),
}
"""What a rotation needs of the store whose secret it is."""


@dataclass(frozen=True, kw_only=True)
class SecretRotationArgs(Args):
    """Which secret is rotated, and how.

    Attributes:
        secret_arn: The secret; its value must be `rotated`, so that Pulumi leaves it alone.
        kind: What it holds: the key that tokens are signed with (`jwt`), the token of a Redis
            replication group (`redis`), or the password of a database's master user (`database`).
        function_name: Name of the rotation function in Lambda.
        code: Files of the rotation function, `apps/platform/secret-rotation`.
        resource: Identifier of the database or replication group.
        resource_arn: ARN of it.
        key_arn: KMS key of the secret, if it has one of its own.
        every_days: Days between two rotations, 1 to 90.
        at_once: Whether to rotate as soon as this exists.
        log_key_arn: KMS key of the function's log; CloudWatch's own without it.
        log_retention_days: Days to keep the function's log.
    """

    secret_arn: pulumi.Input[str]
    kind: Literal["jwt", "redis", "database"]
    function_name: str
    code: pulumi.Archive
    resource: pulumi.Input[str] | None = None
    resource_arn: pulumi.Input[str] | None = None
    key_arn: pulumi.Input[str] | None = None
    every_days: int = 30
    at_once: bool = False
    log_key_arn: pulumi.Input[str] | None = None
    log_retention_days: int = 365

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not 1 <= self.every_days <= LONGEST_DAYS:
            yield f"every_days is {self.every_days}: must be 1 to {LONGEST_DAYS}"
        named = (self.resource is not None, self.resource_arn is not None)
        if self.kind in STORE_ACTIONS and not all(named):
            yield f"resource and resource_arn are needed for a secret of kind {self.kind!r}"
        if self.kind not in STORE_ACTIONS and any(named):
            yield f"resource and resource_arn mean nothing for a secret of kind {self.kind!r}"


class SecretRotation(Component):
    """A Lambda function that gives a secret a new value, and the schedule that calls it.

    The function may read and write this one secret and change the one store whose secret it is;
    only Secrets Manager, for this secret, may call it.

    Example::

        SecretRotation("shop-jwt", SecretRotationArgs(
            secret_arn=jwt.arn, kind="jwt", function_name="rotate-shop-jwt",
            code=pulumi.FileArchive("apps/platform/secret-rotation")))
        SecretRotation("shop-cache", SecretRotationArgs(
            secret_arn=cache.secret_arn, kind="redis", function_name="rotate-shop-cache", code=code,
            resource="shop", resource_arn=cache.arn, every_days=60))

    Monthly cost: four short calls a rotation, far below one cent.

    Attributes:
        function_arn: ARN of the rotation function.
    """

    function_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: SecretRotationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("security:SecretRotation", name, args, opts)
        environment: dict[str, pulumi.Input[str]] = {"KIND": args.kind}
        if args.resource is not None:
            environment["RESOURCE"] = args.resource
        self.function = LambdaFunction(
            f"{name}-function",
            LambdaFunctionArgs(
                function_name=args.function_name,
                description=f"Rotates a secret of kind {args.kind}",
                code=args.code,
                handler="secret_rotation.handler.handle",
                timeout=TIMEOUT_SECONDS,
                environment=environment,
                statements=_statements(args),
                invokers={"rotation": Invoker(principal=PRINCIPAL, source_arn=args.secret_arn)},
                log_key_arn=args.log_key_arn,
                log_retention_days=args.log_retention_days,
                tags=args.tags,
            ),
            self.options(),
        )
        self.rotation = self.child(
            "",
            aws.secretsmanager.SecretRotation,
            secret_id=args.secret_arn,
            rotation_lambda_arn=self.function.live_arn,
            rotate_immediately=args.at_once,
            rotation_rules={"automatically_after_days": args.every_days},
            # Secrets Manager refuses a function that it may not call yet.
            options=pulumi.ResourceOptions(depends_on=[self.function]),
        )
        self.function_arn = self.function.arn
        self.finish("function_arn")


def _statements(args: SecretRotationArgs) -> list[Statement]:
    """Return what the function may do: with its secret, its secret's key, and the store."""
    statements = [
        Statement(
            actions=[
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ],
            resources=[args.secret_arn],
        )
    ]
    if args.key_arn is not None:
        statements.append(
            Statement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[args.key_arn])
        )
    if args.resource_arn is not None:
        actions = STORE_ACTIONS[args.kind]
        statements.append(Statement(actions=actions, resources=[args.resource_arn]))
    return statements
