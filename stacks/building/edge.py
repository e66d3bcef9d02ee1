"""Where the internet comes in: a product behind one load balancer, with domain, WAF and page."""

import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pulumi

from platformctl.components import (
    ApiOrigin,
    ApplicationLoadBalancer,
    ApplicationLoadBalancerArgs,
    Certificate,
    CertificateArgs,
    Distribution,
    DistributionArgs,
    DnsHealthCheck,
    DnsHealthCheckArgs,
    DomainAlias,
    DomainAliasArgs,
    FailoverRecord,
    FailoverRecordArgs,
    FailoverTarget,
    SecurityGroups,
    StaticFile,
    StaticSite,
    StaticSiteArgs,
    WebFirewall,
    WebFirewallArgs,
)
from platformctl.errors import ConfigurationError
from platformctl.naming import content
from platformctl.stacks.building.groups import BALANCER, TEST_PORT
from platformctl.stacks.layers.security import LOGS
from platformctl.stacks.products.context import Context

CLOUDFRONT_REGION = "us-east-1"
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
class Domain:
    """The names of a product.

    Attributes:
        page: Where people connect.
        origin: Where programs and CloudFront connect: the load balancer.
        side: The load balancer of this side, whichever side serves.
        inner: The load balancer that only the product's own services reach, if it has one.
        hosted_zone_id: Zone that they are in.
    """

    page: str
    origin: str
    side: str
    inner: str
    hosted_zone_id: pulumi.Input[str]


@dataclass(frozen=True)
class Urls:
    """Where people and programs connect.

    Attributes:
        frontend: The page.
        origin: Base URL of everything behind the load balancer.
    """

    frontend: pulumi.Output[str]
    origin: pulumi.Output[str]


def domain(context: Context[Any]) -> Domain | None:
    """Return the names of a product; None where plain HTTP at an address must do."""
    base, zone = context.shared.config.edge.domain, context.shared.hosted_zone_id
    if base is None or zone is None:
        return None
    page = f"{context.product}.{base}"
    return Domain(
        page=page,
        origin=f"origin.{page}",
        side=_side_of(page, context.shared.region),
        inner=f"{context.shared.region}.inner.{page}",
        hosted_zone_id=zone,
    )


def _side_of(page: str, region: str) -> str:
    return f"{region}.origin.{page}"


def load_balancer(
    context: Context[Any], groups: SecurityGroups, *, counted_rules: Sequence[str] = ()
) -> ApplicationLoadBalancer:
    """Make the product's load balancer; with a domain also certificate, firewall and record.

    Args:
        context: The product.
        groups: Groups of the product; `balancer` is the load balancer's.
        counted_rules: Rules of the firewall that only count, see `WebFirewallArgs.counted`.
    """
    shared, names = context.shared, domain(context)
    certificate = None
    if names is not None:
        certificate = Certificate(
            context.name("origin"),
            CertificateArgs(
                domain=names.origin,
                other_domains=[names.side],
                hosted_zone_id=names.hosted_zone_id,
                tags=context.tags("edge", "public"),
            ),
            context.options,
        )
    made = ApplicationLoadBalancer(
        context.name("balancer"),
        ApplicationLoadBalancerArgs(
            load_balancer_name=f"{context.product}-balancer",
            subnet_ids=shared.network.public_subnet_ids,
            security_group_ids=[groups.ids[BALANCER]],
            certificate_arn=certificate.arn if certificate else None,
            http_port=shared.config.edge.http_port,
            test_port=TEST_PORT if shared.config.deployment == "blueGreen" else None,
            web_acl_arn=_firewall(context, "regional", counted_rules) if names else None,
            deletion_protection=shared.config.deletion_protection,
            tags=context.tags("edge", "public"),
        ),
        context.options,
    )
    if names is not None:
        DomainAlias(
            context.name("side"),
            DomainAliasArgs(
                domain=names.side,
                hosted_zone_id=names.hosted_zone_id,
                target_name=made.dns_name,
                target_zone_id=made.zone_id,
            ),
        )
    return made


