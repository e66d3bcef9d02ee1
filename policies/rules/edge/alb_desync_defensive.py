"""Load balancers guard against request smuggling."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import one_of

RULE = Rule(
    id="alb-desync-defensive",
    title="Load balancers guard against request smuggling",
    why="In monitor mode ambiguous requests reach the service, which may read them differently.",
    fix="leave `desync_mitigation_mode` unset",
    severity=MEDIUM,
    types=("aws:lb/loadBalancer:LoadBalancer",),
    judge=one_of("desyncMitigationMode", "defensive", "strictest", missing=True),
    unless=one_of("loadBalancerType", "network", "gateway"),
    before={"desyncMitigationMode": "monitor"},
    after={"desyncMitigationMode": "defensive"},
)
