"""Image repositories are not open to everybody."""

from platformctl.policies.rule import CRITICAL, Rule
from platformctl.policies.statements import each_statement, everybody

RULE = Rule(
    id="ecr-no-public-policy",
    title="Image repositories are not open to everybody",
    why="Images hold code and often more.",
    fix="name accounts in the repository policy",
    severity=CRITICAL,
    types=("aws:ecr/repositoryPolicy:RepositoryPolicy",),
    judge=each_statement("policy", everybody, "named principals"),
    before={
        "policy": {
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]
        }
    },
    after={
        "policy": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
                    "Action": "ecr:BatchGetImage",
                }
            ]
        }
    },
)
