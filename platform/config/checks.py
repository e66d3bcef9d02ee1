"""What one key says about another: each check is one function, each mistake one sentence.

A check gets the whole configuration and yields `Mistake`s. `CHECKS` lists them all; the loader
runs every one, so that a person sees all mistakes at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import Any

from platformctl.config import tables
from platformctl.config.compute import ServiceConfig
from platformctl.config.environment import EnvironmentConfig
from platformctl.naming import cidr

SMALLEST_VPC, LARGEST_VPC = cidr.LARGEST_PREFIX, 16
MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True)
class Mistake:
    """Something a stack file says that cannot be.

    Attributes:
        key: Where, such as `platform:vpc.cidr`.
        value: What it says.
        reason: What is allowed instead, as the end of a sentence.
    """

    key: str
    value: Any
    reason: str

    @property
    def section(self) -> str:
        """The key of the section that the mistake is in."""
        return self.key.rpartition(".")[0]

    def __str__(self) -> str:
        said = "" if self.value is None else f" is {self.value!r}"
        return f"{self.key}{said}: {self.reason}"


Check = Callable[[EnvironmentConfig], Iterator[Mistake]]


def services(config: EnvironmentConfig) -> Iterator[tuple[str, ServiceConfig]]:
    """Yield every service with its key."""
    if config.analytics is not None:
        for name in ("ingestion", "consumer", "api"):
            yield f"platform:analytics.{name}", getattr(config.analytics, name)


def vpc_block(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a private block of /16 to /20 without host bits."""
    key, value = "platform:vpc.cidr", config.vpc.cidr
    try:
        block = IPv4Network(value)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        yield Mistake(key, value, f"{error}; write a block such as 10.0.0.0/16")
        return
    if not LARGEST_VPC <= block.prefixlen <= SMALLEST_VPC:
        yield Mistake(key, value, f"must be a /{LARGEST_VPC} to a /{SMALLEST_VPC}")
    if not block.is_private:
        yield Mistake(key, value, "must be private: in 10/8, 172.16/12 or 192.168/16")


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


