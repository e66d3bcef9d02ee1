"""Databases are backed up."""

from platformctl.policies.rule import ADVISORY, HIGH, Rule
from platformctl.policies.vocabulary import at_least, given

RULE = Rule(
    id="rds-backup-retention",
    title="Databases are backed up",
    why="Without automated backups there is no point in time to go back to.",
    fix="raise `backup_retention_days` of PostgresDatabase",
    severity=HIGH,
    staging=ADVISORY,
    types=("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"),
    judge=at_least("backupRetentionPeriod", "backup_retention_days"),
    unless=given("replicateSourceDb"),
    before={"backupRetentionPeriod": 0},
    after={"backupRetentionPeriod": 14},
)
