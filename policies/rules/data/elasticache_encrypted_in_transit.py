"""Caches speak TLS only."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import all_of, one_of, true

RULE = Rule(
    id="elasticache-encrypted-in-transit",
    title="Caches speak TLS only",
    why="Sessions travel between service and cache.",
    fix="leave the encryption in transit to RedisCache",
    severity=HIGH,
    types=("aws:elasticache/replicationGroup:ReplicationGroup",),
    judge=all_of(
        true("transitEncryptionEnabled"), one_of("transitEncryptionMode", "required", missing=True)
    ),
    before={"transitEncryptionEnabled": False},
    after={"transitEncryptionEnabled": True, "transitEncryptionMode": "required"},
)
