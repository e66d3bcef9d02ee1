"""Rules of security groups."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import cidr
from platformctl.provider.validation.rules import (
    Custom,
    ExactlyOne,
    Failures,
    Follows,
    Inputs,
    Length,
    Pattern,
    Range,
    Row,
    When,
)
from platformctl.provider.validation.services.network import DESCRIPTION, PORTS

ENDS = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def _ports(inputs: Inputs) -> Failures:
    """Ports go upwards."""
    low, high = inputs.get("fromPort"), inputs.get("toPort")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield CheckFailure("fromPort", f"fromPort {low} is above toPort {high}")


RULES = (
    ExactlyOne(ENDS),
    Follows("cidrIpv4", cidr),
    Follows("cidrIpv6", cidr),
    Length("description", 0, 255),
    Pattern("description", DESCRIPTION),
    Range("fromPort", -1, PORTS),
    Range("toPort", -1, PORTS),
    When("ipProtocol", ("tcp", "udp", "6", "17"), needs=("fromPort", "toPort")),
    When("ipProtocol", ("-1", "all"), excludes=("fromPort", "toPort")),
    Custom(_ports),
)

ROWS = {
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Row(
        "ec2/vpc_security_group_ingress_rule.go", RULES
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Row(
        "ec2/vpc_security_group_egress_rule.go", RULES
    ),
}
