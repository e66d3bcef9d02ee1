"""KMS keys, one for each class of data."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

# What AWS services do with a key on their own behalf.
SERVICE_ACTIONS = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"]


@dataclass(frozen=True, kw_only=True)
class KeysArgs(Args):
    """Which keys to make.

    Attributes:
        classes: Class of data → AWS service principals that use its key directly, such as
            `logs.us-east-1.amazonaws.com`. Services that act for a caller (RDS, S3, Secrets
            Manager) need none.
        alias_prefix: First part of the aliases, `alias/<alias_prefix>/<class>`.
        deletion_window_days: Days between the request to delete a key and its end, 7 to 30.
        deletion_protection: Whether Pulumi refuses to delete the keys.
    """

    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    alias_prefix: str
    deletion_window_days: int = 30
    deletion_protection: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not 7 <= self.deletion_window_days <= 30:
            yield f"deletion_window_days is {self.deletion_window_days}: must be 7 to 30"
        if not self.classes:
            yield "classes is empty: name at least one class of data"


class Keys(Component):
    """Customer-managed KMS keys with yearly rotation, one for each class of data.

    Example::

        Keys("main", KeysArgs(alias_prefix="production", classes={"data": [], "logs": [...]}))

    Monthly cost: $1 for each key and $0.03 for 10,000 requests; three keys are $3.

    Attributes:
        arns: Class of data → ARN of its key.
    """

    arns: dict[str, pulumi.Output[str]]

    def __init__(
        self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("security:Keys", name, args, opts)
        account = aws.get_caller_identity_output(
            opts=pulumi.InvokeOutputOptions(parent=self)
        ).account_id
        self.keys = {
            data_class: self.child(
                data_class,
                aws.kms.Key,
                description=f"Data of class {data_class} in {args.alias_prefix}",
                enable_key_rotation=True,
                deletion_window_in_days=args.deletion_window_days,
                policy=account.apply(lambda number, allowed=services: _policy(number, allowed)),
                options=pulumi.ResourceOptions(protect=args.deletion_protection),
            )
            for data_class, services in args.classes.items()
        }
        for data_class, key in self.keys.items():
            self.child(
                f"{data_class}-alias",
                aws.kms.Alias,
                name=f"alias/{args.alias_prefix}/{data_class}",
                target_key_id=key.key_id,
            )
        self.arns = {data_class: key.arn for data_class, key in self.keys.items()}
        self.finish("arns")


def _policy(account: str, services: Sequence[str]) -> str:
    """Let the account's own IAM policies decide, and the services use the key for the account."""
    statements: list[dict[str, Any]] = [
        {
            "Sid": "AccountDecides",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ]
    for service in services:
        # CloudWatch Logs says on whose behalf it acts by encryption context, the others by account.
        condition = (
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:*:{account}:*"}}
            if service.startswith("logs.")
            else {"StringEquals": {"aws:SourceAccount": account}}
        )
        statements.append(
            {
                "Sid": "Use" + "".join(part.capitalize() for part in service.split(".")[:1]),
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": SERVICE_ACTIONS,
                "Resource": "*",
                "Condition": condition,
            }
        )
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
