"""Caches ask who connects."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import given

RULE = Rule(
    id="elasticache-auth",
    title="Caches ask who connects",
    why="Whatever gets into the network can read every session.",
    fix="leave the token to RedisCache, which generates it",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:elasticache/replicationGroup:ReplicationGroup",),
    judge=given("authToken", "authTokenWo", "userGroupIds"),
    before={"transitEncryptionEnabled": True},
    after={"userGroupIds": ["sessions"]},
)
