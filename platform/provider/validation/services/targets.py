"""Target groups."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.paths import block
from platformctl.provider.validation.rules import (
    AtMostOne,
    Custom,
    Failures,
    Inputs,
    Length,
    OneOf,
    Pattern,
    Range,
    Row,
    When,
)
from platformctl.provider.validation.services.balancing import NAME, NAMED

TRANSPORTS = ("TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC")
SLOWEST = 900
SHARE = r"off|[1-9]\d?|100"
"""Percentage of a group's targets, or that nobody asks for one."""
FAILOVER = ("rebalance", "no_rebalance")
HEALTH = "targetGroupHealth"
LEAST = "minimumHealthyTargets"


def _health(inputs: Inputs) -> Failures:
    """A check ends before the next one begins, and asks what the targets speak."""
    check, protocol = block(inputs, "healthCheck"), inputs.get("protocol")
    interval, timeout = check.get("interval"), check.get("timeout")
    if check.get("protocol") == "TCP" and (
        protocol in ("HTTP", "HTTPS") or inputs.get("targetType") == "lambda"
    ):
        sentence = "healthCheck.protocol cannot be TCP where targets are sent requests"
        yield CheckFailure("healthCheck.protocol", sentence)
    late = isinstance(interval, int) and isinstance(timeout, int) and timeout >= interval
    if late and protocol not in TRANSPORTS:
        yield CheckFailure(
            "healthCheck.timeout",
            f"healthCheck.timeout {timeout} must be below healthCheck.interval {interval}",
        )
    # What starts slowly takes 30 seconds or more.
    if isinstance(inputs.get("slowStart"), int) and inputs["slowStart"]:
        yield from Range("slowStart", 30, SLOWEST).judge(inputs)


ROWS = {
    "aws:lb/targetGroup:TargetGroup": Row(
        "elbv2/target_group.go",
        (
            AtMostOne(("name", "namePrefix")),
            Pattern("name", NAME, NAMED),
            Pattern("namePrefix", r"(?!-)[0-9A-Za-z-]{1,6}", "up to 6 characters of a name"),
            OneOf("targetType", ("instance", "ip", "lambda", "alb")),
            When("targetType", ("lambda",), otherwise=True, needs=("port", "protocol", "vpcId")),
            OneOf(
                "protocol",
                ("HTTP", "HTTPS", *TRANSPORTS),
            ),
            OneOf("protocolVersion", ("GRPC", "HTTP1", "HTTP2")),
            Range("port", 1, 65_535),
            Range("deregistrationDelay", 0, 3600),
            Custom(_health),
            Range("healthCheck.interval", 5, 300),
            Range("healthCheck.timeout", 2, 120),
            Range("healthCheck.healthyThreshold", 2, 10),
            Range("healthCheck.unhealthyThreshold", 2, 10),
            Length("healthCheck.path", 1, 1024),
            Pattern("healthCheck.path", "/.*", "a path that starts with /"),
            Pattern("healthCheck.port", r"traffic-port|\d{1,5}"),
            Range("healthCheck.port", 1, 65_535),
            Pattern("healthCheck.matcher", r"\d{1,3}([,-]\d{1,3})*"),
            OneOf("healthCheck.protocol", ("HTTP", "HTTPS", "TCP")),
            When(
                "healthCheck.protocol",
                ("TCP",),
                excludes=("healthCheck.path", "healthCheck.matcher"),
            ),
            OneOf(
                "loadBalancingAlgorithmType",
                ("round_robin", "least_outstanding_requests", "weighted_random"),
            ),
            OneOf(
                "stickiness.type",
                (
                    "lb_cookie",
                    "app_cookie",
                    "source_ip",
                    "source_ip_dest_ip",
                    "source_ip_dest_ip_proto",
                ),
            ),
            Range("stickiness.cookieDuration", 0, 604_800),
            When("type", ("app_cookie",), needs=("cookieName",), within="stickiness"),
            OneOf(
                "loadBalancingCrossZoneEnabled",
                ("true", "false", "use_load_balancer_configuration"),
            ),
            OneOf("loadBalancingAnomalyMitigation", ("on", "off")),
            Pattern(f"{HEALTH}.dnsFailover.{LEAST}Count", r"off|\d+"),
            Pattern(f"{HEALTH}.dnsFailover.{LEAST}Percentage", SHARE),
            Pattern(f"{HEALTH}.unhealthyStateRouting.{LEAST}Percentage", SHARE),
            OneOf("targetFailovers[].onDeregistration", FAILOVER),
            OneOf("targetFailovers[].onUnhealthy", FAILOVER),
            Range("targetHealthStates[].unhealthyDrainingInterval", 0, 360_000),
        ),
    ),
}
