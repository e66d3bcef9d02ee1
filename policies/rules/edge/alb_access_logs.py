"""Load balancers keep access logs."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import one_of, true

RULE = Rule(
    id="alb-access-logs",
    title="Load balancers keep access logs",
    why="Without them nobody can tell afterwards who asked for what.",
    fix="do not `skip` the `access_logs` of ApplicationLoadBalancer",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:lb/loadBalancer:LoadBalancer",),
    judge=true("accessLogs.enabled"),
    unless=one_of("loadBalancerType", "gateway"),
    before={"accessLogs": {"bucket": "logs", "enabled": False}},
    after={"accessLogs": {"bucket": "logs", "enabled": True}},
)
