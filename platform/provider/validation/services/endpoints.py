"""Endpoints of services in a network."""

from platformctl.provider.validation.formats import policy
from platformctl.provider.validation.rules import ExactlyOne, Follows, OneOf, Pattern, Row, When

ROWS = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": Row(
        "ec2/vpc_endpoint.go",
        (
            ExactlyOne(("serviceName", "resourceConfigurationArn", "serviceNetworkArn")),
            Pattern("serviceName", r"(com|aws|cn)\.[\w.-]+"),
            OneOf(
                "vpcEndpointType",
                ("Gateway", "GatewayLoadBalancer", "Interface", "Resource", "ServiceNetwork"),
            ),
            When(
                "vpcEndpointType",
                ("Gateway", None),
                excludes=("subnetIds", "securityGroupIds", "privateDnsEnabled"),
            ),
            When(
                "vpcEndpointType", ("Interface",), needs=("subnetIds",), excludes=("routeTableIds",)
            ),
            OneOf("ipAddressType", ("ipv4", "dualstack", "ipv6")),
            Follows("policy", policy),
        ),
    ),
}
