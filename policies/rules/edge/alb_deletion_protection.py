"""Load balancers refuse to be deleted."""

from platformctl.policies.rule import MEDIUM, OFF, Rule
from platformctl.policies.vocabulary import true

RULE = Rule(
    id="alb-deletion-protection",
    title="Load balancers refuse to be deleted",
    why="A deleted load balancer takes its name and all its traffic with it.",
    fix="keep `deletion_protection=True` of ApplicationLoadBalancer",
    severity=MEDIUM,
    staging=OFF,
    types=("aws:lb/loadBalancer:LoadBalancer",),
    judge=true("enableDeletionProtection"),
    before={"enableDeletionProtection": False},
    after={"enableDeletionProtection": True},
)
