"""Caches are encrypted on disk."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import true

RULE = Rule(
    id="elasticache-encrypted-at-rest",
    title="Caches are encrypted on disk",
    why="Snapshots of a cache hold sessions and tokens.",
    fix="give RedisCache a `key_arn`; it always encrypts",
    severity=HIGH,
    types=("aws:elasticache/replicationGroup:ReplicationGroup",),
    judge=true("atRestEncryptionEnabled"),
    before={"atRestEncryptionEnabled": False},
    after={"atRestEncryptionEnabled": True},
)
