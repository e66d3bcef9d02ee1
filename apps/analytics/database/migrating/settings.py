"""Settings of a run: whom it migrates and how considerate it is."""

from dataclasses import dataclass, replace
from uuid import uuid4

from telemetry.settings import Environment

from database.settings import DatabaseSettings

SERVICE = "analytics"
"""Prefix of what the product's releases call their connections."""


@dataclass(frozen=True, kw_only=True)
class MigrationSettings:
    """Everything a run is told by its environment.

    Attributes:
        database: The primary server.
        reader: Where readers connect; the primary server too where there is no replica.
        service: Prefix of what releases call their connections.
        run: Whose work this is; what one run did is undone together, also by its resumption.
        actor: Who asked for it.
        lock_milliseconds: Longest a statement waits for a lock, and others wait behind it.
        lock_seconds: Longest all attempts at one migration take.
        batch_rows: Rows filled in at once.
        lag_milliseconds: A backfill waits while a replica is further behind than this.
        lag_seconds: Longest it waits; then it is left for the next run.
    """

    database: DatabaseSettings
    reader: DatabaseSettings
    service: str
    run: str
    actor: str
    lock_milliseconds: int
    lock_seconds: int
    batch_rows: int
    lag_milliseconds: int
    lag_seconds: int

    @classmethod
    def read(cls, environment: Environment) -> "MigrationSettings":
        """Read all settings.

        Raises:
            SettingsError: A variable is missing or wrong.
        """
        database = DatabaseSettings.read(environment)
        settings = cls(
            database=database,
            reader=replace(database, host=environment.text("DB_READER_HOST", database.host)),
            service=SERVICE,
            run=environment.text("MIGRATION_RUN", f"by-hand-{uuid4()}"),
            actor=environment.text("MIGRATION_ACTOR", "unknown"),
            lock_milliseconds=environment.integer("MIGRATION_LOCK_MILLISECONDS", 500, least=1),
            lock_seconds=environment.integer("MIGRATION_LOCK_SECONDS", 60),
            batch_rows=environment.integer("MIGRATION_BATCH_ROWS", 1000, least=1),
            lag_milliseconds=environment.integer("MIGRATION_LAG_MILLISECONDS", 1500, least=1),
            lag_seconds=environment.integer("MIGRATION_LAG_SECONDS", 600),
        )
        environment.check()
        return settings
