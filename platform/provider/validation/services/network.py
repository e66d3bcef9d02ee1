"""Networks: what is in EC2's own namespace without being a rule of a security group."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, cidr
from platformctl.provider.validation.rules import (
    AtLeastOne,
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
    Requires,
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
    "odbNetworkArn",
    "vpcEndpointId",
)
DESTINATIONS = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")
PORTS = 65_535
LARGEST, SMALLEST = 16, 28
HELD_BY_CUSTOMER = ("customerOwnedIpv4Pool", "mapCustomerOwnedIpOnLaunch")
REGIONAL = ("regional",)
ZONE = r"[a-z]{2}(-[a-z]+)+-\d([a-z]|(-[a-z0-9]+)+-\d[a-z]?)"
"""Zones: us-east-1a, and those outside of regions such as us-west-2-lax-1a."""


def _size(inputs: Inputs) -> Failures:
    """A network of a VPC or a subnet is between /16 and /28."""
    block = inputs.get("cidrBlock")
    size = block.rpartition("/")[2] if isinstance(block, str) else ""
    if size.isdigit() and not LARGEST <= int(size) <= SMALLEST:
        yield CheckFailure(
            "cidrBlock", f"cidrBlock must be between /{LARGEST} and /{SMALLEST}, not {block}"
        )


def _addresses(inputs: Inputs) -> Failures:
    """A public gateway in one zone has an address of its own."""
    public = inputs.get("connectivityType", "public") == "public"
    if public and inputs.get("availabilityMode", "zonal") == "zonal":
        yield from AtLeastOne(("allocationId",)).judge(inputs)


ROWS = {
    "aws:ec2/vpc:Vpc": Row(
        "ec2/vpc_.go",
        (
            AtLeastOne(("cidrBlock", "ipv4IpamPoolId")),
            AtMostOne(("cidrBlock", "ipv4NetmaskLength")),
            Requires("ipv4NetmaskLength", ("ipv4IpamPoolId",)),
            Range("ipv4NetmaskLength", LARGEST, SMALLEST),
            AtMostOne(("assignGeneratedIpv6CidrBlock", "ipv6CidrBlock")),
            AtMostOne(("assignGeneratedIpv6CidrBlock", "ipv6IpamPoolId")),
            AtMostOne(("ipv6CidrBlock", "ipv6NetmaskLength")),
            Requires("ipv6CidrBlock", ("ipv6IpamPoolId",)),
            Requires("ipv6NetmaskLength", ("ipv6IpamPoolId",)),
            Requires("ipv6CidrBlockNetworkBorderGroup", ("assignGeneratedIpv6CidrBlock",)),
            Follows("cidrBlock", cidr),
            Follows("ipv6CidrBlock", cidr),
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
            AtMostOne(("cidrBlock", "ipv4NetmaskLength")),
            Requires("ipv4NetmaskLength", ("ipv4IpamPoolId",)),
            Range("ipv4NetmaskLength", LARGEST, SMALLEST),
            AtMostOne(("ipv4IpamPoolId", "customerOwnedIpv4Pool")),
            *(Requires(each, ("outpostArn", *HELD_BY_CUSTOMER)) for each in HELD_BY_CUSTOMER),
            AtMostOne(("ipv6CidrBlock", "ipv6NetmaskLength")),
            Requires("ipv6NetmaskLength", ("ipv6IpamPoolId",)),
            Follows("ipv6CidrBlock", cidr),
            Follows("outpostArn", arn),
            OneOf("privateDnsHostnameTypeOnLaunch", ("ip-name", "resource-name")),
            Pattern("availabilityZone", ZONE),
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
            OneOf("availabilityMode", ("zonal", "regional")),
            Custom(_addresses),
            When(
                "connectivityType",
                ("private",),
                excludes=("allocationId", "secondaryAllocationIds"),
            ),
            When(
                "connectivityType",
                ("public", None),
                excludes=("secondaryPrivateIpAddressCount",),
            ),
            AtMostOne(("secondaryPrivateIpAddresses", "secondaryPrivateIpAddressCount")),
            When("availabilityMode", REGIONAL, ("vpcId",), ("subnetId", "allocationId")),
            When("availabilityMode", REGIONAL, ("subnetId",), otherwise=True),
            AtLeastOne(
                ("availabilityZone", "availabilityZoneId"), within="availabilityZoneAddresses[]"
            ),
        ),
    ),
    "aws:ec2/routeTable:RouteTable": Row(
        "ec2/vpc_route_table.go",
        (
            ExactlyOne(TARGETS, "routes[]"),
            ExactlyOne(("cidrBlock", "ipv6CidrBlock", "destinationPrefixListId"), "routes[]"),
            Follows("routes[].cidrBlock", cidr),
            Follows("routes[].ipv6CidrBlock", cidr),
        ),
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Row(
        "ec2/vpc_route_table_association.go", (ExactlyOne(("subnetId", "gatewayId")),)
    ),
    "aws:ec2/route:Route": Row(
        "ec2/vpc_route.go",
        (
            ExactlyOne(TARGETS),
            ExactlyOne(DESTINATIONS),
            AtMostOne(("carrierGatewayId", "destinationIpv6CidrBlock")),
            AtMostOne(("egressOnlyGatewayId", "destinationCidrBlock")),
            AtMostOne(("vpcEndpointId", "destinationPrefixListId")),
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
            # Of a transit gateway all that passes it is recorded.
            AtLeastOne(("trafficType", "transitGatewayId", "transitGatewayAttachmentId")),
            Follows("iamRoleArn", arn),
            Follows("deliverCrossAccountRole", arn),
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
            Pattern("name", "^(?i:sg-)", "a name that does not start with sg-", never=True),
            Length("description", 1, 255),
            Pattern("description", DESCRIPTION),
        ),
    ),
}
