"""Failover and weighted records are forgotten within a minute."""

from platformctl.policies.rule import ADVISORY, HIGH, Rule
from platformctl.policies.vocabulary import all_of, at_most, empty

RULE = Rule(
    id="route53-failover-ttl-short",
    title="Failover and weighted records are forgotten within a minute",
    why="For as long as resolvers remember, clients go on asking the side that failed.",
    fix="keep the `ttl` of FailoverRecord at 60 or less",
    severity=HIGH,
    staging=ADVISORY,
    types=("aws:route53/record:Record",),
    judge=at_most("ttl", 60, missing=0),
    unless=all_of(empty("failoverRoutingPolicies"), empty("weightedRoutingPolicies")),
    before={"ttl": 300, "failoverRoutingPolicies": [{"type": "PRIMARY"}]},
    after={"ttl": 60, "failoverRoutingPolicies": [{"type": "PRIMARY"}]},
)
