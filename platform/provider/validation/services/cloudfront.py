"""Distributions and what they refer to."""

from collections.abc import Iterator
from typing import Any

from platformctl.plugin.provider import CheckFailure
from platformctl.plugin.values import UNKNOWN
from platformctl.provider.validation.formats import arn, domain
from platformctl.provider.validation.paths import block, objects, values
from platformctl.provider.validation.rules import (
    AtLeastOne,
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
    Requires,
    Row,
    Rule,
    When,
)

METHODS = (
    {"GET", "HEAD"},
    {"GET", "HEAD", "OPTIONS"},
    {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"},
)
VIEWER = "viewerCertificate"
DEFAULT = "cloudfrontDefaultCertificate"
VIEWER_EVENTS = ("viewer-request", "viewer-response")
EVENTS = (*VIEWER_EVENTS, "origin-request", "origin-response")
SHIELD = "origins[].originShield"
HEADERS = (
    "corsConfig",
    "customHeadersConfig",
    "removeHeadersConfig",
    "securityHeadersConfig",
    "serverTimingHeadersConfig",
)
ERROR_CODES = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)


def _behaviours(inputs: Inputs) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every cache behaviour with its place."""
    yield from objects(inputs, "defaultCacheBehavior")
    yield from objects(inputs, "orderedCacheBehaviors[]")


def _methods(inputs: Inputs) -> Failures:
    """CloudFront knows three sets of methods; only reading methods can be cached."""
    for place, behaviour in _behaviours(inputs):
        for key, known in (("allowedMethods", METHODS), ("cachedMethods", METHODS[:2])):
            given = behaviour.get(key)
            if isinstance(given, list) and UNKNOWN not in given and set(given) not in known:
                choices = "; ".join(", ".join(sorted(each)) for each in known)
                yield CheckFailure(f"{place}.{key}", f"{place}.{key} must be one of: {choices}")


def _origins(inputs: Inputs) -> Failures:
    """Every behaviour leads to an origin that is there."""
    names = {name for _, name in values(inputs, "origins[].originId")}
    names |= {name for _, name in values(inputs, "originGroups[].originId")}
    if inputs.get("originGroups") is UNKNOWN or inputs.get("origins") is UNKNOWN:
        return
    for place, behaviour in _behaviours(inputs):
        target = behaviour.get("targetOriginId")
        if isinstance(target, str) and target not in names:
            yield CheckFailure(
                f"{place}.targetOriginId",
                f"{place}.targetOriginId {target!r} is none of the origins {sorted(names)}",
            )


def _certificate(inputs: Inputs) -> Failures:
    """One certificate is shown: CloudFront's own counts when it is said to be."""
    shown = block(inputs, VIEWER)
    said = {key: shown[key] for key in shown if shown[key] is not False}
    yield from ExactlyOne(("acmCertificateArn", "iamCertificateId", DEFAULT), VIEWER).judge(
        {VIEWER: said} if isinstance(inputs.get(VIEWER), dict) else {}
    )


def _aliases(inputs: Inputs) -> Failures:
    """Names of one's own need a certificate of one's own."""
    if any(values(inputs, "aliases[]")) and block(inputs, VIEWER).get(DEFAULT) is True:
        yield CheckFailure("aliases", f"aliases need a certificate that holds them, not {DEFAULT}")


def _caching() -> Iterator[Rule]:
    """Return the rules of each cache behaviour."""
    for place in ("defaultCacheBehavior", "orderedCacheBehaviors[]"):
        yield ExactlyOne(("cachePolicyId", "forwardedValues"), place)
        yield When(
            "cachePolicyId",
            (None,),
            otherwise=True,
            within=place,
            excludes=("minTtl", "maxTtl", "defaultTtl"),
        )
        yield OneOf(
            f"{place}.viewerProtocolPolicy", ("allow-all", "https-only", "redirect-to-https")
        )
        yield OneOf(f"{place}.forwardedValues.cookies.forward", ("none", "whitelist", "all"))
        yield Follows(f"{place}.realtimeLogConfigArn", arn)
        yield Count(f"{place}.functionAssociations", 0, 2)
        yield OneOf(f"{place}.functionAssociations[].eventType", VIEWER_EVENTS)
        yield Follows(f"{place}.functionAssociations[].functionArn", arn)
        yield Count(f"{place}.lambdaFunctionAssociations", 0, 4)
        yield OneOf(f"{place}.lambdaFunctionAssociations[].eventType", EVENTS)
        yield Follows(f"{place}.lambdaFunctionAssociations[].lambdaArn", arn)


