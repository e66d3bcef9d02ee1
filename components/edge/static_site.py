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
from platformctl.components.edge.access_logs import deliver_access_logs
from platformctl.components.edge.cloudfront import (
    ApiOrigin,
    behavior,
    load_balancer_origin,
    security_headers,
    viewer_certificate,
)

FILES, API = "files", "api"


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
        access_log_days: Days to keep access logs.
        access_log_key_arn: KMS key of the access logs, in us-east-1; CloudWatch's own without it.
        deletion_protection: Whether to keep the files of a deleted site.
    """

    files: Mapping[str, StaticFile] = field(default_factory=dict)
    api: ApiOrigin | None = None
    domain: str | None = None
    certificate_arn: pulumi.Input[str] | None = None
    plain_http: bool = False
    price_class: str = "PriceClass_100"
    web_acl_arn: pulumi.Input[str] | None = None
    access_log_days: int = 90
    access_log_key_arn: pulumi.Input[str] | None = None
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
        self.headers = security_headers(self, https=not args.plain_http)
        self.distribution = _distribution(self)
        self.access_logs = deliver_access_logs(
            self,
            self.distribution,
            retention_days=args.access_log_days,
            key_arn=args.access_log_key_arn,
            tags=dict(args.tags),
        )
        _let_read(self)
        self.objects = _upload(self)
        self.bucket_name = self.bucket.bucket_name
        self.distribution_id = self.distribution.id
        self.domain_name = self.distribution.domain_name
        self.zone_id = self.distribution.hosted_zone_id
        self.finish("bucket_name", "distribution_id", "domain_name", "zone_id")


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
        viewer_certificate=viewer_certificate(args.certificate_arn),
    )


def _origins(site: StaticSite) -> list[dict[str, Any]]:
    origins: list[dict[str, Any]] = [
        {
            "origin_id": FILES,
            "domain_name": site.bucket.regional_domain_name,
            "origin_access_control_id": site.access_control.id,
        }
    ]
    if site.args.api is not None:
        origins.append(load_balancer_origin(API, site.args.api))
    return origins


def _behavior(site: StaticSite, origin: str) -> dict[str, Any]:
    return behavior(
        origin,
        cached=origin == FILES,
        plain_http=site.args.plain_http,
        headers_policy_id=site.headers.id,
    )


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
