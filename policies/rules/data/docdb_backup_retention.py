"""Document stores are backed up."""

from platformctl.policies.rule import ADVISORY, HIGH, Rule
from platformctl.policies.vocabulary import at_least

RULE = Rule(
    id="docdb-backup-retention",
    title="Document stores are backed up",
    why="Without automated backups there is no point in time to go back to.",
    fix="raise `backup_retention_days` of DocumentDatabase",
    severity=HIGH,
    staging=ADVISORY,
    types=("aws:docdb/cluster:Cluster",),
    judge=at_least("backupRetentionPeriod", "backup_retention_days", missing=1),
    before={"backupRetentionPeriod": 1},
    after={"backupRetentionPeriod": 7},
)