ROWS = {
    "aws:cloudfront/distribution:Distribution": Row(
        "cloudfront/distribution.go",
        (
            Custom(_methods),
            Custom(_origins),
            Custom(_aliases),
            *_caching(),
            Count("origins", 1),
            Distinct("origins[].originId"),
            Distinct("orderedCacheBehaviors[].pathPattern"),
            Length("comment", 0, 128),
            Length("defaultRootObject", 0, 255),
            Pattern("defaultRootObject", r"[^/].*|", "the name of a file, without a leading slash"),
            Follows("aliases[]", domain),
            Distinct("aliases[]"),
            Count("originGroups[].members", 2, 2),
            Length("originGroups[].originId", 1),
            Length("origins[].originId", 1),
            Length("origins[].originAccessControlId", 1),
            Range("origins[].connectionAttempts", 1, 3),
            Range("origins[].connectionTimeout", 1, 10),
            Pattern("origins[].originShield.originShieldRegion", r"[a-z]{2}(-[a-z]+)+-\d"),
            When("enabled", (True,), needs=("originShieldRegion",), within=SHIELD),
            Pattern("origins[].domainName", r"[^/:\s]+", "a host name without scheme and path"),
            Pattern("origins[].originPath", r"|/.*[^/]", "a path that starts but not ends with /"),
            AtMostOne(("customOriginConfig", "s3OriginConfig", "vpcOriginConfig"), "origins[]"),
            Range("origins[].customOriginConfig.httpPort", 1, 65535),
            Range("origins[].customOriginConfig.httpsPort", 1, 65535),
            Range("origins[].customOriginConfig.originReadTimeout", 1, 180),
            Range("origins[].customOriginConfig.originKeepaliveTimeout", 1, 180),
            OneOf(
                "origins[].customOriginConfig.originProtocolPolicy",
                ("http-only", "https-only", "match-viewer"),
            ),
            OneOf(
                "origins[].customOriginConfig.originSslProtocols[]",
                ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"),
            ),
            OneOf("httpVersion", ("http1.1", "http2", "http3", "http2and3")),
            OneOf("priceClass", ("PriceClass_All", "PriceClass_200", "PriceClass_100")),
            OneOf(
                "restrictions.geoRestriction.restrictionType", ("none", "whitelist", "blacklist")
            ),
            When(
                "restrictions.geoRestriction.restrictionType",
                ("whitelist", "blacklist"),
                needs=("restrictions.geoRestriction.locations",),
            ),
            OneOf("customErrorResponses[].errorCode", ERROR_CODES),
            Requires("responsePagePath", ("responseCode",), within="customErrorResponses[]"),
            Requires("responseCode", ("responsePagePath",), within="customErrorResponses[]"),
            Pattern("customErrorResponses[].responsePagePath", "/.*", "a path that starts with /"),
            Custom(_certificate),
            Requires("acmCertificateArn", ("sslSupportMethod",), VIEWER),
            Pattern(
                f"{VIEWER}.acmCertificateArn",
                r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/.+",
                "the ARN of a certificate in us-east-1",
            ),
            OneOf(f"{VIEWER}.sslSupportMethod", ("sni-only", "vip", "static-ip")),
            Pattern(f"{VIEWER}.minimumProtocolVersion", r"SSLv3|TLSv1(\.[123])?(_20\d\d)?"),
            Pattern(
                "webAclId",
                r"|[0-9a-f-]{36}|arn:aws[a-z-]*:wafv2:us-east-1:\d{12}:global/webacl/.+",
                "the ARN of a web ACL of scope CLOUDFRONT",
            ),
        ),
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": Row(
        "cloudfront/origin_access_control.go",
        (
            Length("name", 1, 64),
            Length("description", 0, 256),
            OneOf(
                "originAccessControlOriginType", ("s3", "mediastore", "lambda", "mediapackagev2")
            ),
            OneOf("signingBehavior", ("always", "never", "no-override")),
        ),
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": Row(
        "cloudfront/response_headers_policy.go",
        (
            Length("name", 1, 128),
            Pattern("name", r"[\w-]+"),
            Length("comment", 0, 128),
            AtLeastOne(HEADERS),
            # A report is an alternative to blocking what looks like an attack.
            When(
                "modeBlock",
                (True,),
                excludes=("reportUri",),
                within="securityHeadersConfig.xssProtection",
            ),
            OneOf("securityHeadersConfig.frameOptions.frameOption", ("DENY", "SAMEORIGIN")),
            Range(
                "securityHeadersConfig.strictTransportSecurity.accessControlMaxAgeSec",
                0,
                2_147_483_647,
            ),
            Length("securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy", 1, 2048),
        ),
    ),
}
