"""Databases accept IAM instead of passwords."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import true

RULE = Rule(
    id="rds-iam-auth",
    title="Databases accept IAM instead of passwords",
    why="A token of 15 minutes is worth less to a thief than a password.",
    fix="switch `iam_authentication` of PostgresDatabase on",
    severity=MEDIUM,
    staging=ADVISORY,
    production=ADVISORY,
    types=("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"),
    judge=true("iamDatabaseAuthenticationEnabled"),
    before={"iamDatabaseAuthenticationEnabled": False},
    after={"iamDatabaseAuthenticationEnabled": True},
)
