"""Hosted zones, records, health checks."""

from platformctl.provider.validation.formats import address, arn, domain
from platformctl.provider.validation.paths import objects
from platformctl.provider.validation.rules import (
    AtLeastOne,
    AtMostOne,
    Count,
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
    refused,
)

ROUTING = (
    "cidrRoutingPolicy",
    "failoverRoutingPolicies",
    "geolocationRoutingPolicies",
    "geoproximityRoutingPolicy",
    "latencyRoutingPolicies",
    "multivalueAnswerRoutingPolicy",
    "weightedRoutingPolicies",
)
TYPES = (
    "A",
    "AAAA",
    "CAA",
    "CNAME",
    "DS",
    "HTTPS",
    "MX",
    "NAPTR",
    "NS",
    "PTR",
    "SOA",
    "SPF",
    "SRV",
    "SSHFP",
    "SVCB",
    "TLSA",
    "TXT",
)
# The hosted zone of every distribution (Route 53 API Reference, AliasTarget).
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
# Where Route 53 checks from (Route 53 API Reference, HealthCheckConfig).
CHECKERS = (
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
)
FETCHED = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH")


def _distributions_have_no_health(inputs: Inputs) -> Failures:
    """Route 53 takes no alias to CloudFront that evaluates the target's health."""
    for place, alias in objects(inputs, "aliases[]"):
        if alias.get("zoneId") == CLOUDFRONT_ZONE and alias.get("evaluateTargetHealth") is True:
            wanted = "false for a distribution of CloudFront"
            yield refused(f"{place}.evaluateTargetHealth", True, wanted)


def _endpoint(inputs: Inputs) -> Failures:
    """What is fetched or connected to has a name or an address, and a connection a port."""
    if inputs.get("type") not in (*FETCHED, "TCP"):
        return
    yield from AtLeastOne(("fqdn", "ipAddress")).judge(inputs)
    yield from When("type", ("TCP",), needs=("port",), excludes=("resourcePath",)).judge(inputs)


ROWS = {
    "aws:route53/zone:Zone": Row(
        "route53/zone.go",
        (
            Follows("name", domain),
            Length("name", 1, 1024),
            Length("comment", 0, 256),
            AtMostOne(("delegationSetId", "vpcs")),
        ),
    ),
    "aws:route53/record:Record": Row(
        "route53/record.go",
        (
            ExactlyOne(("aliases", "records")),
            AtMostOne(("aliases", "ttl")),
            Requires("records", ("ttl",)),
            AtMostOne(ROUTING),
            # Records that share a name are told apart by an identifier.
            *(Requires(policy, ("setIdentifier",)) for policy in ROUTING),
            Count("aliases", 0, 1),
            Length("aliases[].name", 1, 1024),
            Range("geoproximityRoutingPolicy.bias", -99, 99),
            Length("zoneId", 1),
            Custom(_distributions_have_no_health),
            OneOf("type", TYPES),
            Range("ttl", 0, 2_147_483_647),
            Length("setIdentifier", 1, 128),
            Length("aliases[].zoneId", 1, 32),
            OneOf("failoverRoutingPolicies[].type", ("PRIMARY", "SECONDARY")),
            Pattern("name", r"[^\s]{1,1024}"),
        ),
    ),
    "aws:route53/healthCheck:HealthCheck": Row(
        "route53/health_check.go",
        (
            OneOf("type", (*FETCHED, "TCP", "CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL")),
            OneOf("requestInterval", (10, 30)),
            Range("childHealthThreshold", 0, 256),
            Count("childHealthchecks", 0, 256),
            Length("childHealthchecks[]", 0, 64),
            Count("regions", 3, 64),
            OneOf("regions[]", CHECKERS),
            Length("referenceName", 0, 27),
            Follows("ipAddress", address),
            Follows("routingControlArn", arn),
            Custom(_endpoint),
            Range("failureThreshold", 1, 10),
            Range("port", 1, 65_535),
            Length("resourcePath", 0, 255),
            Length("searchString", 0, 255),
            Length("fqdn", 0, 255),
            When("type", ("HTTP_STR_MATCH", "HTTPS_STR_MATCH"), needs=("searchString",)),
            When("type", ("HTTP", "HTTPS", "TCP"), excludes=("searchString",)),
            When(
                "type",
                ("CLOUDWATCH_METRIC",),
                needs=("cloudwatchAlarmName", "cloudwatchAlarmRegion"),
            ),
            When("type", ("HTTP", "TCP"), excludes=("enableSni",)),
            OneOf("insufficientDataHealthStatus", ("Healthy", "Unhealthy", "LastKnownStatus")),
        ),
    ),
    "aws:route53/queryLog:QueryLog": Row(
        "route53/query_log.go", (Follows("cloudwatchLogGroupArn", arn),)
    ),
}
