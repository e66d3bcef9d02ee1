"""Services have no public addresses."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import not_true

RULE = Rule(
    id="ecs-service-no-public-ip",
    title="Services have no public addresses",
    why="A task with a public address can be reached past the load balancer and the firewall.",
    fix="run FargateService in the app subnets; it never assigns public addresses",
    severity=HIGH,
    types=("aws:ecs/service:Service",),
    judge=not_true("networkConfiguration.assignPublicIp"),
    before={"networkConfiguration": {"assignPublicIp": True}},
    after={"networkConfiguration": {"assignPublicIp": False}},
)
