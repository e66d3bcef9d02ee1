"""The connections of a run, and the lock that lets only one run at work.

The lock is PostgreSQL's own, of the session: it ends with the connection, so a run that was killed
is known by its absence and never has to be declared dead.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from database.migrating.model import MigrationBlocked
from database.migrating.settings import MigrationSettings

RUN_LOCK = 5_004_001
"""Key of the advisory lock of a run."""
NAME = "migrations"
STATEMENT_SECONDS = 3600
"""Longest one statement may take: an index of a large table takes its time."""
PATIENCE_SECONDS = 10.0
"""Time that a connection of a run that was killed may take to vanish."""
LOCK_POLL_SECONDS = 0.2
"""Pause between two attempts to become the run at work. PostgreSQL could wait for the lock instead,
but who waits holds a snapshot, and an index that the other run builds concurrently waits for all
snapshots: each would wait for the other."""


class Session:
    """A run's own connection, on which everything is recorded; use it as a context manager."""

    def __init__(self, settings: MigrationSettings) -> None:
        self._conninfo = settings.database.conninfo(
            f"{settings.service}-{NAME}",
            statement_seconds=STATEMENT_SECONDS,
            # A connection whose client was killed must not go on working for it.
            client_connection_check_interval="1s",
            lock_timeout=f"{settings.lock_milliseconds}ms",
        )
        self._engine = create_engine(
            "postgresql+psycopg://", creator=self.working, poolclass=NullPool
        )
        self.connection = psycopg.Connection[dict[str, Any]].connect(
            self._conninfo, autocommit=True, row_factory=dict_row
        )

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        self._engine.dispose()

    def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run a query and return its rows."""
        return self.connection.execute(query.encode(), parameters or None).fetchall()

    def execute(self, statement: str, **parameters: Any) -> int:
        """Run a statement; return how many rows it was about."""
        return self.connection.execute(statement.encode(), parameters or None).rowcount

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Open a connection for Alembic."""
        with self._engine.connect() as connection:
            yield connection

    def take_lock(self) -> None:
        """Become the one run at work.

        Raises:
            MigrationBlocked: Another run is at work, and still is after a while.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.rows("SELECT pg_try_advisory_lock(%(key)s) AS taken", key=RUN_LOCK)[0][
            "taken"
        ]:
            if time.monotonic() > deadline:
                raise MigrationBlocked("another run is at work", blockers=self.holders())
            time.sleep(LOCK_POLL_SECONDS)

    def holders(self) -> list[dict[str, Any]]:
        """Return whose run is at work: its connection, as PostgreSQL shows it."""
        return self.rows(
            """
            SELECT a.pid, a.application_name AS application, a.client_addr::text AS address,
                   a.backend_start::text AS since
            FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.objid = %(key)s
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            key=RUN_LOCK,
        )

    def working(self) -> psycopg.Connection[Any]:
        """Open a connection for one piece of work."""
        return psycopg.connect(self._conninfo)
