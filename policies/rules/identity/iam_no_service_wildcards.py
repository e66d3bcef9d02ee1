"""Roles may do named things, not whole services."""

from platformctl.policies.rule import ADVISORY, HIGH, Rule
from platformctl.policies.statements import Statement, each_statement


def _wildcards(statement: Statement) -> list[str]:
    return [each for each in statement.actions if each.endswith(":*") or each in ("*", "*:*")]


RULE = Rule(
    id="iam-no-service-wildcards",
    title="Roles may do named things, not whole services",
    why="`s3:*` includes deleting the bucket and opening it to everybody.",
    fix="name the actions in the `statements` of the role",
    severity=HIGH,
    staging=ADVISORY,
    types=("aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy"),
    judge=each_statement("policy", _wildcards, "named actions"),
    before={
        "policy": {
            "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::shop/*"}]
        }
    },
    after={
        "policy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:PutObject"],
                    "Resource": "arn:aws:s3:::shop/*",
                }
            ]
        }
    },
)
