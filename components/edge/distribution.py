"""CloudFront before a load balancer whose services serve page and API themselves."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.edge.access_logs import deliver_access_logs
from platformctl.components.edge.cloudfront import (
    ApiOrigin,
    behavior,
    load_balancer_origin,
    security_headers,
    viewer_certificate,
)

ORIGIN = "balancer"


@dataclass(frozen=True, kw_only=True)
class DistributionArgs(Args):
    """What a distribution is.

    Attributes:
        origin: The load balancer that everything comes from; `path` plays no part.
        cached_paths: Path patterns of files that never change under their name.
        domain: Its domain; CloudFront's own without it.
        certificate_arn: Certificate of the domain, in us-east-1.
        plain_http: Whether browsers may use plain HTTP: for the local region.
        price_class: How many edge locations to use.
        web_acl_arn: Web application firewall, if any.
        access_log_days: Days to keep access logs.
        access_log_key_arn: KMS key of the access logs, in us-east-1; CloudWatch's own without it.
    """

    origin: ApiOrigin
    cached_paths: Sequence[str] = ()
    domain: str | None = None
    certificate_arn: pulumi.Input[str] | None = None
    plain_http: bool = False
    price_class: str = "PriceClass_100"
    web_acl_arn: pulumi.Input[str] | None = None
    access_log_days: int = 90
    access_log_key_arn: pulumi.Input[str] | None = None

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if (self.domain is None) != (self.certificate_arn is None):
            yield "domain and certificate_arn go together; one is missing"
        if self.plain_http and self.domain is not None:
            yield "plain_http cannot go with a domain"
        for path in sorted(set(self.cached_paths)):
            if self.cached_paths.count(path) > 1:
                yield f"cached_paths lists {path!r} twice"
            if not path.startswith("/"):
                yield f"cached_paths has {path!r}: must begin with /"


class Distribution(Component):
    """A CloudFront distribution before a load balancer: TLS, HTTP/3, compression near the reader.

    Nothing is cached but `cached_paths`; every answer gets security headers; cookies, queries and
    all headers but `Host` reach the services.

    Example::

        Distribution("shop", DistributionArgs(
            origin=ApiOrigin(domain_name="origin.shop.example.com"), cached_paths=["/assets/*"],
            domain="shop.example.com", certificate_arn=certificate.arn))

    Monthly cost in us-east-1: 1 TB of transfer is 1,000 GB × $0.085 = $85, and $0.01 for 10,000
    requests.

    Attributes:
        distribution_id: Id of the distribution.
        domain_name: CloudFront's host name.
        zone_id: CloudFront's hosted zone, for alias records.
    """

    distribution_id: pulumi.Output[str]
    domain_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: DistributionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("edge:Distribution", name, args, opts)
        self.args = args
        self.headers = security_headers(self, https=not args.plain_http)
        self.distribution = _distribution(self)
        self.access_logs = deliver_access_logs(
            self,
            self.distribution,
            retention_days=args.access_log_days,
            key_arn=args.access_log_key_arn,
            tags=dict(args.tags),
        )
        self.distribution_id = self.distribution.id
        self.domain_name = self.distribution.domain_name
        self.zone_id = self.distribution.hosted_zone_id
        self.finish("distribution_id", "domain_name", "zone_id")


def _distribution(component: Distribution) -> aws.cloudfront.Distribution:
    args = component.args
    treated = {
        cached: behavior(
            ORIGIN,
            cached=cached,
            plain_http=args.plain_http,
            headers_policy_id=component.headers.id,
        )
        for cached in (True, False)
    }
    return component.child(
        "",
        aws.cloudfront.Distribution,
        enabled=True,
        comment=component.name,
        aliases=[args.domain] if args.domain else [],
        http_version="http2and3",
        is_ipv6_enabled=True,
        price_class=args.price_class,
        web_acl_id=args.web_acl_arn,
        origins=[load_balancer_origin(ORIGIN, args.origin)],
        default_cache_behavior=treated[False],
        ordered_cache_behaviors=[
            {"path_pattern": path, **treated[True]} for path in args.cached_paths
        ],
        restrictions={"geo_restriction": {"restriction_type": "none"}},
        viewer_certificate=viewer_certificate(args.certificate_arn),
    )
