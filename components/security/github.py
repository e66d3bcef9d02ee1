"""A role that GitHub Actions takes without any stored key."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.security.roles import (
    Statement,
    policy_document,
    statement_mistakes,
)

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
SESSION_SECONDS = (3600, 43200)
REPOSITORY = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")
PLAIN = re.compile(r"[^*?:\s]+(?: [^*?:\s]+)*")


@dataclass(frozen=True, kw_only=True)
class GithubDeployRoleArgs(Args):
    """Which workflows may take the role, and what it may do.

    Attributes:
        repository: The repository, `owner/name`.
        environments: GitHub environments whose jobs may take it.
        branches: Branches whose workflows may take it.
        statements: What it may do.
        oidc_provider_arn: GitHub's identity provider in the account, which can exist only once;
            one is made without it.
        permissions_boundary_arn: Policy that limits what the role can ever do.
        session_seconds: How long a session lasts, 3600 to 43200.
    """

    repository: str
    environments: Sequence[str] = ()
    branches: Sequence[str] = ()
    statements: Sequence[Statement] = ()
    oidc_provider_arn: pulumi.Input[str] | None = None
    permissions_boundary_arn: pulumi.Input[str] | None = None
    session_seconds: int = 3600

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not REPOSITORY.fullmatch(self.repository):
            yield f"repository is {self.repository!r}: must be owner/name"
        if not self.environments and not self.branches:
            yield "environments and branches are empty: name who may take the role"
        for field, names in (("environments", self.environments), ("branches", self.branches)):
            for name in names:
                if not PLAIN.fullmatch(name):
                    yield f"{field} has {name!r}: must be a name without wildcards or colons"
        low, high = SESSION_SECONDS
        if not low <= self.session_seconds <= high:
            yield f"session_seconds is {self.session_seconds}: must be {low} to {high}"
        yield from statement_mistakes(self.statements)


class GithubDeployRole(Component):
    """An IAM role that named environments and branches of one GitHub repository can take.

    GitHub signs a token for each job; AWS checks its audience, repository, and environment or
    branch. There is no key to store, to leak or to rotate.

    Example::

        GithubDeployRole("deploy", GithubDeployRoleArgs(repository="example/shop",
            environments=["production"], statements=[
                Statement(actions=["ecr:PutImage"], resources=[repository.arn])]))
        GithubDeployRole("check", GithubDeployRoleArgs(repository="example/shop",
            branches=["main"], oidc_provider_arn=deploy.oidc_provider_arn))

    Costs nothing.

    Attributes:
        arn: ARN of the role, for `role-to-assume`.
        role_name: Name of the role.
        oidc_provider_arn: ARN of GitHub's identity provider.
    """

    arn: pulumi.Output[str]
    role_name: pulumi.Output[str]
    oidc_provider_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: GithubDeployRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("security:GithubDeployRole", name, args, opts)
        self.oidc_provider_arn = _identity_provider(self, args)
        self.role = self.child(
            "",
            aws.iam.Role,
            limit="role",
            description=f"Deployments of {args.repository} by GitHub Actions",
            assume_role_policy=pulumi.Output.json_dumps(_trust(args, self.oidc_provider_arn)),
            max_session_duration=args.session_seconds,
            permissions_boundary=args.permissions_boundary_arn,
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
        self.finish("arn", "role_name", "oidc_provider_arn")


def _identity_provider(
    component: GithubDeployRole, args: GithubDeployRoleArgs
) -> pulumi.Output[str]:
    """Return GitHub's identity provider; AWS trusts its certificate authority by itself."""
    if args.oidc_provider_arn is not None:
        return pulumi.Output.from_input(args.oidc_provider_arn)
    made = component.child(
        "identity",
        aws.iam.OpenIdConnectProvider,
        url=f"https://{ISSUER}",
        client_id_lists=[AUDIENCE],
    )
    return made.arn


def _trust(args: GithubDeployRoleArgs, provider_arn: pulumi.Input[str]) -> dict[str, Any]:
    subjects = [
        *(f"repo:{args.repository}:environment:{name}" for name in args.environments),
        *(f"repo:{args.repository}:ref:refs/heads/{name}" for name in args.branches),
    ]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider_arn},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subjects}
                },
            }
        ],
    }
