"""A deleted database leaves a snapshot."""

from platformctl.policies.rule import HIGH, OFF, Rule
from platformctl.policies.vocabulary import given, not_true

RULE = Rule(
    id="rds-final-snapshot",
    title="A deleted database leaves a snapshot",
    why="Without it, what was in it is gone with it.",
    fix="keep `deletion_protection=True` of PostgresDatabase, which also takes a final snapshot",
    severity=HIGH,
    staging=OFF,
    types=("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"),
    judge=not_true("skipFinalSnapshot"),
    unless=given("replicateSourceDb"),
    before={"skipFinalSnapshot": True},
    after={"skipFinalSnapshot": False, "finalSnapshotIdentifier": "shop-final"},
)
