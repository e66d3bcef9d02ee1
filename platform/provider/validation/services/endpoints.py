"""Endpoints of services in a network."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, policy
from platformctl.provider.validation.rules import (
    Count,
    Custom,
    ExactlyOne,
    Failures,
    Follows,
    Inputs,
    OneOf,
    Pattern,
    Row,
    When,
)

PREFERENCES = (
    "ALL_DOMAINS",
    "VERIFIED_DOMAINS_ONLY",
    "VERIFIED_DOMAINS_AND_SPECIFIED_DOMAINS",
    "SPECIFIED_DOMAINS_ONLY",
)


def _private_names(inputs: Inputs) -> Failures:
    """A gateway is found by routes, not by names."""
    gateway = inputs.get("vpcEndpointType", "Gateway") == "Gateway"
    if gateway and inputs.get("privateDnsEnabled") is True:
        yield CheckFailure(
            "privateDnsEnabled", "privateDnsEnabled cannot be true of an endpoint of type Gateway"
        )


ROWS = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": Row(
        "ec2/vpc_endpoint.go",
        (
            ExactlyOne(("serviceName", "resourceConfigurationArn", "serviceNetworkArn")),
            Pattern("serviceName", r"(com|aws|cn)\.[\w.-]+"),
            When("vpcEndpointType", ("Gateway", None), excludes=("subnetIds", "securityGroupIds")),
            When("vpcEndpointType", ("Interface",), excludes=("routeTableIds",)),
            Custom(_private_names),
            Follows("resourceConfigurationArn", arn),
            Follows("serviceNetworkArn", arn),
            OneOf("dnsOptions.privateDnsPreference", PREFERENCES),
            Count("dnsOptions.privateDnsSpecifiedDomains", 1, 10),
            Follows("policy", policy),
        ),
    ),
}
