"""Filling in what old rows lack, batch by batch, beside the traffic.

Rows are walked along the primary key. Each batch is a transaction of its own that also records how
far it came, so a run that was killed goes on exactly there. Between two batches the replicas may
catch up.
"""

import time
from collections import deque
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
"""Pause between two looks at the replicas: PostgreSQL tells nobody when they have caught up."""
PROGRESS_SECONDS = 5.0
_REPLAYED = """
    SELECT coalesce(max(extract(epoch FROM replay_lag)), 0)::float AS measured,
           (min(coalesce(replay_lsn, '0/0')) - '0/0')::bigint AS position,
           (pg_current_wal_insert_lsn() - '0/0')::bigint AS written
    FROM pg_stat_replication
"""


class Lag:
    """How far the replicas are behind this run's own writes.

    PostgreSQL measures a replica's lag when it has caught up with a write; one that stands still
    shows none. So each batch is remembered with its place in the log, until every replica has it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._waiting: deque[tuple[int, float]] = deque()

    def seconds(self) -> float:
        """Return by how much the last of the replicas is behind; 0 without replicas."""
        now = time.monotonic()
        row = self._session.rows(_REPLAYED)[0]
        if row["position"] is None:
            self._waiting.clear()
            return 0.0
        while self._waiting and self._waiting[0][0] <= row["position"]:
            self._waiting.popleft()
        oldest = now - self._waiting[0][1] if self._waiting else 0.0
        if row["written"] > row["position"]:
            self._waiting.append((row["written"], now))
        return max(oldest, row["measured"] if self._waiting else 0.0)


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
        self._lag = Lag(session)
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
        while (lag := self._lag.seconds()) * 1000 > self._settings.lag_milliseconds:
            if time.monotonic() > deadline:
                raise MigrationPaused(
                    f"a replica is {lag:.1f} s behind and does not catch up; "
                    "the next run goes on where this one stopped",
                    lag_seconds=lag,
                )
            self._log.warning("waits for a replica", migration=number, lag_seconds=lag)
            time.sleep(LAG_POLL_SECONDS)

    def _left(self, query: str) -> int:
        return next(iter(self._session.rows(query)[0].values()))

    def _tell(self, number: str, cursor: str) -> None:
        if time.monotonic() - self._told > PROGRESS_SECONDS:
            self._told = time.monotonic()
            self._log.info("fills in", migration=number, cursor=cursor)
