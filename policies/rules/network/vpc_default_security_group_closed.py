"""The default security group of a VPC lets nothing through."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import all_of, empty

RULE = Rule(
    id="vpc-default-security-group-closed",
    title="The default security group of a VPC lets nothing through",
    why=(
        "Whatever is started without a group of its own gets the default one, and with it"
        " everything that it allows."
    ),
    fix="leave `ingress` and `egress` of the DefaultSecurityGroup empty, as Network does",
    severity=HIGH,
    types=("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",),
    judge=all_of(empty("ingress"), empty("egress")),
    before={"ingress": [{"protocol": "-1", "self": True, "fromPort": 0, "toPort": 0}]},
    after={"ingress": [], "egress": []},
)
