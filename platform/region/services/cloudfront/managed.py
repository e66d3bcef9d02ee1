"""Policies that AWS keeps ready, by their well-known ids."""

from typing import Any

_NONE = {"HeaderBehavior": "none"}


def _cache(
    name: str, low: int, default: int, high: int, *, queries: str = "none", gzip: bool = True
) -> dict[str, Any]:
    return {
        "Name": f"Managed-{name}",
        "MinTTL": low,
        "DefaultTTL": default,
        "MaxTTL": high,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": gzip,
            "EnableAcceptEncodingBrotli": gzip,
            "HeadersConfig": _NONE,
            "CookiesConfig": {"CookieBehavior": "none"},
            "QueryStringsConfig": {"QueryStringBehavior": queries},
        },
    }


def _request(name: str, headers: dict[str, Any], queries: str = "all") -> dict[str, Any]:
    return {
        "Name": f"Managed-{name}",
        "HeadersConfig": headers,
        "CookiesConfig": {"CookieBehavior": "all" if queries == "all" else "none"},
        "QueryStringsConfig": {"QueryStringBehavior": queries},
    }


def _listed(*names: str) -> dict[str, Any]:
    headers = {"Quantity": len(names), "Items": list(names)}
    return {"HeaderBehavior": "whitelist", "Headers": headers}


_SECURITY = {
    "XSSProtection": {"Override": False, "Protection": True, "ModeBlock": True},
    "FrameOptions": {"Override": False, "FrameOption": "SAMEORIGIN"},
    "ReferrerPolicy": {"Override": False, "ReferrerPolicy": "strict-origin-when-cross-origin"},
    "ContentTypeOptions": {"Override": True},
    "StrictTransportSecurity": {"Override": False, "AccessControlMaxAgeSec": 31536000},
}
_CORS = {
    "AccessControlAllowOrigins": {"Quantity": 1, "Items": ["*"]},
    "AccessControlAllowHeaders": {"Quantity": 0, "Items": []},
    "AccessControlAllowMethods": {"Quantity": 0, "Items": []},
    "AccessControlAllowCredentials": False,
    "OriginOverride": False,
}
_PREFLIGHT = {
    **_CORS,
    "AccessControlAllowMethods": {
        "Quantity": 7,
        "Items": ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
    },
    "AccessControlExposeHeaders": {"Quantity": 1, "Items": ["*"]},
}

MANAGED: dict[str, dict[str, dict[str, Any]]] = {
    "CachePolicy": {
        "658327ea-f89d-4fab-a63d-7e88639e58f6": _cache("CachingOptimized", 1, 86400, 31536000),
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": _cache("CachingDisabled", 0, 0, 0, gzip=False),
        "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": _cache(
            "CachingOptimizedForUncompressedObjects", 1, 86400, 31536000, gzip=False
        ),
        "08627262-05a9-4f76-9ded-b50ca2e3a84f": _cache(
            "Elemental-MediaPackage", 0, 86400, 31536000
        ),
        "2e54312d-136d-493c-8eb9-b001f22f67d2": _cache("Amplify", 2, 2, 600, queries="all"),
        "83da9c7e-98b4-4e11-a168-04f0df8e2c65": _cache(
            "UseOriginCacheControlHeaders", 0, 0, 31536000
        ),
        "4cc15a8a-d715-48a4-82b8-cc0b614638fe": _cache(
            "UseOriginCacheControlHeaders-QueryStrings", 0, 0, 31536000, queries="all"
        ),
    },
    "OriginRequestPolicy": {
        "216adef6-5c7f-47e4-b989-5492eafa07d3": _request(
            "AllViewer", {"HeaderBehavior": "allViewer"}
        ),
        "b689b0a8-53d0-40ab-baf2-68738e2966ac": _request(
            "AllViewerExceptHostHeader", {**_listed("host"), "HeaderBehavior": "allExcept"}
        ),
        "33f36d7e-f396-46d9-90e0-52428a34d9dc": _request(
            "AllViewerAndCloudFrontHeaders-2022-06",
            {"HeaderBehavior": "allViewerAndWhitelistCloudFront"},
        ),
        "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": _request(
            "CORS-S3Origin",
            _listed("origin", "access-control-request-headers", "access-control-request-method"),
            "none",
        ),
        "59781a5b-3903-41f3-afcb-af62929ccde1": _request(
            "CORS-CustomOrigin", _listed("origin"), "none"
        ),
        "acba4595-bd28-49b8-b9fe-13317c0390fa": _request(
            "UserAgentRefererHeaders", _listed("user-agent", "referer"), "none"
        ),
    },
    "ResponseHeadersPolicy": {
        "67f7725c-6f97-4210-82d7-5512b31e9d03": {
            "Name": "Managed-SecurityHeadersPolicy",
            "SecurityHeadersConfig": _SECURITY,
        },
        "60669652-455b-4ae9-85a4-c4c02393f86c": {"Name": "Managed-SimpleCORS", "CorsConfig": _CORS},
        "5cc3b908-e619-4b99-88e5-2cf7f45965bd": {
            "Name": "Managed-CORS-With-Preflight",
            "CorsConfig": _PREFLIGHT,
        },
        "e61eb60c-9c35-4d20-a928-2b84e02af89c": {
            "Name": "Managed-CORS-and-SecurityHeadersPolicy",
            "CorsConfig": _CORS,
            "SecurityHeadersConfig": _SECURITY,
        },
        "eaab4381-ed33-4a86-88ca-d9558dc6cd63": {
            "Name": "Managed-CORS-with-preflight-and-SecurityHeadersPolicy",
            "CorsConfig": _PREFLIGHT,
            "SecurityHeadersConfig": _SECURITY,
        },
    },
    "OriginAccessControl": {},
}
"""Kind → id → configuration."""
