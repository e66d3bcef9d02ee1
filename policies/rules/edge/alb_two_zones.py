"""Load balancers stand in two zones at least."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import count_at_least

RULE = Rule(
    id="alb-two-zones",
    title="Load balancers stand in two zones at least",
    why="In one zone, its failure is everybody's failure.",
    fix="give ApplicationLoadBalancer the `subnet_ids` of all public subnets",
    severity=MEDIUM,
    types=("aws:lb/loadBalancer:LoadBalancer",),
    judge=count_at_least(2, "subnets", "subnetMappings"),
    before={"subnets": ["subnet-1"]},
    after={"subnets": ["subnet-1", "subnet-2"]},
)
