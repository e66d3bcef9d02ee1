"""Caches fail over to another zone."""

from platformctl.policies.rule import MEDIUM, OFF, Rule
from platformctl.policies.vocabulary import all_of, true

RULE = Rule(
    id="elasticache-failover",
    title="Caches fail over to another zone",
    why="The loss of one node would log everybody out.",
    fix="set `replicas` of RedisCache to 1 or more",
    severity=MEDIUM,
    staging=OFF,
    types=("aws:elasticache/replicationGroup:ReplicationGroup",),
    judge=all_of(true("automaticFailoverEnabled"), true("multiAzEnabled")),
    before={"automaticFailoverEnabled": False, "multiAzEnabled": False},
    after={"automaticFailoverEnabled": True, "multiAzEnabled": True},
)
