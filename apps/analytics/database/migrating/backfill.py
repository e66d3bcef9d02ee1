"""Filling in what old rows lack, batch by batch, beside the traffic.

Rows are walked along the primary key. Each batch is a transaction of its own that also records how
far it came, so a run that was killed goes on exactly there. Between two batches the replicas may
catch up.
"""

import time
from functools import partial
from typing import Any, cast

from psycopg import sql

from database.migrating.locks import Patience
from database.migrating.model import Log, Migration, MigrationError, MigrationPaused
from database.migrating.registry import Registry
from database.migrating.session import Session
from database.migrating.settings import MigrationSettings

PASSES = 3
"""Times the rows are walked: what old releases wrote behind the cursor is found the next time."""
LAG_POLL_SECONDS = 0.25
PROGRESS_SECONDS = 5.0
_LAG = """
    SELECT coalesce(max(extract(epoch FROM replay_lag)) * 1000, 0)::bigint AS milliseconds
    FROM pg_stat_replication
"""


class BackfillRun:
    """Fills in what one migration says."""

    def __init__(
        self,
        session: Session,
        registry: Registry,
        patience: Patience,
        settings: MigrationSettings,
        log: Log,
    ) -> None:
        self._session = session
        self._registry = registry
        self._patience = patience
        self._settings = settings
        self._log = log
        self._told = 0.0

    def run(self, migration: Migration) -> None:
        """Fill in every row that lacks it.

        Raises:
            MigrationPaused: The replicas have not caught up in time.
            MigrationBlocked: Rows stayed locked for too long.
            MigrationError: Rows still lack it after several passes.
        """
        backfill = migration.backfill
        if backfill is None:
            return
        left = 0
        for _ in range(PASSES):
            self._walk(migration)
            left = self._left(backfill.remaining)
            if not left:
                return
            self._log.warning("rows were left", migration=migration.number, rows=left)
            self._registry.rewind(migration.number)
        raise MigrationError(
            f"{left} rows of {backfill.table} still lack what {migration.name} adds"
        )

    def _walk(self, migration: Migration) -> None:
        cursor = self._registry.rows()[migration.number]["cursor"]
        while True:
            self._await_replicas(migration.number)
            batch = partial(self._batch, migration, cursor)
            cursor = self._patience.run(f"backfill {migration.number}", batch)
            if cursor is None:
                return

    def _batch(self, migration: Migration, cursor: str | None) -> str | None:
        """Fill in the rows after a key; return the last key, None when there are no more."""
        backfill = cast("Any", migration.backfill)
        select = sql.SQL(
            "SELECT {key}, {key}::text FROM {table} "
            "WHERE %(all)s OR {key} > %(after)s::{type} ORDER BY {key} LIMIT %(rows)s"
        ).format(
            key=sql.Identifier(backfill.key),
            table=sql.Identifier(backfill.table),
            type=sql.SQL(backfill.key_type),
        )
        asked = {"all": cursor is None, "after": cursor, "rows": self._settings.batch_rows}
        with (
            self._session.working() as connection,
            self._patience.watched(connection.info.backend_pid),
        ):
            found = connection.execute(select, asked).fetchall()
            if not found:
                return None
            keys = [key for key, _ in found]
            changed = connection.execute(backfill.statement.encode(), {"keys": keys}).rowcount
            self._registry.advance(connection, migration.number, found[-1][1], changed)
        self._tell(migration.number, found[-1][1])
        return found[-1][1]

    def _await_replicas(self, number: str) -> None:
        deadline = time.monotonic() + self._settings.lag_seconds
        while (lag := self._lag()) > self._settings.lag_milliseconds:
            if time.monotonic() > deadline:
                raise MigrationPaused(
                    f"a replica is {lag / 1000:.1f} s behind and does not catch up; "
                    "the next run goes on where this one stopped",
                    lag_milliseconds=lag,
                )
            self._log.warning("waits for a replica", migration=number, lag_milliseconds=lag)
            time.sleep(LAG_POLL_SECONDS)

    def _lag(self) -> int:
        return self._session.rows(_LAG)[0]["milliseconds"]

    def _left(self, query: str) -> int:
        return next(iter(self._session.rows(query)[0].values()))

    def _tell(self, number: str, cursor: str) -> None:
        if time.monotonic() - self._told > PROGRESS_SECONDS:
            self._told = time.monotonic()
            self._log.info("fills in", migration=number, cursor=cursor)
