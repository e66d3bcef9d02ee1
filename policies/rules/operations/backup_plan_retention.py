"""Backups are kept long enough."""

from platformctl.policies.rule import ADVISORY, HIGH, Rule
from platformctl.policies.vocabulary import at_least

RULE = Rule(
    id="backup-plan-retention",
    title="Backups are kept long enough",
    why="Corruption is often noticed after weeks.",
    fix="raise the retention days of BackupPlan",
    severity=HIGH,
    staging=ADVISORY,
    types=("aws:backup/plan:Plan",),
    judge=at_least("rules[].lifecycle.deleteAfter", "plan_retention_days", missing=36500),
    before={"rules": [{"ruleName": "daily", "lifecycle": {"deleteAfter": 3}}]},
    after={"rules": [{"ruleName": "daily", "lifecycle": {"deleteAfter": 35}}]},
)
