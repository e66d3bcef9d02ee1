"""Load balancers drop malformed headers."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import one_of, true

RULE = Rule(
    id="alb-drops-invalid-headers",
    title="Load balancers drop malformed headers",
    why="Malformed headers are how requests are smuggled past the load balancer.",
    fix="leave `drop_invalid_header_fields` to ApplicationLoadBalancer",
    severity=MEDIUM,
    types=("aws:lb/loadBalancer:LoadBalancer",),
    judge=true("dropInvalidHeaderFields"),
    unless=one_of("loadBalancerType", "network", "gateway"),
    before={"loadBalancerType": "application", "dropInvalidHeaderFields": False},
    after={"loadBalancerType": "application", "dropInvalidHeaderFields": True},
)
