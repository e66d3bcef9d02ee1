"""Load balancers, listeners, rules, target groups."""

from collections.abc import Iterator

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn
from platformctl.provider.validation.paths import block, values
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
    Row,
    Rule,
    When,
)

NAME = r"(?!-)[0-9A-Za-z-]{1,32}(?<!-)"
NAMED = "up to 32 letters, digits and hyphens, no hyphen at either end"
CONDITIONS = (
    "hostHeader",
    "httpHeader",
    "httpRequestMethod",
    "pathPattern",
    "queryStrings",
    "sourceIps",
)
VALUES, WILDCARDS = 5, 6
"""Values and wildcards that the conditions of one rule have at most (load balancer quotas)."""
SLOWEST = 900


def _conditions(inputs: Inputs) -> Failures:
    """All conditions of a rule together have five values and six wildcards at most."""
    found = [
        value
        for key in ("hostHeader", "httpHeader", "httpRequestMethod", "pathPattern")
        for _, value in values(inputs, f"conditions[].{key}.values[]")
    ]
    found += [value for _, value in values(inputs, "conditions[].sourceIp.values[]")]
    found += [value for _, value in values(inputs, "conditions[].queryStrings[].value")]
    if len(found) > VALUES:
        yield CheckFailure(
            "conditions", f"conditions must have at most {VALUES} values in all, not {len(found)}"
        )
    wildcards = sum(value.count("*") + value.count("?") for value in found if type(value) is str)
    if wildcards > WILDCARDS:
        yield CheckFailure(
            "conditions", f"conditions must have at most {WILDCARDS} wildcards, not {wildcards}"
        )


def _actions(path: str) -> Iterator[Rule]:
    """Return the rules of a list of actions."""
    yield When("type", ("forward",), within=path, excludes=("redirect", "fixedResponse"))
    yield When(
        "type",
        ("redirect",),
        within=path,
        needs=("redirect",),
        excludes=("forward", "targetGroupArn", "fixedResponse"),
    )
    yield When(
        "type",
        ("fixed-response",),
        within=path,
        needs=("fixedResponse",),
        excludes=("forward", "targetGroupArn", "redirect"),
    )
    yield AtMostOne(("forward", "targetGroupArn"), path)
    yield OneOf(
        f"{path}.type",
        (
            "forward",
            "redirect",
            "fixed-response",
            "authenticate-cognito",
            "authenticate-oidc",
            "jwt-validation",
        ),
    )
    yield Range(f"{path}.order", 1, 50_000)
    yield Follows(f"{path}.targetGroupArn", arn)
    yield Count(f"{path}.forward.targetGroups", 1, 5)
    yield Follows(f"{path}.forward.targetGroups[].arn", arn)
    yield Range(f"{path}.forward.targetGroups[].weight", 0, 999)
    yield Range(f"{path}.forward.stickiness.duration", 1, 604_800)
    yield OneOf(f"{path}.redirect.statusCode", ("HTTP_301", "HTTP_302"))
    yield Pattern(f"{path}.redirect.protocol", r"HTTPS?|#\{protocol\}")
    yield Pattern(f"{path}.redirect.port", r"\d{1,5}|#\{port\}")
    yield Length(f"{path}.redirect.path", 1, 128)
    yield Length(f"{path}.fixedResponse.messageBody", 0, 1024)
    yield Pattern(f"{path}.fixedResponse.statusCode", r"[245]\d\d")
    yield OneOf(
        f"{path}.fixedResponse.contentType",
        ("text/plain", "text/css", "text/html", "application/javascript", "application/json"),
    )


def _health(inputs: Inputs) -> Failures:
    """A check ends before the next one begins; what starts slowly takes 30 seconds or more."""
    check = block(inputs, "healthCheck")
    interval, timeout = check.get("interval"), check.get("timeout")
    if isinstance(interval, int) and isinstance(timeout, int) and timeout >= interval:
        yield CheckFailure(
            "healthCheck.timeout",
            f"healthCheck.timeout {timeout} must be below healthCheck.interval {interval}",
        )
    slow = inputs.get("slowStart")
    if isinstance(slow, int) and slow:
        yield from Range("slowStart", 30, SLOWEST).judge(inputs)


ROWS = {
    "aws:lb/loadBalancer:LoadBalancer": Row(
        "elbv2/load_balancer.go",
        (
            AtMostOne(("name", "namePrefix")),
            Pattern("name", NAME, NAMED),
            Pattern("name", "^internal-", "a name that does not start with internal-", never=True),
            ExactlyOne(("subnets", "subnetMappings")),
            OneOf("loadBalancerType", ("application", "network", "gateway")),
            When(
                "loadBalancerType",
                ("network", "gateway"),
                excludes=("idleTimeout", "dropInvalidHeaderFields", "enableHttp2"),
            ),
            OneOf("ipAddressType", ("ipv4", "dualstack", "dualstack-without-public-ipv4")),
            OneOf("desyncMitigationMode", ("monitor", "defensive", "strictest")),
            OneOf("xffHeaderProcessingMode", ("append", "preserve", "remove")),
            Range("idleTimeout", 1, 4000),
            Range("clientKeepAlive", 60, 604_800),
            When("accessLogs.enabled", (True,), needs=("accessLogs.bucket",)),
            Count("subnets", 2),
        ),
    ),
    "aws:lb/listener:Listener": Row(
        "elbv2/listener.go",
        (
            Follows("loadBalancerArn", arn),
            OneOf(
                "protocol",
                ("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"),
            ),
            Range("port", 1, 65_535),
            When("protocol", ("HTTPS", "TLS"), needs=("certificateArn",)),
            When("protocol", ("HTTP",), excludes=("certificateArn", "sslPolicy")),
            Follows("certificateArn", arn),
            Pattern("sslPolicy", r"ELBSecurityPolicy-[\w-]+"),
            Count("defaultActions", 1),
            *_actions("defaultActions[]"),
        ),
    ),
    "aws:lb/listenerRule:ListenerRule": Row(
        "elbv2/listener_rule.go",
        (
            Follows("listenerArn", arn),
            Range("priority", 1, 50_000),
            Count("actions", 1),
            *_actions("actions[]"),
            Count("conditions", 1),
            AtLeastOne((*CONDITIONS, "sourceIp"), "conditions[]"),
            AtMostOne((*CONDITIONS, "sourceIp"), "conditions[]"),
            Custom(_conditions),
            Length("conditions[].hostHeader.values[]", 1, 128),
            Length("conditions[].pathPattern.values[]", 1, 128),
            Pattern("conditions[].pathPattern.values[]", r"[\w\-.$/~\"'@:+&*?]+"),
            Pattern("conditions[].httpRequestMethod.values[]", r"[A-Z_-]{1,40}"),
            Pattern("conditions[].httpHeader.httpHeaderName", r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}"),
        ),
    ),
    "aws:lb/targetGroup:TargetGroup": Row(
        "elbv2/target_group.go",
        (
            AtMostOne(("name", "namePrefix")),
            Pattern("name", NAME, NAMED),
            Length("namePrefix", 1, 6),
            OneOf("targetType", ("instance", "ip", "lambda", "alb")),
            When("targetType", ("lambda",), otherwise=True, needs=("port", "protocol", "vpcId")),
            OneOf(
                "protocol",
                ("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"),
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
        ),
    ),
}
