"""Databases refuse to be deleted."""

from platformctl.policies.rule import HIGH, OFF, Rule
from platformctl.policies.vocabulary import given, true

RULE = Rule(
    id="rds-deletion-protection",
    title="Databases refuse to be deleted",
    why=(
        "A renamed resource or a wrong stack deletes the database, and its automated "
        "backups with it."
    ),
    fix="keep `deletion_protection=True` of PostgresDatabase",
    severity=HIGH,
    staging=OFF,
    types=("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"),
    judge=true("deletionProtection"),
    unless=given("replicateSourceDb"),
    before={"deletionProtection": False},
    after={"deletionProtection": True},
)