def recovery_region_differs(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a recovery region that does not fail with the first."""
    if config.recovery_region == config.region:
        yield Mistake(
            "platform:recoveryRegion", config.recovery_region, "must differ from platform:region"
        )


def products_configured(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a section for each product, and on no section without its product."""
    for product in dict.fromkeys(config.products):
        if config.products.count(product) > 1:
            yield Mistake("platform:products", product, "is listed more than once")
        if getattr(config, product) is None:
            yield Mistake("platform:products", product, f"needs a section platform:{product}")


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


def log_retention(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a period that CloudWatch Logs offers."""
    value = config.logs.retention_days
    if value not in tables.LOG_RETENTION_DAYS:
        allowed = ", ".join(map(str, tables.LOG_RETENTION_DAYS))
        yield Mistake("platform:logs.retentionDays", value, f"must be one of {allowed}")


def fargate_sizes(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a CPU size of Fargate and on memory that goes with it."""
    for key, service in services(config):
        memory = tables.FARGATE_MEMORY.get(service.cpu)
        if memory is None:
            allowed = ", ".join(map(str, tables.FARGATE_MEMORY))
            yield Mistake(f"{key}.cpu", service.cpu, f"must be one of {allowed}")
        elif service.memory not in memory:
            allowed = ", ".join(map(str, memory))
            yield Mistake(
                f"{key}.memory",
                service.memory,
                f"must be one of {allowed} where cpu is {service.cpu}",
            )


def counts_in_order(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on minCount ≤ desiredCount ≤ maxCount, and on no minCount without maxCount."""
    for key, service in services(config):
        if service.bounds is None:
            if service.min_count is not None:
                yield Mistake(f"{key}.maxCount", None, "is missing: autoscaling needs both bounds")
            continue
        (low, high), wanted = service.bounds, service.desired_count
        if service.min_count is not None and low > high:
            yield Mistake(f"{key}.minCount", low, f"must not exceed maxCount, which is {high}")
        elif not low <= wanted <= high:
            yield Mistake(f"{key}.desiredCount", wanted, f"must be from {low} to {high}")


def health_check_times(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on probes that end before the next begins."""
    for key, service in services(config):
        check = service.health_check
        if check.timeout >= check.interval:
            yield Mistake(
                f"{key}.healthCheck.timeout",
                check.timeout,
                f"must be less than interval, which is {check.interval}",
            )


_OWNED_VARIABLES = frozenset({"HOST", "PORT", "AWS_REGION", "SERVICE_NAME"})
_SECRET_WORDS = ("PASSWORD", "SECRET", "TOKEN", "PRIVATE_KEY", "API_KEY")


def variables_hold_no_secrets(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist that secrets are not written into stack files, and platform variables not replaced."""
    for key, service in services(config):
        for name in service.environment:
            where = f"{key}.environment.{name}"
            if any(word in name.upper() for word in _SECRET_WORDS):
                yield Mistake(where, None, "looks like a secret, and stack files are not secret")
            if name in _OWNED_VARIABLES:
                yield Mistake(where, None, "is set by the platform")


def database_version(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a PostgreSQL major that is supported."""
    if config.analytics is None:
        return
    value = config.analytics.database.engine_version
    major, _, minor = value.partition(".")
    if major not in tables.POSTGRES_MAJORS or not (minor.isdigit() or minor == ""):
        allowed = ", ".join(tables.POSTGRES_MAJORS)
        yield Mistake(
            "platform:analytics.database.engineVersion",
            value,
            f"must be one of the majors {allowed}, or a minor of them such as 15.12",
        )


def cache_version(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a Redis version that ElastiCache offers."""
    if config.analytics is None:
        return
    value = config.analytics.cache.engine_version
    if value not in tables.REDIS_VERSIONS:
        allowed = ", ".join(tables.REDIS_VERSIONS)
        yield Mistake("platform:analytics.cache.engineVersion", value, f"must be one of {allowed}")


def kafka_version(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a Kafka version that MSK offers."""
    if config.analytics is None:
        return
    value = config.analytics.kafka.version
    if value not in tables.KAFKA_VERSIONS:
        allowed = ", ".join(tables.KAFKA_VERSIONS)
        yield Mistake("platform:analytics.kafka.version", value, f"must be one of {allowed}")


def brokers_spread_evenly(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on the same number of brokers in each zone, which MSK demands."""
    if config.analytics is None:
        return
    brokers, zones = config.analytics.kafka.brokers, len(set(config.vpc.availability_zones))
    if brokers % zones:
        yield Mistake(
            "platform:analytics.kafka.brokers", brokers, f"must be a multiple of the {zones} zones"
        )


def kafka_is_encrypted(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on authenticated, encrypted clients outside the local region."""
    if config.analytics is None or config.environment == "local":
        return
    if config.analytics.kafka.authentication == "plaintext":
        yield Mistake(
            "platform:analytics.kafka.authentication",
            "plaintext",
            "is for local environments; choose iam or tls",
        )


def instance_classes(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on sizes of instances that have the form AWS uses."""
    if config.analytics is None:
        return
    product, key = config.analytics, "platform:analytics"
    classes = {
        f"{key}.database.instanceClass": product.database.instance_class,
        f"{key}.cache.nodeType": product.cache.node_type,
        f"{key}.kafka.instanceType": product.kafka.instance_type,
    }
    if product.database.replica is not None:
        classes[f"{key}.database.replica.instanceClass"] = product.database.replica.instance_class
    for where, value in classes.items():
        _, _, size = value.rpartition(".")
        if value.count(".") != 2 or size not in tables.DATABASE_SIZES:  # kind.family.size
            allowed = ", ".join(tables.DATABASE_SIZES)
            yield Mistake(where, value, f"must end in a family and one of the sizes {allowed}")


def replica_needs_backups(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on backups where there is a replica: RDS builds it from one."""
    if config.analytics is None:
        return
    database = config.analytics.database
    if database.replica is not None and database.backup_retention == 0:
        yield Mistake(
            "platform:analytics.database.backupRetention",
            0,
            "must be at least 1 where there is a replica",
        )


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _length(start: int, end: int, cycle: int) -> int:
    return (end - start) % cycle


def windows_fit(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on windows of at least 30 minutes that do not overlap, as RDS does."""
    if config.analytics is None:
        return
    database, key = config.analytics.database, "platform:analytics.database"
    start, end = map(_minute, database.backup_window.split("-"))
    backup = _length(start, end, MINUTES_A_DAY)
    if backup < 30:
        yield Mistake(
            f"{key}.backupWindow", database.backup_window, "must last at least 30 minutes"
        )
    opens, closes = (
        tables.WEEKDAYS.index(part[:3]) * MINUTES_A_DAY + _minute(part[4:])
        for part in database.maintenance_window.split("-")
    )
    maintenance = _length(opens, closes, 7 * MINUTES_A_DAY)
    if not 30 <= maintenance <= MINUTES_A_DAY:
        yield Mistake(
            f"{key}.maintenanceWindow",
            database.maintenance_window,
            "must last from 30 minutes to 24 hours",
        )
    begins = opens % MINUTES_A_DAY
    overlap = (
        _length(start, begins, MINUTES_A_DAY) < backup
        or _length(begins, start, MINUTES_A_DAY) < maintenance
    )
    if overlap:
        yield Mistake(
            f"{key}.maintenanceWindow",
            database.maintenance_window,
            f"must not overlap backupWindow, which is {database.backup_window}",
        )


def production_keeps_data(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist in production on deletion protection, a week of backups and a standby."""
    if config.environment != "production":
        return
    if not config.deletion_protection:
        yield Mistake("platform:deletionProtection", False, "must be true in production")
    if config.analytics is None:
        return
    database, key = config.analytics.database, "platform:analytics.database"
    if database.backup_retention < 7:
        yield Mistake(
            f"{key}.backupRetention", database.backup_retention, "must be at least 7 in production"
        )
    if not database.multi_az:
        yield Mistake(f"{key}.multiAZ", False, "must be true in production")


CHECKS: tuple[Check, ...] = (
    vpc_block,
    zones_belong,
    recovery_region_differs,
    products_configured,
    tasks_can_reach_aws,
    endpoints_listed_once,
    edge_is_encrypted,
    log_retention,
    fargate_sizes,
    counts_in_order,
    health_check_times,
    variables_hold_no_secrets,
    database_version,
    cache_version,
    kafka_version,
    brokers_spread_evenly,
    kafka_is_encrypted,
    instance_classes,
    replica_needs_backups,
    windows_fit,
    production_keeps_data,
)
