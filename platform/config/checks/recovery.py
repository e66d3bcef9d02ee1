"""Recovery: objectives that what is configured can keep."""

from collections.abc import Iterator

from platformctl.config.aura import DocumentsConfig
from platformctl.config.checks.mistake import Mistake, sections
from platformctl.config.data import DatabaseConfig
from platformctl.config.environment import EnvironmentConfig
from platformctl.config.recovery import RecoveryConfig

MINUTES_AN_HOUR = 60
LONGEST_COLD_START_HOURS = 1


def _products(config: EnvironmentConfig) -> Iterator[tuple[str, RecoveryConfig]]:
    for key, recovery in sections(config, RecoveryConfig):
        yield key.rpartition(".")[0], recovery


def recovery_has_a_region(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a recovery region where a product has objectives for one."""
    for product, _ in _products(config):
        if config.recovery_region is None:
            yield Mistake(f"{product}.recovery", None, "needs platform:recoveryRegion")


def objectives_can_be_kept(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a replica, or on backups more often than data may be lost: a copy takes a while.

    Documents have no replica in another region, so theirs come back from backups in any case.
    """
    for product, recovery in _products(config):
        databases = [key for key, _ in sections(config, DatabaseConfig) if key.startswith(product)]
        documents = [key for key, _ in sections(config, DocumentsConfig) if key.startswith(product)]
        from_backups = documents or (databases and recovery.replica is None)
        if not from_backups:
            continue
        key, value = f"{product}.recovery.rpoMinutes", recovery.rpo_minutes
        if config.backup is None:
            replica = "" if documents else "recovery.replica or "
            yield Mistake(key, value, f"needs {replica}platform:backup")
        elif value <= config.backup.interval_hours * MINUTES_AN_HOUR:
            yield Mistake(
                key,
                value,
                "cannot be kept by platform:backup.intervalHours, which is "
                f"{config.backup.interval_hours}; back up more often"
                + (", as documents have no replica" if documents else " or set recovery.replica"),
            )


def replica_has_backups(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on backups of a database that is replicated into the recovery region."""
    for product, recovery in _products(config):
        for key, database in sections(config, DatabaseConfig):
            replicated = key.startswith(product) and recovery.replica is not None
            if replicated and database.backup_retention == 0:
                yield Mistake(
                    f"{key}.backupRetention",
                    0,
                    f"must be at least 1 where there is {product}.recovery.replica",
                )


def tasks_stand_by_for_fast_recovery(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on running tasks where the product must serve again within the hour."""
    for product, recovery in _products(config):
        limit = LONGEST_COLD_START_HOURS * MINUTES_AN_HOUR
        if recovery.rto_minutes < limit and recovery.standby_count == 0:
            yield Mistake(
                f"{product}.recovery.standbyCount",
                0,
                f"must be at least 1 where rtoMinutes is less than {limit}, which is "
                f"{recovery.rto_minutes}",
            )


def standby_has_a_database(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a replica where tasks stand by: without a database they could do nothing."""
    for product, recovery in _products(config):
        databases = [key for key, _ in sections(config, DatabaseConfig) if key.startswith(product)]
        if databases and recovery.standby_count > 0 and recovery.replica is None:
            yield Mistake(
                f"{product}.recovery.standbyCount",
                recovery.standby_count,
                "needs recovery.replica: tasks without a database could do nothing",
            )
