"""What the records mean for the edge: every distribution with its policies looked up."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from platformctl.region import environment
from platformctl.region.runtime import Address
from platformctl.region.services.cloudfront.policies import KINDS, Kind

Record = Mapping[str, Any]
Find = Callable[[Kind, str], Record]
Locate = Callable[[str, int], Sequence[Address]]
"""Returns where a port of a host name listens, nothing where the region does not know the name."""

_S3 = re.compile(r"^(?P<bucket>[a-z0-9][a-z0-9.-]*?)\.s3(?:[.-](?P<region>[a-z0-9-]+))?\.")
_DEFAULT_METHODS = ["HEAD", "GET"]


def items(holder: Any) -> list[Any]:
    """Return the members of one of CloudFront's `{Quantity, Items}` lists."""
    return list((holder or {}).get("Items") or [])


def distribution(record: Record, find: Find, endpoint: str, locate: Locate) -> dict[str, Any]:
    """Return one distribution in the shape of `balancer.edge.configuration`."""
    config = record["Config"]
    host, _, port = record["DomainName"].rpartition(":")
    behaviors = [
        *items(config.get("CacheBehaviors")),
        {**config["DefaultCacheBehavior"], "PathPattern": "*"},
    ]
    return {
        "id": record["Id"],
        "host": host,
        "port": int(port),
        "enabled": config["Enabled"],
        "root": (config.get("DefaultRootObject") or "").lstrip("/"),
        "origins": [_origin(item, endpoint, locate) for item in items(config["Origins"])],
        "behaviors": [_behavior(item, find) for item in behaviors],
        "errors": [
            {
                "status": item["ErrorCode"],
                "path": item.get("ResponsePagePath") or "",
                "answer": int(item.get("ResponseCode") or 0),
                "ttl": float(10 if (ttl := item.get("ErrorCachingMinTTL")) is None else ttl),
            }
            for item in items(config.get("CustomErrorResponses"))
        ],
        "invalidations": {batch["Id"]: batch["Paths"] for batch in record.get("Invalidations", [])},
    }


def _origin(origin: Record, endpoint: str, locate: Locate) -> dict[str, Any]:
    headers = {
        item["HeaderName"]: item["HeaderValue"] for item in items(origin.get("CustomHeaders"))
    }
    path = origin.get("OriginPath") or ""
    found = _S3.match(origin["DomainName"])
    custom = origin.get("CustomOriginConfig")
    if found and not custom:
        return {
            "id": origin["Id"],
            "kind": "s3",
            "url": endpoint,
            "host": "",
            "prefix": f"/{found['bucket']}{path}",
            "signed": bool(origin.get("OriginAccessControlId")),
            "region": found["region"] or environment.REGION,
            "headers": headers,
            "timeout": 30.0,
        }
    custom = custom or {}
    secure = custom.get("OriginProtocolPolicy") == "https-only"
    port = custom.get("HTTPSPort", 443) if secure else custom.get("HTTPPort", 80)
    domain = origin["DomainName"]
    place = next(iter(locate(domain, port)), f"{domain}:{port}")
    return {
        "id": origin["Id"],
        "kind": "custom",
        "url": f"{'https' if secure else 'http'}://{place}",
        "host": domain,
        "prefix": path,
        "signed": False,
        "region": environment.REGION,
        "headers": headers,
        "timeout": float(custom.get("OriginReadTimeout") or 30),
    }


def _behavior(behavior: Record, find: Find) -> dict[str, Any]:
    methods = behavior.get("AllowedMethods") or {}
    setting, removing = _response_headers(behavior, find)
    return {
        "pattern": behavior["PathPattern"],
        "origin": behavior["TargetOriginId"],
        "viewer_protocol": behavior["ViewerProtocolPolicy"],
        "methods": items(methods) or _DEFAULT_METHODS,
        "cached_methods": items(methods.get("CachedMethods")) or _DEFAULT_METHODS,
        **_caching(behavior, find),
        "forward": _forward(behavior, find),
        "set_headers": setting,
        "remove_headers": removing,
    }


