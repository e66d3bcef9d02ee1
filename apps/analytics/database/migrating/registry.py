"""What has run, recorded in the database itself.

A row changes in the very transaction that changes the schema, so it never says more or less than
is true. Its state tells how far a migration is, not whether somebody is at work: that is the run's
lock.

expand: `expand` (begun) → `backfill` → `ready` (old and new releases work) → `done` (contracted)
contract: `contract` (begun) → `done`
Either may be `failed`: an expansion is then undone, a contract is to be tried again.
"""

from typing import Any

import psycopg
from sqlalchemy import Connection, text

from database.migrating.model import Migration
from database.migrating.session import Session
from database.schema import CONTRACT, EXPAND

BACKFILL, READY, DONE, FAILED = "backfill", "ready", "done", "failed"
PENDING = "pending"
"""Of a migration that has no row."""
APPLIED = (BACKFILL, READY, DONE)
"""States in which the schema is changed."""

_TABLE = """
    CREATE TABLE IF NOT EXISTS migrations (
        number      text        PRIMARY KEY,
        name        text        NOT NULL,
        phase       text        NOT NULL CHECK (phase IN ('expand', 'contract')),
        state       text        NOT NULL,
        checksum    text        NOT NULL,
        cursor      text,
        rows        bigint      NOT NULL DEFAULT 0,
        run         text        NOT NULL,
        actor       text        NOT NULL,
        started_at  timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz,
        error       text
    )
"""
_BEGIN = """
    INSERT INTO migrations (number, name, phase, state, checksum, run, actor)
    VALUES (%(number)s, %(name)s, %(phase)s, %(phase)s, %(checksum)s, %(run)s, %(actor)s)
    ON CONFLICT (number) DO UPDATE SET
        state = excluded.state, name = excluded.name, checksum = excluded.checksum,
        run = excluded.run, actor = excluded.actor, started_at = now(), finished_at = NULL,
        cursor = NULL, rows = 0, error = NULL
"""
_STATE = """
    UPDATE migrations SET
        state = :state,
        finished_at = CASE WHEN :state IN ('ready', 'done', 'failed') THEN now() END
    WHERE number = :number
"""


class Registry:
    """The table in which migrations are recorded."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def prepare(self) -> None:
        """Make the table if it is not there."""
        self._session.execute(_TABLE)

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return every row by number; none while there is no table."""
        if self._session.rows("SELECT to_regclass('migrations') AS found")[0]["found"] is None:
            return {}
        found = self._session.rows("SELECT * FROM migrations ORDER BY number")
        return {row["number"]: row for row in found}

    def begin(self, migration: Migration, *, run: str, actor: str) -> None:
        """Record the intent to migrate."""
        self._session.execute(
            _BEGIN,
            number=migration.number,
            name=migration.name,
            phase=migration.phase,
            checksum=migration.checksum,
            run=run,
            actor=actor,
        )

    def applied(self, connection: Connection, migration: Migration, state: str) -> None:
        """Record, in the transaction of the change itself, that the schema is changed."""
        connection.execute(text(_STATE), {"number": migration.number, "state": state})
        if migration.phase == CONTRACT:
            for number in migration.completes:
                connection.execute(text(_STATE), {"number": number, "state": DONE})

    def forget(self, connection: Connection, number: str) -> None:
        """Delete a row, in the transaction that undoes the change."""
        connection.execute(text("DELETE FROM migrations WHERE number = :n"), {"n": number})

    def undone(self, connection: Connection, number: str) -> None:
        """Record, in the transaction that undoes the change, that it is undone."""
        connection.execute(text(_STATE), {"number": number, "state": FAILED})

    def drop(self, number: str) -> None:
        """Delete the row of a migration that has changed nothing."""
        self._session.execute("DELETE FROM migrations WHERE number = %(n)s", n=number)

    def settle(self, number: str, state: str) -> None:
        """Record that a migration is finished."""
        self._session.execute(
            "UPDATE migrations SET state = %(state)s, finished_at = now() WHERE number = %(n)s",
            state=state,
            n=number,
        )

    def fail(self, migration: Migration, error: str) -> None:
        """Record why a migration did not succeed; a contract remains begun."""
        state = FAILED if migration.phase == EXPAND else CONTRACT
        self._session.execute(
            "UPDATE migrations SET state = %(state)s, error = %(error)s, finished_at = now() "
            "WHERE number = %(n)s",
            state=state,
            error=error,
            n=migration.number,
        )

    def advance(self, batch: psycopg.Connection[Any], number: str, cursor: str, rows: int) -> None:
        """Record how far a backfill is, in the transaction of its batch."""
        batch.execute(
            "UPDATE migrations SET cursor = %s, rows = rows + %s WHERE number = %s",
            [cursor, rows, number],
        )

    def rewind(self, number: str) -> None:
        """Let a backfill begin at the first row again."""
        self._session.execute("UPDATE migrations SET cursor = NULL WHERE number = %(n)s", n=number)
