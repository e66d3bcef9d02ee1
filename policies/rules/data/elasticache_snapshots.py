"""Caches are backed up."""

from platformctl.policies.rule import MEDIUM, OFF, Rule
from platformctl.policies.vocabulary import at_least

RULE = Rule(
    id="elasticache-snapshots",
    title="Caches are backed up",
    why="After a loss the cache starts warm.",
    fix="set `snapshot_retention_days` of RedisCache to 1 or more",
    severity=MEDIUM,
    staging=OFF,
    types=("aws:elasticache/replicationGroup:ReplicationGroup",),
    judge=at_least("snapshotRetentionLimit", 1),
    before={"snapshotRetentionLimit": 0},
    after={"snapshotRetentionLimit": 5},
)