def inner_balancer(
    context: Context[Any], groups: SecurityGroups, *, group: str
) -> ApplicationLoadBalancer:
    """Make a load balancer between a product's own services.

    Args:
        context: The product.
        groups: Groups of the product.
        group: Group of the services that use it. The load balancer is in that very group, and
            connects to the services behind it from there.
    """
    shared, names = context.shared, domain(context)
    certificate = None
    if names is not None:
        certificate = Certificate(
            context.name("inner"),
            CertificateArgs(
                domain=names.inner,
                hosted_zone_id=names.hosted_zone_id,
                tags=context.tags("edge"),
            ),
            context.options,
        )
    made = ApplicationLoadBalancer(
        context.name("inner-balancer"),
        ApplicationLoadBalancerArgs(
            load_balancer_name=f"{context.product}-inner",
            internal=True,
            subnet_ids=shared.network.app_subnet_ids,
            security_group_ids=[groups.ids[group]],
            certificate_arn=certificate.arn if certificate else None,
            http_port=shared.config.edge.http_port,
            test_port=TEST_PORT if shared.config.deployment == "blueGreen" else None,
            deletion_protection=shared.config.deletion_protection,
            tags=context.tags("edge"),
        ),
        context.options,
    )
    if names is not None:
        DomainAlias(
            context.name("inner"),
            DomainAliasArgs(
                domain=names.inner,
                hosted_zone_id=names.hosted_zone_id,
                target_name=made.dns_name,
                target_zone_id=made.zone_id,
            ),
            context.options,
        )
    return made


def inner_url(context: Context[Any], balancer: ApplicationLoadBalancer) -> pulumi.Output[str]:
    """Return the base URL of an inner load balancer."""
    names = domain(context)
    if names is not None:
        return pulumi.Output.from_input(f"https://{names.inner}")
    return pulumi.Output.concat("http://", balancer.dns_name, f":{balancer.port}")


def origin_alias(context: Context[Any], balancer: ApplicationLoadBalancer) -> None:
    """Lead the product's origin to its load balancer, unless another side can take it over."""
    names = domain(context)
    if names is None or context.recovery is not None:
        return
    DomainAlias(
        context.name("origin"),
        DomainAliasArgs(
            domain=names.origin,
            hosted_zone_id=names.hosted_zone_id,
            target_name=balancer.dns_name,
            target_zone_id=balancer.zone_id,
        ),
    )


def origin_failover(
    context: Context[Any],
    primary: ApplicationLoadBalancer,
    standby: ApplicationLoadBalancer,
    *,
    health_path: str,
    serving: Mapping[str, pulumi.Resource],
) -> None:
    """Lead the product's origin to whichever side is well.

    Args:
        context: The product, on the side that takes over.
        primary: The load balancer that serves.
        standby: The one that takes over.
        health_path: Path that a service behind the load balancer answers with 200.
        serving: The services behind the load balancer that serves, by name. Only once they run
            is it asked how it is: a health check that is older than what it asks finds it down,
            and the side that takes over would get the first requests of a new environment.
    """
    names = domain(context)
    if names is None:
        return
    check = DnsHealthCheck(
        context.name("primary-health"),
        DnsHealthCheckArgs(
            domain=_side_of(names.page, context.shared.config.region),
            path=health_path,
            awaiting_release=any(context.app(name) is None for name in serving),
            tags=context.tags("edge", "public"),
        ),
        pulumi.ResourceOptions(depends_on=list(serving.values())),
    )
    FailoverRecord(
        context.name("origin"),
        FailoverRecordArgs(
            domain=names.origin,
            hosted_zone_id=names.hosted_zone_id,
            primary=FailoverTarget(
                dns_name=primary.dns_name,
                zone_id=primary.zone_id,
                health_check_id=check.health_check_id,
            ),
            secondary=FailoverTarget(dns_name=standby.dns_name, zone_id=standby.zone_id),
        ),
    )


def static_site(
    context: Context[Any],
    balancer: ApplicationLoadBalancer,
    *,
    folder: Path,
    api_path: str,
    counted_rules: Sequence[str] = (),
) -> StaticSite:
    """Make a page of files, with the API behind the same domain.

    Args:
        context: The product.
        balancer: Load balancer of the API.
        folder: Where the files are.
        api_path: Path pattern of the API's requests.
        counted_rules: As the load balancer's: its requests pass here as well.
    """
    edge, names = context.shared.config.edge, domain(context)
    site = StaticSite(
        context.name("frontend"),
        StaticSiteArgs(
            files=static_files(folder),
            api=_origin(context, balancer, api_path),
            domain=names.page if names else None,
            certificate_arn=_page_certificate(context, names) if names else None,
            plain_http=edge.http_port is not None,
            price_class=edge.price_class,
            web_acl_arn=_firewall(context, "cloudfront", counted_rules) if names else None,
            access_log_days=context.shared.config.logs.retention_days,
            access_log_key_arn=_cloudfront_log_key(context),
            deletion_protection=context.shared.config.deletion_protection,
            tags=context.tags("frontend", "public"),
        ),
    )
    _page_alias(context, site)
    return site


