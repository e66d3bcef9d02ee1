"""Failover records know whether their target is well."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import all_of, any_of, empty, given, true

RULE = Rule(
    id="route53-failover-has-health-signal",
    title="Failover records know whether their target is well",
    why="Without a health check Route 53 never fails over.",
    fix="give FailoverRecord a `health_check_id`",
    severity=HIGH,
    types=("aws:route53/record:Record",),
    judge=any_of(
        given("healthCheckId"), all_of(given("aliases"), true("aliases[].evaluateTargetHealth"))
    ),
    unless=empty("failoverRoutingPolicies"),
    before={
        "type": "A",
        "failoverRoutingPolicies": [{"type": "PRIMARY"}],
        "records": ["192.0.2.1"],
    },
    after={"type": "A", "failoverRoutingPolicies": [{"type": "PRIMARY"}], "healthCheckId": "1"},
)
