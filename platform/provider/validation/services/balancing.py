"""Load balancers, listeners, rules."""

from collections.abc import Iterator

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, cidr
from platformctl.provider.validation.paths import is_given, objects, values
from platformctl.provider.validation.rules import (
    AtMostOne,
    Count,
    Custom,
    Distinct,
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
    "sourceIp",
)
PLAIN = (
    "hostHeader.values[]",
    "httpHeader.values[]",
    "pathPattern.values[]",
    "queryStrings[].value",
)
EXACT = ("httpRequestMethod.values[]", "sourceIp.values[]")
"""Conditions' values with wildcards, and without."""
VALUES, WILDCARDS = 5, 6
"""Values and wildcards that the conditions of one rule have at most (load balancer quotas)."""
AUTHENTICATION = {
    "authenticate-cognito": "authenticateCognito",
    "authenticate-oidc": "authenticateOidc",
    "jwt-validation": "jwtValidation",
}


def _conditions(inputs: Inputs) -> Failures:
    """All conditions of a rule together have five values and six wildcards at most."""
    plain = [value for path in PLAIN for _, value in values(inputs, f"conditions[].{path}")]
    exact = [value for path in EXACT for _, value in values(inputs, f"conditions[].{path}")]
    count = len(plain) + len(exact)
    if count > VALUES:
        yield CheckFailure(
            "conditions", f"conditions must have at most {VALUES} values in all, not {count}"
        )
    wildcards = sum(value.count("*") + value.count("?") for value in plain if type(value) is str)
    if wildcards > WILDCARDS:
        yield CheckFailure(
            "conditions", f"conditions must have at most {WILDCARDS} wildcards, not {wildcards}"
        )


def _forwards(path: str) -> Rule:
    """Return the rule that a forward says where to, and that what is said twice is the same."""

    def judge(inputs: Inputs) -> Failures:
        for place, action in objects(inputs, path):
            one = action.get("targetGroupArn")
            given = is_given(action, "targetGroupArn") or is_given(action, "forward")
            if action.get("type") == "forward" and not given:
                sentence = f"one of {place}.targetGroupArn or {place}.forward must be given"
                yield CheckFailure(f"{place}.targetGroupArn", sentence)
            for _, group in values(action, "forward.targetGroups[].arn"):
                if isinstance(one, str) and group != one:
                    yield CheckFailure(
                        f"{place}.forward", f"{place}.forward must name {place}.targetGroupArn only"
                    )

    return Custom(judge)


def _actions(path: str) -> Iterator[Rule]:
    """Return the rules of a list of actions."""
    yield When("type", ("forward",), within=path, excludes=("redirect", "fixedResponse"))
    yield _forwards(path)
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
    for kind, needed in AUTHENTICATION.items():
        yield When("type", (kind,), within=path, needs=(needed,))
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
    yield Length(f"{path}.redirect.host", 1, 128)
    yield Length(f"{path}.redirect.path", 1, 128)
    yield Length(f"{path}.redirect.query", 0, 128)
    yield Length(f"{path}.fixedResponse.messageBody", 0, 1024)
    yield Pattern(f"{path}.fixedResponse.statusCode", r"[245]\d\d")
    yield OneOf(
        f"{path}.fixedResponse.contentType",
        ("text/plain", "text/css", "text/html", "application/javascript", "application/json"),
    )


def _zones(inputs: Inputs) -> Failures:
    """An application load balancer is in two zones or more."""
    if inputs.get("loadBalancerType") in ("application", None):
        yield from Count("subnets", 2).judge(inputs)
        yield from Count("subnetMappings", 2).judge(inputs)


ROWS = {
    "aws:lb/loadBalancer:LoadBalancer": Row(
        "elbv2/load_balancer.go",
        (
            AtMostOne(("name", "namePrefix")),
            Pattern("name", NAME, NAMED),
            Pattern("name", "^internal-", "a name that does not start with internal-", never=True),
            ExactlyOne(("subnets", "subnetMappings")),
            OneOf("loadBalancerType", ("application", "network", "gateway")),
            Pattern(
                "namePrefix", r"(?!-|internal-)[0-9A-Za-z-]{1,6}", "up to 6 characters of a name"
            ),
            OneOf("ipAddressType", ("ipv4", "dualstack", "dualstack-without-public-ipv4")),
            OneOf("desyncMitigationMode", ("monitor", "defensive", "strictest")),
            OneOf("xffHeaderProcessingMode", ("append", "preserve", "remove")),
            Range("idleTimeout", 1, 4000),
            Range("clientKeepAlive", 60, 604_800),
            When("accessLogs.enabled", (True,), needs=("accessLogs.bucket",)),
            OneOf(
                "dnsRecordClientRoutingPolicy",
                (
                    "any_availability_zone",
                    "availability_zone_affinity",
                    "partial_availability_zone_affinity",
                ),
            ),
            Custom(_zones),
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
            OneOf(
                "alpnPolicy",
                ("HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None"),
            ),
            OneOf("mutualAuthentication.mode", ("off", "passthrough", "verify")),
            When("mode", ("verify",), needs=("trustStoreArn",), within="mutualAuthentication"),
            Follows("mutualAuthentication.trustStoreArn", arn),
            Range("tcpIdleTimeoutSeconds", 60, 6000),
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
            ExactlyOne(CONDITIONS, "conditions[]"),
            Custom(_conditions),
            Length("conditions[].hostHeader.values[]", 1, 128),
            Length("conditions[].pathPattern.values[]", 1, 128),
            Pattern("conditions[].pathPattern.values[]", r"[\w\-.$/~\"'@:+&*?]+"),
            Length("conditions[].httpHeader.values[]", 1, 128),
            Length("conditions[].queryStrings[].value", 1, 128),
            Follows("conditions[].sourceIp.values[]", cidr),
            Pattern("conditions[].httpRequestMethod.values[]", r"[A-Z_-]{1,40}"),
            Pattern("conditions[].httpHeader.httpHeaderName", r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}"),
            Count("transforms", 0, 2),
            Distinct("transforms[].type"),
            OneOf("transforms[].type", ("host-header-rewrite", "url-rewrite")),
            When(
                "type",
                ("host-header-rewrite",),
                needs=("hostHeaderRewriteConfig",),
                within="transforms[]",
            ),
            When("type", ("url-rewrite",), needs=("urlRewriteConfig",), within="transforms[]"),
        ),
    ),
}
