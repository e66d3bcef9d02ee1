"""Databases have no public address."""

from platformctl.policies.rule import CRITICAL, Rule
from platformctl.policies.vocabulary import not_true

RULE = Rule(
    id="rds-not-public",
    title="Databases have no public address",
    why="A database with a public address is one leaked password away from being copied.",
    fix="leave `publicly_accessible` to PostgresDatabase, which never sets it",
    severity=CRITICAL,
    types=("aws:rds/instance:Instance", "aws:rds/clusterInstance:ClusterInstance"),
    judge=not_true("publiclyAccessible"),
    before={"publiclyAccessible": True},
    after={"publiclyAccessible": False},
)