def _caching(behavior: Record, find: Find) -> dict[str, Any]:
    """Return lifetimes and cache key, from a cache policy or the older inline settings."""
    compress = bool(behavior.get("Compress"))
    if identity := behavior.get("CachePolicyId"):
        policy = find(KINDS["cache_policy"], identity)["Config"]
        key = policy.get("ParametersInCacheKeyAndForwardedToOrigin") or {}
        queries = key.get("QueryStringsConfig") or {}
        return {
            "compress": compress and bool(key.get("EnableAcceptEncodingGzip")),
            "minimum_ttl": float(policy["MinTTL"]),
            "default_ttl": float(_given(policy.get("DefaultTTL"), 86400)),
            "maximum_ttl": float(_given(policy.get("MaxTTL"), 31536000)),
            "key_headers": _lower(items((key.get("HeadersConfig") or {}).get("Headers"))),
            "key_queries": _queries(
                queries.get("QueryStringBehavior", "none"), items(queries.get("QueryStrings"))
            ),
        }
    values = behavior.get("ForwardedValues") or {}
    named = items(values.get("QueryStringCacheKeys"))
    behaves = ("whitelist" if named else "all") if values.get("QueryString") else "none"
    return {
        "compress": compress,
        "minimum_ttl": float(_given(behavior.get("MinTTL"), 0)),
        "default_ttl": float(_given(behavior.get("DefaultTTL"), 86400)),
        "maximum_ttl": float(_given(behavior.get("MaxTTL"), 31536000)),
        "key_headers": _lower(items(values.get("Headers"))),
        "key_queries": _queries(behaves, named),
    }


def _given(value: Any, default: int) -> Any:
    return default if value is None else value


def _lower(names: list[str]) -> list[str]:
    return [name.lower() for name in names if name != "*"]


def _queries(behaves: str, names: list[str]) -> str:
    return {"none": "none", "whitelist": ",".join(names) or "none"}.get(behaves, "all")


def _forward(behavior: Record, find: Find) -> str:
    """Return which of the viewer's headers go to the origin."""
    identity = behavior.get("OriginRequestPolicyId")
    if not identity:
        names = items((behavior.get("ForwardedValues") or {}).get("Headers"))
        return "all" if "*" in names else ",".join(names) or "none"
    headers = find(KINDS["origin_request_policy"], identity)["Config"].get("HeadersConfig") or {}
    match headers.get("HeaderBehavior", "none"):
        case "allViewer" | "allViewerAndWhitelistCloudFront":
            return "all"
        case "allExcept":
            return "all-but-host"
        case "whitelist":
            return ",".join(items(headers.get("Headers"))) or "none"
        case _:
            return "none"


def _response_headers(behavior: Record, find: Find) -> tuple[dict[str, list[Any]], list[str]]:
    """Return the headers a response headers policy sets (value, override) and removes."""
    identity = behavior.get("ResponseHeadersPolicyId")
    if not identity:
        return {}, []
    config = find(KINDS["response_headers_policy"], identity)["Config"]
    setting = {**_security(config.get("SecurityHeadersConfig") or {}), **_cors(config)}
    for custom in items(config.get("CustomHeadersConfig")):
        setting[custom["Header"]] = [custom["Value"], custom["Override"]]
    removing = [item["Header"].lower() for item in items(config.get("RemoveHeadersConfig"))]
    return setting, removing


def _security(config: Record) -> dict[str, list[Any]]:
    setting: dict[str, list[Any]] = {}
    if transport := config.get("StrictTransportSecurity"):
        value = f"max-age={transport['AccessControlMaxAgeSec']}"
        value += "; includeSubDomains" if transport.get("IncludeSubdomains") else ""
        value += "; preload" if transport.get("Preload") else ""
        setting["Strict-Transport-Security"] = [value, transport["Override"]]
    if options := config.get("ContentTypeOptions"):
        setting["X-Content-Type-Options"] = ["nosniff", options["Override"]]
    if frame := config.get("FrameOptions"):
        setting["X-Frame-Options"] = [frame["FrameOption"], frame["Override"]]
    if referrer := config.get("ReferrerPolicy"):
        setting["Referrer-Policy"] = [referrer["ReferrerPolicy"], referrer["Override"]]
    if content := config.get("ContentSecurityPolicy"):
        setting["Content-Security-Policy"] = [content["ContentSecurityPolicy"], content["Override"]]
    if protection := config.get("XSSProtection"):
        value = "1" if protection["Protection"] else "0"
        value += "; mode=block" if protection.get("ModeBlock") else ""
        setting["X-XSS-Protection"] = [value, protection["Override"]]
    return setting


def _cors(config: Record) -> dict[str, list[Any]]:
    cors = config.get("CorsConfig")
    if not cors:
        return {}
    override = cors["OriginOverride"]
    lists = {
        "Access-Control-Allow-Origin": cors["AccessControlAllowOrigins"],
        "Access-Control-Allow-Headers": cors["AccessControlAllowHeaders"],
        "Access-Control-Allow-Methods": cors["AccessControlAllowMethods"],
        "Access-Control-Expose-Headers": cors.get("AccessControlExposeHeaders"),
    }
    setting: dict[str, list[Any]] = {
        name: [", ".join(items(holder)), override]
        for name, holder in lists.items()
        if items(holder)
    }
    if cors["AccessControlAllowCredentials"]:
        setting["Access-Control-Allow-Credentials"] = ["true", override]
    if seconds := cors.get("AccessControlMaxAgeSec"):
        setting["Access-Control-Max-Age"] = [str(seconds), override]
    return setting
