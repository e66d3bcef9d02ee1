"""Subnets give no public addresses by themselves."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import not_true

RULE = Rule(
    id="subnet-no-auto-public-ip",
    title="Subnets give no public addresses by themselves",
    why=(
        "What is started in such a subnet is on the internet before anybody has thought about it."
    ),
    fix="leave `map_public_ip_on_launch` unset, as Network does",
    severity=MEDIUM,
    types=("aws:ec2/subnet:Subnet",),
    judge=not_true("mapPublicIpOnLaunch"),
    before={"mapPublicIpOnLaunch": True},
    after={"mapPublicIpOnLaunch": False},
)
