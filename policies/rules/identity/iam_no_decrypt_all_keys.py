"""Roles may decrypt with named keys only."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.statements import Statement, each_statement

_ACTIONS = ("kms:Decrypt", "kms:ReEncryptFrom")


def _decrypts(statement: Statement) -> list[str]:
    if not any(_every_key(each) for each in statement.resources):
        return []
    return [action for action in _ACTIONS if statement.allows_action(action)]


def _every_key(resource: str) -> bool:
    return resource == "*" or resource.endswith((":key/*", ":alias/*", "kms:*"))


RULE = Rule(
    id="iam-no-decrypt-all-keys",
    title="Roles may decrypt with named keys only",
    why="Who may decrypt with every key may read every store that the key was to keep closed.",
    fix="name the key's ARN in the `statements` of the role",
    severity=HIGH,
    types=("aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy"),
    judge=each_statement("policy", _decrypts, "the ARNs of keys"),
    before={
        "policy": {"Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}
    },
    after={
        "policy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "kms:Decrypt",
                    "Resource": "arn:aws:kms:us-east-1:000000000000:key/1",
                }
            ]
        }
    },
)
