"""Where the internet comes in: load balancer, page, domains."""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi

from platformctl.components import (
    ApiOrigin,
    ApplicationLoadBalancer,
    ApplicationLoadBalancerArgs,
    Certificate,
    CertificateArgs,
    DomainAlias,
    DomainAliasArgs,
    SecurityGroups,
    StaticFile,
    StaticSite,
    StaticSiteArgs,
)
from platformctl.errors import ConfigurationError
from platformctl.naming import content
from platformctl.stacks.products.analytics.context import PRODUCT, AnalyticsContext

CLOUDFRONT_CERTIFICATES = "us-east-1"
API_PATH = "/v1/*"
PAGE = "index.html"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class Urls:
    """Where people and programs connect.

    Attributes:
        frontend: The page.
        ingestion: Base URL of the ingestion service.
        api: Base URL of the API.
    """

    frontend: pulumi.Output[str]
    ingestion: pulumi.Output[str]
    api: pulumi.Output[str]


def balancer(context: AnalyticsContext, groups: SecurityGroups) -> ApplicationLoadBalancer:
    """Make the load balancer; with a domain also its certificate and its record."""
    shared, edge = context.shared, context.shared.config.edge
    certificate = None
    if edge.domain is not None and edge.hosted_zone_id is not None:
        certificate = Certificate(
            f"{PRODUCT}-origin",
            CertificateArgs(
                domain=_origin(edge.domain),
                hosted_zone_id=edge.hosted_zone_id,
                tags=context.tags("edge", "public"),
            ),
        )
    made = ApplicationLoadBalancer(
        f"{PRODUCT}-balancer",
        ApplicationLoadBalancerArgs(
            load_balancer_name=f"{PRODUCT}-balancer",
            subnet_ids=shared.network.public_subnet_ids,
            security_group_ids=[groups.ids["balancer"]],
            certificate_arn=certificate.arn if certificate else None,
            http_port=edge.http_port,
            deletion_protection=shared.config.deletion_protection,
            tags=context.tags("edge", "public"),
        ),
    )
    if edge.domain is not None and edge.hosted_zone_id is not None:
        DomainAlias(
            f"{PRODUCT}-origin",
            DomainAliasArgs(
                domain=_origin(edge.domain),
                hosted_zone_id=edge.hosted_zone_id,
                target_name=made.dns_name,
                target_zone_id=made.zone_id,
            ),
        )
    return made


def website(context: AnalyticsContext, load_balancer: ApplicationLoadBalancer) -> StaticSite:
    """Make the page, with the API behind the same domain."""
    edge = context.shared.config.edge
    certificate = None
    if edge.domain is not None and edge.hosted_zone_id is not None:
        certificate = Certificate(
            f"{PRODUCT}-frontend",
            CertificateArgs(
                domain=edge.domain,
                hosted_zone_id=edge.hosted_zone_id,
                region=CLOUDFRONT_CERTIFICATES,
                tags=context.tags("edge", "public"),
            ),
        )
    site = StaticSite(
        f"{PRODUCT}-frontend",
        StaticSiteArgs(
            files=static_files(context.project / "apps" / PRODUCT / "frontend" / "public"),
            api=ApiOrigin(
                domain_name=_origin(edge.domain) if edge.domain else load_balancer.dns_name,
                path=API_PATH,
                http_port=edge.http_port,
            ),
            domain=edge.domain,
            certificate_arn=certificate.arn if certificate else None,
            plain_http=edge.http_port is not None,
            price_class=edge.price_class,
            deletion_protection=context.shared.config.deletion_protection,
            tags=context.tags("frontend", "public"),
        ),
    )
    if edge.domain is not None and edge.hosted_zone_id is not None:
        DomainAlias(
            f"{PRODUCT}-frontend",
            DomainAliasArgs(
                domain=edge.domain,
                hosted_zone_id=edge.hosted_zone_id,
                target_name=site.domain_name,
                target_zone_id=site.zone_id,
            ),
        )
    return site


def urls(
    context: AnalyticsContext, load_balancer: ApplicationLoadBalancer, site: StaticSite
) -> Urls:
    """Say where to connect: at the domain over HTTPS, or locally at an address over HTTP."""
    edge = context.shared.config.edge
    if edge.domain is not None:
        origin = pulumi.Output.from_input(f"https://{_origin(edge.domain)}")
        return Urls(pulumi.Output.from_input(f"https://{edge.domain}"), origin, origin)
    base = pulumi.Output.concat("http://", load_balancer.dns_name, f":{load_balancer.port}")
    return Urls(pulumi.Output.concat("http://", site.domain_name), base, base)


def static_files(folder: Path) -> Mapping[str, StaticFile]:
    """Return the files of a page by their key in the bucket.

    Raises:
        ConfigurationError: There is no page in the folder.
    """
    if not (folder / PAGE).is_file():
        raise ConfigurationError(f"there is no page in {folder}", why=f"it has no {PAGE}")
    return {
        path.relative_to(folder).as_posix(): StaticFile(
            path=str(path),
            digest=hashlib.sha256(path.read_bytes()).hexdigest(),
            content_type=_media_type(path),
            # Browsers ask again for the page itself, so that a new one is seen at once.
            cache_control="no-cache" if path.name == PAGE else "public, max-age=300",
        )
        for path in content.files(folder)
    }


def _media_type(path: Path) -> str:
    known = MEDIA_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return known or "application/octet-stream"


def _origin(domain: str) -> str:
    """Return the domain of the load balancer, which CloudFront connects to by its certificate."""
    return f"origin.{domain}"
