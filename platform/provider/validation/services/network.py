"""Networks: what is in EC2's own namespace without being a rule of a security group."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, cidr
from platformctl.provider.validation.rules import (
    AtMostOne,
    Custom,
    ExactlyOne,
    Failures,
    Follows,
    Inputs,
    Length,
    OneOf,
    Pattern,
    Range,
    Row,
    When,
)

DESCRIPTION = r"[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]*"
"""What EC2 allows in the descriptions and names of security groups."""
TARGETS = (
    "gatewayId",
    "natGatewayId",
    "transitGatewayId",
    "vpcPeeringConnectionId",
    "networkInterfaceId",
    "egressOnlyGatewayId",
    "carrierGatewayId",
    "localGatewayId",
    "coreNetworkArn",
    "vpcEndpointId",
)
DESTINATIONS = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")
PORTS = 65_535
LARGEST, SMALLEST = 16, 28


def _size(inputs: Inputs) -> Failures:
    """A network of a VPC or a subnet is between /16 and /28."""
    block = inputs.get("cidrBlock")
    size = block.rpartition("/")[2] if isinstance(block, str) else ""
    if size.isdigit() and not LARGEST <= int(size) <= SMALLEST:
        yield CheckFailure(
            "cidrBlock", f"cidrBlock must be between /{LARGEST} and /{SMALLEST}, not {block}"
        )


ROWS = {
    "aws:ec2/vpc:Vpc": Row(
        "ec2/vpc_.go",
        (
            AtMostOne(("cidrBlock", "ipv4IpamPoolId")),
            AtMostOne(("ipv6CidrBlock", "assignGeneratedIpv6CidrBlock")),
            Follows("cidrBlock", cidr),
            Custom(_size),
            OneOf("instanceTenancy", ("default", "dedicated")),
        ),
    ),
    "aws:ec2/subnet:Subnet": Row(
        "ec2/vpc_subnet.go",
        (
            AtMostOne(("availabilityZone", "availabilityZoneId")),
            Follows("cidrBlock", cidr),
            Custom(_size),
            Pattern("availabilityZone", r"[a-z]{2}(-[a-z]+)+-\d[a-z]"),
        ),
    ),
    "aws:ec2/internetGateway:InternetGateway": Row("ec2/vpc_internet_gateway.go"),
    "aws:ec2/eip:Eip": Row(
        "ec2/ec2_eip.go",
        (OneOf("domain", ("vpc", "standard")), AtMostOne(("instance", "networkInterface"))),
    ),
    "aws:ec2/natGateway:NatGateway": Row(
        "ec2/vpc_nat_gateway.go",
        (
            OneOf("connectivityType", ("public", "private")),
            When("connectivityType", ("private",), excludes=("allocationId",)),
            When("connectivityType", ("public", None), needs=("allocationId",)),
        ),
    ),
    "aws:ec2/routeTable:RouteTable": Row("ec2/vpc_route_table.go"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Row(
        "ec2/vpc_route_table_association.go", (ExactlyOne(("subnetId", "gatewayId")),)
    ),
    "aws:ec2/route:Route": Row(
        "ec2/vpc_route.go",
        (
            ExactlyOne(TARGETS),
            ExactlyOne(DESTINATIONS),
            Follows("destinationCidrBlock", cidr),
            Follows("destinationIpv6CidrBlock", cidr),
        ),
    ),
    "aws:ec2/networkAcl:NetworkAcl": Row("ec2/vpc_network_acl.go"),
    "aws:ec2/networkAclAssociation:NetworkAclAssociation": Row(
        "ec2/vpc_network_acl_association.go"
    ),
    "aws:ec2/networkAclRule:NetworkAclRule": Row(
        "ec2/vpc_network_acl_rule.go",
        (
            ExactlyOne(("cidrBlock", "ipv6CidrBlock")),
            Follows("cidrBlock", cidr),
            Follows("ipv6CidrBlock", cidr),
            OneOf("ruleAction", ("allow", "deny")),
            # Rules above are AWS's own.
            Range("ruleNumber", 1, 32_766),
            Range("fromPort", 0, PORTS),
            Range("toPort", 0, PORTS),
            When("protocol", ("tcp", "udp", "6", "17"), needs=("fromPort", "toPort")),
        ),
    ),
    "aws:ec2/flowLog:FlowLog": Row(
        "ec2/vpc_flow_log.go",
        (
            ExactlyOne(
                (
                    "eniId",
                    "subnetId",
                    "vpcId",
                    "transitGatewayId",
                    "transitGatewayAttachmentId",
                    "regionalNatGatewayId",
                )
            ),
            OneOf("logDestinationType", ("cloud-watch-logs", "s3", "kinesis-data-firehose")),
            OneOf("trafficType", ("ACCEPT", "REJECT", "ALL")),
            OneOf("maxAggregationInterval", (60, 600)),
            Follows("iamRoleArn", arn),
            Follows("logDestination", arn),
            When(
                "logDestinationType",
                ("cloud-watch-logs", None),
                needs=("iamRoleArn", "logDestination"),
                excludes=("destinationOptions",),
            ),
        ),
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Row("ec2/vpc_default_security_group.go"),
    "aws:ec2/securityGroup:SecurityGroup": Row(
        "ec2/vpc_security_group.go",
        (
            AtMostOne(("name", "namePrefix")),
            Length("name", 1, 255),
            Pattern("name", DESCRIPTION),
            Pattern("name", "^sg-", "a name that does not start with sg-", never=True),
            Length("description", 1, 255),
            Pattern("description", DESCRIPTION),
        ),
    ),
}
