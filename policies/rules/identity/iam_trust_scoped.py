"""Roles say exactly who may take them."""

from platformctl.policies.rule import CRITICAL, Rule
from platformctl.policies.statements import Statement, each_statement

_SHARED = ("cloudformation.amazonaws.com", "sns.amazonaws.com", "events.amazonaws.com")
"""Services that act for whoever asks them: without a source account, for strangers too."""


def _open(statement: Statement) -> str:
    if statement.anyone:
        return "everybody"
    for kind, name in statement.principals:
        if kind == "Federated" and "oidc" in name.lower() and not _subject(statement):
            return f"every identity of {name}"
        if kind == "Federated" and "githubusercontent" in name and not _subject(statement):
            return f"every repository of {name}"
        if kind == "Service" and name in _SHARED and not statement.narrowed:
            return f"{name} for any account"
    return ""


def _subject(statement: Statement) -> bool:
    """Tell whether a condition says which subject of an identity provider is meant."""
    return any(
        key.lower().endswith(":sub") and all(str(value).strip("*") for value in values)
        for _, key, values in statement.conditions
    )


RULE = Rule(
    id="iam-trust-scoped",
    title="Roles say exactly who may take them",
    why="A role that everybody, or every repository, may take is everybody's.",
    fix="name the service, account or repository in the trust of ServiceRole or GithubDeployRole",
    severity=CRITICAL,
    types=("aws:iam/role:Role",),
    judge=each_statement("assumeRolePolicy", _open, "one service, account or subject"),
    before={
        "assumeRolePolicy": {
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
            ]
        }
    },
    after={
        "assumeRolePolicy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ]
        }
    },
)