def distribution(
    context: Context[Any], balancer: ApplicationLoadBalancer, *, cached_paths: Sequence[str] = ()
) -> Distribution:
    """Put CloudFront before a load balancer whose services serve the page themselves.

    Args:
        context: The product.
        balancer: The load balancer.
        cached_paths: Path patterns of what never changes under its name.
    """
    edge, names = context.shared.config.edge, domain(context)
    made = Distribution(
        context.name("frontend"),
        DistributionArgs(
            origin=_origin(context, balancer, "/*"),
            cached_paths=cached_paths,
            domain=names.page if names else None,
            certificate_arn=_page_certificate(context, names) if names else None,
            plain_http=edge.http_port is not None,
            price_class=edge.price_class,
            web_acl_arn=_firewall(context, "cloudfront", ()) if names else None,
            access_log_days=context.shared.config.logs.retention_days,
            access_log_key_arn=_cloudfront_log_key(context),
            tags=context.tags("edge", "public"),
        ),
    )
    _page_alias(context, made)
    return made


def urls(
    context: Context[Any],
    balancer: ApplicationLoadBalancer,
    page: StaticSite | Distribution,
) -> Urls:
    """Say where to connect: at the domain over HTTPS, or locally at an address over HTTP."""
    names = domain(context)
    if names is not None:
        return Urls(
            pulumi.Output.from_input(f"https://{names.page}"),
            pulumi.Output.from_input(f"https://{names.origin}"),
        )
    return Urls(
        pulumi.Output.concat("http://", page.domain_name),
        pulumi.Output.concat("http://", balancer.dns_name, f":{balancer.port}"),
    )


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


def _origin(context: Context[Any], balancer: ApplicationLoadBalancer, path: str) -> ApiOrigin:
    names = domain(context)
    return ApiOrigin(
        # CloudFront checks the certificate, which has our name, not the load balancer's own.
        domain_name=names.origin if names else balancer.dns_name,
        path=path,
        http_port=context.shared.config.edge.http_port,
    )


def _page_certificate(context: Context[Any], names: Domain) -> pulumi.Output[str]:
    made = Certificate(
        context.name("frontend"),
        CertificateArgs(
            domain=names.page,
            hosted_zone_id=names.hosted_zone_id,
            region=CLOUDFRONT_REGION,
            tags=context.tags("edge", "public"),
        ),
    )
    return made.arn


def _page_alias(context: Context[Any], page: StaticSite | Distribution) -> None:
    names = domain(context)
    if names is None:
        return
    DomainAlias(
        context.name("frontend"),
        DomainAliasArgs(
            domain=names.page,
            hosted_zone_id=names.hosted_zone_id,
            target_name=page.domain_name,
            target_zone_id=page.zone_id,
            evaluate_target_health=False,  # Route 53 cannot of a distribution
        ),
    )


def _cloudfront_log_key(context: Context[Any]) -> pulumi.Output[str] | None:
    """Return our key if it is where CloudFront's logs are: keys do not leave their region."""
    here = context.shared.region == CLOUDFRONT_REGION
    return context.shared.keys.arns[LOGS] if here else None


def _firewall(
    context: Context[Any],
    scope: Literal["regional", "cloudfront"],
    counted: Sequence[str],
) -> pulumi.Output[str]:
    """Make the firewall of the load balancer or of the distribution.

    Most requests reach the load balancer from CloudFront's few addresses, and there each address
    may make more of them.
    """
    config = context.shared.config
    limits = {"regional": config.edge.origin_rate_limit, "cloudfront": config.edge.rate_limit}
    made = WebFirewall(
        context.name(f"{scope}-firewall"),
        WebFirewallArgs(
            firewall_name=f"{context.product}-{scope}",
            scope=scope,
            rate_limit=limits[scope],
            counted=counted,
            log_retention_days=config.logs.retention_days,
            log_key_arn=context.shared.keys.arns[LOGS]
            if scope == "regional"
            else _cloudfront_log_key(context),
            tags=context.tags("firewall", "public"),
        ),
        context.options if scope == "regional" else None,
    )
    return made.arn
