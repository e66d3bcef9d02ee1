"""Events in PostgreSQL: one statement per batch, and the same event again changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from database import schema
from database.settings import DatabaseSettings
from stream.event import Event

STATEMENT_SECONDS = 30
_INSERT = """
    INSERT INTO events (event_id, user_id, session_id, event_type, occurred_at, properties, path)
    SELECT event.*, event.properties ->> 'path' FROM unnest(
        %b::text[], %b::text[], %b::text[], %b::text[], %b::timestamptz[], %t::jsonb[])
        AS event (event_id, user_id, session_id, event_type, occurred_at, properties)
    ON CONFLICT (event_id) DO NOTHING
"""
_ACCEPTS = "SELECT coalesce(has_table_privilege(to_regclass('events'), 'INSERT'), false)"


class StoreUnavailable(Exception):  # noqa: N818  # named after what it means to the caller
    """The database cannot be used just now; the same call may work later."""


class UnstorableEvent(Exception):  # noqa: N818  # named after what it means to the caller
    """PostgreSQL will never take this batch as it is: something in it is no data of its."""


@dataclass(frozen=True)
class Row:
    """One event on its way into the table.

    Attributes:
        event: The event.
        properties: Its properties as JSON text.
    """

    event: Event
    properties: str


class Store:
    """A connection to the primary database that is opened when it is needed."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._conninfo = settings.conninfo(
            "analytics-consumer", statement_seconds=STATEMENT_SECONDS
        )
        self._connection: psycopg.Connection | None = None

    def require_schema(self) -> None:
        """Insist that what this source relies on is there; changes nothing.

        Raises:
            StoreUnavailable: The database cannot be used just now, or migrations have not run yet.
        """
        try:
            schema.require(self._connected())
        except schema.SchemaNotReady as error:
            raise StoreUnavailable(str(error)) from error
        except psycopg.Error as error:
            raise self._unavailable(error) from error

    def accepts_events(self) -> bool:
        """Tell whether the table is there and may be written to; changes nothing.

        Raises:
            StoreUnavailable: The database cannot be used just now, or migrations have not run yet.
        """
        self.require_schema()
        try:
            row = self._connected().execute(_ACCEPTS).fetchone()
        except psycopg.Error as error:
            raise self._unavailable(error) from error
        return bool(row and row[0])

    def insert(self, rows: Sequence[Row]) -> int:
        """Write events in one transaction; return how many were not there before.

        Raises:
            StoreUnavailable: The database cannot be used just now; nothing was written.
            UnstorableEvent: The data of at least one event is refused; nothing was written.
        """
        # In one order for everybody, or two consumers with the same events would deadlock.
        ordered = sorted(rows, key=lambda row: row.event["eventId"])
        events = [row.event for row in ordered]
        columns = (
            [event["eventId"] for event in events],
            [event["userId"] for event in events],
            [event["sessionId"] for event in events],
            [event["eventType"] for event in events],
            [event["timestamp"] for event in events],
            [row.properties for row in ordered],
        )
        try:
            return self._connected().execute(_INSERT, columns).rowcount
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            raise UnstorableEvent(str(error)) from error
        except psycopg.Error as error:
            raise self._unavailable(error) from error

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._conninfo, autocommit=True)
        return self._connection

    def _unavailable(self, error: psycopg.Error) -> StoreUnavailable:
        """Give the connection up: after a failover the same name leads to another server."""
        self.close()
        return StoreUnavailable(str(error).strip() or type(error).__name__)
