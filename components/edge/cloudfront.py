"""What every CloudFront distribution of ours has in common."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component

# CloudFront's managed policies, which have the same ids in every account.
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

READING = ["GET", "HEAD", "OPTIONS"]
EVERYTHING = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
ONE_YEAR = 31_536_000
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; "
    "base-uri 'self'"
)


@dataclass(frozen=True, kw_only=True)
class ApiOrigin:
    """A load balancer behind the distribution's domain, so that browsers need no CORS.

    Attributes:
        domain_name: Host name of the load balancer; with HTTPS, one that its certificate has.
        path: Path pattern of its requests.
        http_port: Port for plain HTTP; HTTPS on 443 without it.
    """

    domain_name: pulumi.Input[str]
    path: str = "/v1/*"
    http_port: int | None = None


def security_headers(component: Component, *, https: bool) -> aws.cloudfront.ResponseHeadersPolicy:
    """Make the security headers of all answers; browsers insist on HTTPS where there is any."""
    security: dict[str, Any] = {
        "content_security_policy": {
            "content_security_policy": CONTENT_SECURITY_POLICY,
            "override": True,
        },
        "content_type_options": {"override": True},
        "frame_options": {"frame_option": "DENY", "override": True},
        "referrer_policy": {
            "referrer_policy": "strict-origin-when-cross-origin",
            "override": True,
        },
    }
    if https:
        security["strict_transport_security"] = {
            "access_control_max_age_sec": ONE_YEAR,
            "include_subdomains": True,
            "preload": False,
            "override": True,
        }
    return component.child(
        "headers",
        aws.cloudfront.ResponseHeadersPolicy,
        comment=f"Security headers of {component.name}",
        security_headers_config=security,
    )


def load_balancer_origin(origin_id: str, origin: ApiOrigin) -> dict[str, Any]:
    """Return a load balancer as an origin."""
    return {
        "origin_id": origin_id,
        "domain_name": origin.domain_name,
        "custom_origin_config": {
            "http_port": origin.http_port or 80,
            "https_port": 443,
            "origin_protocol_policy": "http-only" if origin.http_port else "https-only",
            "origin_ssl_protocols": ["TLSv1.2"],
        },
    }


def behavior(
    origin_id: str, *, cached: bool, plain_http: bool, headers_policy_id: pulumi.Input[str]
) -> dict[str, Any]:
    """Return how requests to an origin are treated.

    Args:
        origin_id: The origin.
        cached: Whether answers are kept at the edge; such an origin can only be read.
        plain_http: Whether browsers may use plain HTTP.
        headers_policy_id: Headers of all answers.
    """
    treated: dict[str, Any] = {
        "target_origin_id": origin_id,
        "viewer_protocol_policy": "allow-all" if plain_http else "redirect-to-https",
        "allowed_methods": READING if cached else EVERYTHING,
        "cached_methods": ["GET", "HEAD"],
        "compress": True,
        "cache_policy_id": CACHING_OPTIMIZED if cached else CACHING_DISABLED,
        "response_headers_policy_id": headers_policy_id,
    }
    if not cached:
        treated["origin_request_policy_id"] = ALL_VIEWER_EXCEPT_HOST
    return treated


def viewer_certificate(certificate_arn: pulumi.Input[str] | None) -> dict[str, Any]:
    """Return the certificate that browsers see, ours or CloudFront's own."""
    if certificate_arn is None:
        return {"cloudfront_default_certificate": True}
    return {
        "acm_certificate_arn": certificate_arn,
        "minimum_protocol_version": "TLSv1.2_2021",
        "ssl_support_method": "sni-only",
    }
