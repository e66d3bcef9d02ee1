"""A single-page application on CloudFront."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.data.bucket import Bucket, BucketArgs, bucket_policy

# CloudFront's managed policies, which have the same ids in every account.
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

FILES, API = "files", "api"
READING = ["GET", "HEAD", "OPTIONS"]
EVERYTHING = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
ONE_YEAR = 31_536_000
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; "
    "base-uri 'self'"
)


@dataclass(frozen=True, kw_only=True)
class StaticFile:
    """One file of the site.

    Attributes:
        path: Where it is on disk.
        digest: Digest of its content: a change of it uploads the file again.
        content_type: Its media type.
        cache_control: How long browsers may keep it.
    """

    path: str
    digest: str
    content_type: str
    cache_control: str = "public, max-age=300"


@dataclass(frozen=True, kw_only=True)
class ApiOrigin:
    """The API behind the same domain, so that browsers need no CORS.

    Attributes:
        domain_name: Host name of the load balancer; with HTTPS, one that its certificate has.
        path: Path pattern of its requests.
        http_port: Port for plain HTTP; HTTPS on 443 without it.
    """

    domain_name: pulumi.Input[str]
    path: str = "/v1/*"
    http_port: int | None = None


@dataclass(frozen=True, kw_only=True)
class StaticSiteArgs(Args):
    """What a site is.

    Attributes:
        files: Key in the bucket → file; `index.html` is the application.
        api: The API behind the same domain, if any.
        domain: Its domain; CloudFront's own without it.
        certificate_arn: Certificate of the domain, in us-east-1.
        plain_http: Whether browsers may use plain HTTP: for the local region.
        price_class: How many edge locations to use.
        web_acl_arn: Web application firewall, if any.
        deletion_protection: Whether to keep the files of a deleted site.
    """

    files: Mapping[str, StaticFile] = field(default_factory=dict)
    api: ApiOrigin | None = None
    domain: str | None = None
    certificate_arn: pulumi.Input[str] | None = None
    plain_http: bool = False
    price_class: str = "PriceClass_100"
    web_acl_arn: pulumi.Input[str] | None = None
    deletion_protection: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if (self.domain is None) != (self.certificate_arn is None):
            yield "domain and certificate_arn go together; one is missing"
        if self.plain_http and self.domain is not None:
            yield "plain_http cannot go with a domain"
        if self.files and "index.html" not in self.files:
            yield f"files has no index.html, only {', '.join(sorted(self.files))}"


class StaticSite(Component):
    """A private bucket behind CloudFront, for a single-page application and its API.

    Unknown paths answer with `index.html`, so that the application routes them itself; requests of
    the API go to the load balancer uncached. Only this distribution can read the bucket.

    Example::

        StaticSite("shop", StaticSiteArgs(files=files, domain="shop.example.com",
            certificate_arn=certificate.arn, api=ApiOrigin(domain_name="origin.shop.example.com")))

    Monthly cost in us-east-1: 1 TB of transfer is 1,000 GB × $0.085 = $85; storage about $1.

    Attributes:
        bucket_name: Bucket with the files.
        distribution_id: Id of the distribution.
        domain_name: CloudFront's host name.
        zone_id: CloudFront's hosted zone, for alias records.
    """

    bucket_name: pulumi.Output[str]
    distribution_id: pulumi.Output[str]
    domain_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: StaticSiteArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("edge:StaticSite", name, args, opts)
        self.args = args
        self.bucket = Bucket(
            f"{name}-files",
            BucketArgs(
                own_policy=False, force_destroy=not args.deletion_protection, tags=args.tags
            ),
            self.options(),
        )
        self.access_control = self.child(
            "access",
            aws.cloudfront.OriginAccessControl,
            description=f"Files of {name}",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
        )
        self.headers = _headers(self)
        self.distribution = _distribution(self)
        _let_read(self)
        self.objects = _upload(self)
        self.bucket_name = self.bucket.bucket_name
        self.distribution_id = self.distribution.id
        self.domain_name = self.distribution.domain_name
        self.zone_id = self.distribution.hosted_zone_id
        self.finish("bucket_name", "distribution_id", "domain_name", "zone_id")


def _headers(site: StaticSite) -> aws.cloudfront.ResponseHeadersPolicy:
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
    if not site.args.plain_http:
        security["strict_transport_security"] = {
            "access_control_max_age_sec": ONE_YEAR,
            "include_subdomains": True,
            "preload": False,
            "override": True,
        }
    return site.child(
        "headers",
        aws.cloudfront.ResponseHeadersPolicy,
        comment=f"Security headers of {site.name}",
        security_headers_config=security,
    )


def _distribution(site: StaticSite) -> aws.cloudfront.Distribution:
    args = site.args
    return site.child(
        "",
        aws.cloudfront.Distribution,
        enabled=True,
        comment=site.name,
        aliases=[args.domain] if args.domain else [],
        default_root_object="index.html",
        http_version="http2and3",
        is_ipv6_enabled=True,
        price_class=args.price_class,
        web_acl_id=args.web_acl_arn,
        origins=_origins(site),
        default_cache_behavior=_behavior(site, FILES),
        ordered_cache_behaviors=(
            [{"path_pattern": args.api.path, **_behavior(site, API)}] if args.api else []
        ),
        # A private bucket answers 403 for what it does not have.
        custom_error_responses=[
            {
                "error_code": code,
                "response_code": 200,
                "response_page_path": "/index.html",
                "error_caching_min_ttl": 10,
            }
            for code in ((403, 404) if args.api is None else (403,))
        ],
        restrictions={"geo_restriction": {"restriction_type": "none"}},
        viewer_certificate=(
            {"cloudfront_default_certificate": True}
            if args.certificate_arn is None
            else {
                "acm_certificate_arn": args.certificate_arn,
                "minimum_protocol_version": "TLSv1.2_2021",
                "ssl_support_method": "sni-only",
            }
        ),
    )


def _origins(site: StaticSite) -> list[dict[str, Any]]:
    origins: list[dict[str, Any]] = [
        {
            "origin_id": FILES,
            "domain_name": site.bucket.regional_domain_name,
            "origin_access_control_id": site.access_control.id,
        }
    ]
    api = site.args.api
    if api is not None:
        origins.append(
            {
                "origin_id": API,
                "domain_name": api.domain_name,
                "custom_origin_config": {
                    "http_port": api.http_port or 80,
                    "https_port": 443,
                    "origin_protocol_policy": "http-only" if api.http_port else "https-only",
                    "origin_ssl_protocols": ["TLSv1.2"],
                },
            }
        )
    return origins


def _behavior(site: StaticSite, origin: str) -> dict[str, Any]:
    behavior: dict[str, Any] = {
        "target_origin_id": origin,
        "viewer_protocol_policy": "allow-all" if site.args.plain_http else "redirect-to-https",
        "allowed_methods": READING,
        "cached_methods": ["GET", "HEAD"],
        "compress": True,
        "cache_policy_id": CACHING_OPTIMIZED,
        "response_headers_policy_id": site.headers.id,
    }
    if origin == FILES:
        return behavior
    return {
        **behavior,
        "allowed_methods": EVERYTHING,
        "cache_policy_id": CACHING_DISABLED,
        "origin_request_policy_id": ALL_VIEWER_EXCEPT_HOST,
    }


def _let_read(site: StaticSite) -> None:
    site.child(
        "policy",
        aws.s3.BucketPolicy,
        bucket=site.bucket.bucket_name,
        policy=bucket_policy(
            site.bucket.arn,
            [
                {
                    "Sid": "LetDistributionRead",
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudfront.amazonaws.com"},
                    "Action": "s3:GetObject",
                    "Resource": pulumi.Output.concat(site.bucket.arn, "/*"),
                    "Condition": {"StringEquals": {"AWS:SourceArn": site.distribution.arn}},
                }
            ],
        ),
        options=pulumi.ResourceOptions(depends_on=[site.bucket.access_block]),
    )


def _upload(site: StaticSite) -> list[aws.s3.BucketObjectv2]:
    return [
        site.child(
            key,
            aws.s3.BucketObjectv2,
            bucket=site.bucket.bucket_name,
            key=key,
            source=pulumi.FileAsset(file.path),
            source_hash=file.digest,
            content_type=file.content_type,
            cache_control=file.cache_control,
        )
        for key, file in sorted(site.args.files.items())
    ]
