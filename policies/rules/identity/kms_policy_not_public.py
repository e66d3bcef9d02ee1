"""Keys are not everybody's."""

from platformctl.policies.rule import CRITICAL, Rule
from platformctl.policies.statements import each_statement, everybody

RULE = Rule(
    id="kms-policy-not-public",
    title="Keys are not everybody's",
    why="Everybody could decrypt with it.",
    fix="leave the key's policy to Keys",
    severity=CRITICAL,
    types=("aws:kms/key:Key", "aws:kms/keyPolicy:KeyPolicy"),
    judge=each_statement("policy", everybody, "named principals"),
    before={
        "policy": {
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]
        }
    },
    after={
        "policy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ]
        }
    },
)
