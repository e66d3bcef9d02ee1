"""The read replica: a pool of connections that comes back by itself after an outage."""

from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg
import structlog
from prometheus_client import Histogram
from psycopg.rows import TupleRow, tuple_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests
from telemetry.errors import ServiceUnavailable

from api.settings import Settings

log = structlog.get_logger()

QUERY_SECONDS = Histogram(
    "database_query_seconds",
    "Time of a query, the wait for a connection included.",
    ["query"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

STATEMENT_SECONDS = 10
WAIT_SECONDS = 3.0
RETRY_AFTER_SECONDS = 2
RECONNECT_SECONDS = 2.0


class Database:
    """Runs queries; use it as an asynchronous context manager."""

    def __init__(self, settings: Settings) -> None:
        conninfo = settings.database.conninfo("analytics-api", statement_seconds=STATEMENT_SECONDS)
        self.trouble = ""
        self._pool: AsyncConnectionPool[psycopg.AsyncConnection[TupleRow]] = AsyncConnectionPool(
            conninfo,
            kwargs={"autocommit": True, "row_factory": tuple_row},
            min_size=1,
            max_size=settings.connections,
            timeout=WAIT_SECONDS,
            max_waiting=1000,
            # A longer series of attempts would also have longer pauses between them.
            reconnect_timeout=RECONNECT_SECONDS,
            check=AsyncConnectionPool.check_connection,
            open=False,
            name="replica",
        )

    async def __aenter__(self) -> "Database":
        # Without waiting: a database that is away must not keep the service from starting.
        await self._pool.open(wait=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.close()

    async def fetch(
        self, name: str, query: LiteralString, parameters: Mapping[str, Any]
    ) -> list[TupleRow]:
        """Run a query and return its rows.

        Args:
            name: Name of the query in the metrics.
            query: The statement, with named parameters.
            parameters: Their values.

        Raises:
            ServiceUnavailable: The database is away, or has no tables yet.
        """
        try:
            with QUERY_SECONDS.labels(name).time():
                async with self._pool.connection() as connection:
                    cursor = await connection.execute(query, parameters)
                    rows = await cursor.fetchall()
        except psycopg.errors.QueryCanceled as error:
            raise ServiceUnavailable(
                "query_too_slow",
                f"the database took longer than {STATEMENT_SECONDS} s; ask for a shorter period",
                retry_after=RETRY_AFTER_SECONDS,
            ) from error
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable, TooManyRequests) as error:
            self._note(str(error).strip() or type(error).__name__)
            raise ServiceUnavailable(
                "database_unavailable",
                "the database cannot be used just now",
                retry_after=RETRY_AFTER_SECONDS,
            ) from error
        self._note("")
        return rows

    async def probe(self) -> None:
        """Note whether the database answers."""
        try:
            async with self._pool.connection():
                self._note("")
        except (psycopg.OperationalError, PoolTimeout) as error:
            self._note(str(error).strip() or type(error).__name__)

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            log.warning("database is away", error=trouble)
        elif self.trouble and not trouble:
            log.info("database is there")
        self.trouble = trouble
