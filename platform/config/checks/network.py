"""The network and the edge."""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from itertools import combinations

from platformctl.config.base import Section
from platformctl.config.checks.mistake import Mistake, sections
from platformctl.config.environment import EnvironmentConfig
from platformctl.naming import cidr

SMALLEST_VPC, LARGEST_VPC = cidr.LARGEST_PREFIX, 16
PRODUCTION_ZONES = 3


def _blocks(config: EnvironmentConfig) -> Iterator[tuple[str, str]]:
    """Yield every address block of the environment with its key."""
    yield "platform:vpc.cidr", config.vpc.cidr
    if config.recovery_region is not None:
        yield "platform:vpc.recoveryCidr", config.vpc.recovery_cidr
    for key, section in sections(config, Section):
        block = getattr(section, "service_cidr", None)
        if block is not None:
            yield f"{key}.serviceCidr", block


def vpc_block(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on private blocks of /16 to /20 without host bits for both VPCs."""
    for key, value in _blocks(config):
        if not key.startswith("platform:vpc."):
            continue
        try:
            block = IPv4Network(value)
        except (AddressValueError, NetmaskValueError, ValueError) as error:
            yield Mistake(key, value, f"{error}; write a block such as 10.0.0.0/16")
            continue
        if not LARGEST_VPC <= block.prefixlen <= SMALLEST_VPC:
            yield Mistake(key, value, f"must be a /{LARGEST_VPC} to a /{SMALLEST_VPC}")
        if not block.is_private:
            yield Mistake(key, value, "must be private: in 10/8, 172.16/12 or 192.168/16")


def blocks_are_apart(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on blocks that do not overlap: VPCs that replicate, and services of Kubernetes."""
    known: list[tuple[str, IPv4Network]] = []
    for key, value in _blocks(config):
        try:
            known.append((key, IPv4Network(value)))
        except (AddressValueError, NetmaskValueError, ValueError):
            continue  # said by whoever judges the block itself
    for (first, block), (second, other) in combinations(known, 2):
        if block.overlaps(other):
            yield Mistake(second, str(other), f"must not overlap {first}, which is {block}")


def zones_belong(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on zones of the region, each once, each with an address slot."""
    key, zones = "platform:vpc.availabilityZones", config.vpc.availability_zones
    for zone in sorted(set(zones)):
        if zones.count(zone) > 1:
            yield Mistake(key, zone, "is listed more than once")
        if zone[:-1] != config.region:
            yield Mistake(key, zone, f"is not in region {config.region}")
        elif zone[-1] not in "abcdefghi":
            yield Mistake(key, zone, "must end in one of the letters a to i")


def production_spans_zones(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist in production on three zones: with two, the loss of one leaves no quorum."""
    zones = set(config.vpc.availability_zones)
    if config.environment == "production" and len(zones) < PRODUCTION_ZONES:
        yield Mistake(
            "platform:vpc.availabilityZones",
            list(config.vpc.availability_zones),
            f"must be at least {PRODUCTION_ZONES} in production",
        )


def tasks_can_reach_aws(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a way to AWS for tasks in private subnets."""
    closed = config.vpc.nat_gateways == "none" and not config.vpc.interface_endpoints
    if closed and config.environment != "local":
        yield Mistake(
            "platform:vpc.natGateways",
            "none",
            "tasks could not pull images or read secrets; choose single or perZone, or list "
            "platform:vpc.interfaceEndpoints",
        )


def endpoints_listed_once(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on interface endpoints listed once, and not on those that are gateways anyway."""
    key, endpoints = "platform:vpc.interfaceEndpoints", config.vpc.interface_endpoints
    for endpoint in sorted(set(endpoints)):
        if endpoints.count(endpoint) > 1:
            yield Mistake(key, endpoint, "is listed more than once")
        if endpoint in {"s3", "dynamodb"}:
            yield Mistake(key, endpoint, "has a gateway endpoint already, which costs nothing")


def testers_are_few(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on networks that exist and are not everybody's: nobody else may see what is tried."""
    for block in config.edge.test_cidrs:
        try:
            network = IPv4Network(block)
        except ValueError as error:
            yield Mistake("platform:edge.testCidrs", block, str(error))
            continue
        if network.prefixlen == 0:
            yield Mistake("platform:edge.testCidrs", block, "is everybody: name your own networks")


def edge_is_encrypted(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on HTTPS outside the local region, with all that certificates need."""
    edge = config.edge
    if config.environment != "local" and edge.http_port is not None:
        yield Mistake(
            "platform:edge.httpPort",
            edge.http_port,
            "plain HTTP is for local environments; remove it and set platform:edge.domain",
        )
    if edge.domain is None and edge.http_port is None:
        yield Mistake(
            "platform:edge",
            None,
            "needs a domain for HTTPS"
            + (", or httpPort for plain HTTP" if config.environment == "local" else ""),
        )
    if edge.domain is not None and edge.http_port is not None:
        yield Mistake("platform:edge.httpPort", edge.http_port, "cannot go with a domain")
    if edge.domain is None and edge.hosted_zone_id is not None:
        yield Mistake("platform:edge.hostedZoneId", edge.hosted_zone_id, "needs a domain")
