"""Stores: versions, sizes, windows, backups."""

import math
from collections.abc import Iterator

from platformctl.config import tables
from platformctl.config.checks.mistake import Mistake, sections
from platformctl.config.data import CacheConfig, DatabaseConfig, KafkaConfig, ReplicaConfig
from platformctl.config.environment import EnvironmentConfig

MINUTES_A_DAY = 24 * 60
PRODUCTION_BACKUP_DAYS = 7


def database_version(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a PostgreSQL major that is supported."""
    for key, database in sections(config, DatabaseConfig):
        value = database.engine_version
        major, _, minor = value.partition(".")
        if major not in tables.POSTGRES_MAJORS or not (minor.isdigit() or minor == ""):
            allowed = ", ".join(tables.POSTGRES_MAJORS)
            yield Mistake(
                f"{key}.engineVersion",
                value,
                f"must be one of the majors {allowed}, or a minor of them such as 15.12",
            )


def cache_version(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a Redis version that ElastiCache offers."""
    for key, cache in sections(config, CacheConfig):
        if cache.engine_version not in tables.REDIS_VERSIONS:
            allowed = ", ".join(tables.REDIS_VERSIONS)
            yield Mistake(f"{key}.engineVersion", cache.engine_version, f"must be one of {allowed}")


def kafka_version(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a Kafka version that MSK offers."""
    for key, kafka in sections(config, KafkaConfig):
        if kafka.version not in tables.KAFKA_VERSIONS:
            allowed = ", ".join(tables.KAFKA_VERSIONS)
            yield Mistake(f"{key}.version", kafka.version, f"must be one of {allowed}")


def brokers_spread_evenly(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on the same number of brokers in each zone, which MSK demands."""
    zones = len(set(config.vpc.availability_zones))
    for key, kafka in sections(config, KafkaConfig):
        if kafka.brokers % zones:
            yield Mistake(
                f"{key}.brokers", kafka.brokers, f"must be a multiple of the {zones} zones"
            )


def kafka_is_encrypted(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on authenticated, encrypted clients outside the local region."""
    for key, kafka in sections(config, KafkaConfig):
        if kafka.authentication == "plaintext" and config.environment != "local":
            yield Mistake(
                f"{key}.authentication",
                "plaintext",
                "is for local environments; choose iam or tls",
            )


def _classes(config: EnvironmentConfig) -> Iterator[tuple[str, str]]:
    for key, database in sections(config, DatabaseConfig):
        yield f"{key}.instanceClass", database.instance_class
    for key, cache in sections(config, CacheConfig):
        yield f"{key}.nodeType", cache.node_type
    for key, kafka in sections(config, KafkaConfig):
        yield f"{key}.instanceType", kafka.instance_type
    for key, replica in sections(config, ReplicaConfig):
        yield f"{key}.instanceClass", replica.instance_class


def instance_classes(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on sizes of instances that have the form AWS uses."""
    for where, value in _classes(config):
        _, _, size = value.rpartition(".")
        if value.count(".") != 2 or size not in tables.DATABASE_SIZES:  # kind.family.size
            allowed = ", ".join(tables.DATABASE_SIZES)
            yield Mistake(where, value, f"must end in a family and one of the sizes {allowed}")


def replica_needs_backups(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on backups where there is a replica: RDS builds it from one."""
    for key, database in sections(config, DatabaseConfig):
        if database.replica is not None and database.backup_retention == 0:
            yield Mistake(
                f"{key}.backupRetention", 0, "must be at least 1 where there is a replica"
            )


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _length(start: int, end: int, cycle: int) -> int:
    return (end - start) % cycle


def windows_fit(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on windows of at least 30 minutes that do not overlap, as RDS does."""
    for key, database in sections(config, DatabaseConfig):
        yield from _windows(key, database)


def _windows(key: str, database: DatabaseConfig) -> Iterator[Mistake]:
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


def storage_can_grow(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a limit of storage that is at least a tenth above what there is, as RDS does."""
    for key, database in sections(config, DatabaseConfig):
        most, least = database.max_allocated_storage, database.allocated_storage * 11 / 10
        if most is not None and most < least:
            yield Mistake(
                f"{key}.maxAllocatedStorage",
                most,
                f"must be at least {math.ceil(least)}, a tenth above allocatedStorage",
            )


def production_keeps_data(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist in production on a week of backups and a standby of every database."""
    if config.environment != "production":
        return
    for key, database in sections(config, DatabaseConfig):
        if database.backup_retention < PRODUCTION_BACKUP_DAYS:
            yield Mistake(
                f"{key}.backupRetention",
                database.backup_retention,
                f"must be at least {PRODUCTION_BACKUP_DAYS} in production",
            )
        if not database.multi_az:
            yield Mistake(f"{key}.multiAZ", False, "must be true in production")
