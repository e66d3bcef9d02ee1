"""Roles that may do exactly what was declared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

ACCOUNTLESS = frozenset({"rds.amazonaws.com", "s3.amazonaws.com"})
"""Services for whose role AWS documents a trust policy without a condition: proxies of RDS, and the
replication of S3. A condition that they do not meet would keep them from working at all."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Something a role may do.

    Attributes:
        actions: IAM actions, without wildcards for a whole service.
        resources: ARNs; `*` only for actions that know no resource.
        condition: IAM condition, if any.
    """

    actions: Sequence[str]
    resources: Sequence[pulumi.Input[str]]
    condition: Mapping[str, Any] | None = None

    def document(self) -> dict[str, Any]:
        """Return the statement as IAM writes it."""
        document = {
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        return document if self.condition is None else {**document, "Condition": self.condition}


@dataclass(frozen=True, kw_only=True)
class ServiceRoleArgs(Args):
    """Who may take the role, and what it may do.

    Attributes:
        service: Service principal that takes the role, such as `ecs-tasks.amazonaws.com`.
        statements: What it may do; nothing without any.
    """

    service: str
    statements: Sequence[Statement] = field(default_factory=tuple)

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        yield from statement_mistakes(self.statements)


class ServiceRole(Component):
    """An IAM role for an AWS service, with one inline policy of what was declared.

    Only the service can take it, acting for the same account wherever it says whom it acts for.

    Example::

        ServiceRole("reader", ServiceRoleArgs(service="ecs-tasks.amazonaws.com", statements=[
            Statement(actions=["s3:GetObject"], resources=[bucket.arn + "/*"])]))

    Costs nothing.

    Attributes:
        arn: ARN of the role.
        role_name: Name of the role.
    """

    arn: pulumi.Output[str]
    role_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: ServiceRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("security:ServiceRole", name, args, opts)
        account = aws.get_caller_identity_output(
            opts=pulumi.InvokeOutputOptions(parent=self)
        ).account_id
        self.role = self.child(
            "",
            aws.iam.Role,
            limit="role",
            assume_role_policy=pulumi.Output.json_dumps(_trust(args.service, account)),
        )
        if args.statements:
            self.child(
                "policy",
                aws.iam.RolePolicy,
                role=self.role.name,
                policy=pulumi.Output.json_dumps(policy_document(args.statements)),
            )
        self.arn = self.role.arn
        self.role_name = self.role.name
        self.finish("arn", "role_name")


def statement_mistakes(statements: Sequence[Statement]) -> Iterator[str]:
    """Yield a sentence for each statement that allows a whole service."""
    for statement in statements:
        for action in statement.actions:
            if action == "*" or action.endswith(":*"):
                yield f"statements allow {action!r}: name the actions one by one"


def policy_document(statements: Sequence[Statement]) -> dict[str, Any]:
    """Return a policy of statements; its values may be outputs."""
    return {
        "Version": "2012-10-17",
        "Statement": [statement.document() for statement in statements],
    }


def _trust(service: str, account: pulumi.Input[str]) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if service not in ACCOUNTLESS:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": account}}
    return {"Version": "2012-10-17", "Statement": [statement]}
