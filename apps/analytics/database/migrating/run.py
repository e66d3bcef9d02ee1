"""A run: expansions one after the other, or contracts, or the way back.

Before anything changes, the files are compared with what has run, what is about to run is judged,
and whoever would be hurt is looked for. Then, for each migration: the intent is recorded, Alembic
changes the schema and records it in the same transaction, old rows are filled in, the end is
recorded. A run that was killed anywhere is repeated: what is recorded as done is not done again.

An expansion that fails is undone, and with it those that the same run has made before it, the last
one first: the schema is then where it was. A contract goes forward only.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import psycopg
from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from database.migrating import lint
from database.migrating.backfill import BackfillRun
from database.migrating.catalog import Catalog
from database.migrating.gates import refuse_connected
from database.migrating.locks import Patience
from database.migrating.model import (
    Log,
    Migration,
    MigrationError,
    MigrationPaused,
    MigrationRefused,
)
from database.migrating.registry import APPLIED, BACKFILL, DONE, FAILED, READY, Registry
from database.migrating.session import Session
from database.migrating.settings import MigrationSettings
from database.schema import CONTRACT, EXPAND

NOTHING = "0000"
"""What `undo` is told to undo everything."""


class Run:
    """One run on one database.

    Args:
        session: The run's connection.
        catalog: The migrations.
        settings: Whom it migrates and how considerate it is.
        log: Where it tells what it does.
    """

    def __init__(
        self, session: Session, catalog: Catalog, settings: MigrationSettings, log: Log
    ) -> None:
        self._session = session
        self._catalog = catalog
        self._settings = settings
        self._log = log
        self._registry = Registry(session)

    def expand(self, to: str | None = None) -> list[str]:
        """Run the expansions that are pending; return their numbers.

        Args:
            to: The last one to run; all of this source by default.

        Raises:
            MigrationRefused: A check said no; nothing was changed.
            MigrationPaused: The replicas are behind; what was filled in stays.
            MigrationError: One failed; the schema is where it was before the run.
        """
        pending = self._prepare(EXPAND, to)
        for migration in pending:
            lint.check(self._catalog, migration)
        for migration in pending:
            try:
                self._expand(migration)
            except MigrationPaused:
                raise
            except (MigrationError, SQLAlchemyError, psycopg.Error) as error:
                self._fail(migration, error)
                raise _failure(migration, error, self._undo_run()) from error
        return [each.number for each in pending]

    def contract(self, to: str | None = None) -> list[str]:
        """Run the contracts that are pending; return their numbers.

        Raises:
            MigrationRefused: An expansion is missing, or releases are connected that still need
                what a contract takes away.
            MigrationError: One failed; it is to be run again.
        """
        pending = self._prepare(CONTRACT, to)
        for migration in pending:
            self._check_completes(migration)
            lint.check(self._catalog, migration)
            self._refuse_older(migration)
        for migration in pending:
            self._refuse_older(migration)
            self._begin(migration)
            try:
                self._upgrade(migration, DONE)
            except (MigrationError, SQLAlchemyError, psycopg.Error) as error:
                self._log.warning("failed", migration=migration.number, why=_reason(error))
                self._registry.fail(migration, _reason(error))
                raise _failure(migration, error, "run it again: a contract goes forward") from error
            self._log.info("contracted", migration=migration.number)
        return [each.number for each in pending]

    def undo(self, to: str) -> list[str]:
        """Undo the expansions after `to`, the last one first; return their numbers.

        Raises:
            MigrationRefused: A contract has completed one of them, or releases are connected that
                rely on it.
            MigrationError: One could not be undone.
        """
        if to != NOTHING and to not in self._catalog.migrations:
            known = ", ".join((NOTHING, *self._catalog.migrations))
            raise MigrationRefused(f"there is no migration {to}; there are: {known}")
        rows = self._start()
        undone = [number for number in sorted(rows, reverse=True) if number > to]
        for number in undone:
            if number not in self._catalog.migrations:
                raise MigrationRefused(f"{number} is of a newer release, which has to undo it")
            if rows[number]["phase"] == CONTRACT or self._contracted(number, rows):
                raise MigrationRefused(
                    f"{number} {rows[number]['name']} cannot be undone: what its contract took "
                    "away is gone"
                )
        refuse_connected(
            self._settings,
            lambda head: any(number <= head for number in undone),
            "rely on it",
        )
        for number in undone:
            try:
                self._revert(rows[number])
            except (SQLAlchemyError, psycopg.Error) as error:
                migration = self._catalog.migrations[number]
                raise _failure(migration, error, "it stays") from error
        return undone

    def _start(self) -> dict[str, dict[str, Any]]:
        """Become the run at work; return what has run, after comparing it with the files."""
        self._session.take_lock()
        self._registry.prepare()
        rows = self._registry.rows()
        newest = max(self._catalog.migrations)
        for number, row in rows.items():
            known = self._catalog.migrations.get(number)
            if known is None and number < newest:
                raise MigrationRefused(
                    f"{number} {row['name']} has run and is not among the files: two branches may "
                    "have added a migration each"
                )
            if known and row["state"] in APPLIED and row["checksum"] != known.checksum:
                raise MigrationRefused(
                    f"{number} {row['name']} was changed after it ran; "
                    "put the file back and add another migration"
                )
        return rows

    def _prepare(self, phase: str, to: str | None) -> list[Migration]:
        if to is not None and to not in {each.number for each in self._catalog.line(phase)}:
            known = ", ".join(each.number for each in self._catalog.line(phase)) or "none"
            raise MigrationRefused(f"there is no {phase} migration {to}; there are: {known}")
        rows = self._start()
        return [
            each
            for each in self._catalog.line(phase)
            if (to is None or each.number <= to) and not _finished(rows.get(each.number))
        ]

    def _check_completes(self, contract: Migration) -> None:
        rows = self._registry.rows()
        missing = [n for n in contract.completes if not _finished(rows.get(n))]
        if missing:
            raise MigrationRefused(
                f"{contract.number} completes {', '.join(missing)}, which has not run to its end"
            )

    def _refuse_older(self, contract: Migration) -> None:
        refuse_connected(
            self._settings,
            lambda head: head < contract.number,
            f"do not know {contract.number} yet",
        )

    def _begin(self, migration: Migration) -> None:
        settings = self._settings
        self._registry.begin(migration, run=settings.run, actor=settings.actor)
        self._log.info("begins", migration=migration.number, title=migration.title)

    def _expand(self, migration: Migration) -> None:
        row = self._registry.rows().get(migration.number)
        end = READY if self._catalog.contract_of(migration.number) else DONE
        if row is None or row["state"] not in APPLIED:
            self._begin(migration)
            self._upgrade(migration, BACKFILL if migration.backfill else end)
        if migration.backfill is not None:
            self._backfill().run(migration)
            self._registry.settle(migration.number, end)
        self._log.info("expanded", migration=migration.number)

    def _upgrade(self, migration: Migration, state: str) -> None:
        def applied(connection: Connection) -> None:
            self._registry.applied(connection, migration, state)

        self._alembic(migration, applied, lambda config: command.upgrade(config, migration.number))

    def _downgrade(self, migration: Migration, record: Callable[[Connection], None]) -> None:
        before = self._catalog.before(migration.number)
        target = f"{migration.phase}@base" if before == "base" else before
        self._alembic(migration, record, lambda config: command.downgrade(config, target))

    def _revert(self, row: Mapping[str, Any]) -> None:
        """Undo an expansion and forget that it ran."""
        migration = self._catalog.migrations[row["number"]]
        if row["state"] in APPLIED:
            forget = partial(self._registry.forget, number=migration.number)
            self._downgrade(migration, forget)
        else:
            self._sweep(migration)
            self._registry.drop(migration.number)
        self._log.info("undone", migration=migration.number)

    def _sweep(self, migration: Migration) -> None:
        """Take the way back of an expansion that has not come to its end.

        PostgreSQL has undone what ran in its transaction; what ran outside of one may be there.
        """
        if "CONCURRENTLY" not in lint.on_paper(self._catalog, migration):
            return
        with self._session.migrating() as connection:
            context = MigrationContext.configure(connection)
            with context.begin_transaction(), Operations.context(context):
                self._catalog.way_back(migration.number)()

    def _alembic(
        self,
        migration: Migration,
        record: Callable[[Connection], None],
        order: Callable[[Any], None],
    ) -> None:
        """Let Alembic do something on a connection, and record it in the same transaction."""
        patience = self._patience()

        def attempt() -> None:
            with self._session.migrating() as connection:
                config = self._catalog.config()
                config.attributes["connection"] = connection
                config.attributes["on_version_apply"] = lambda ctx, **_: record(ctx.connection)
                backend = connection.connection.driver_connection
                with patience.watched(backend.info.backend_pid):  # pyright: ignore[reportOptionalMemberAccess]
                    order(config)

        patience.run(f"{migration.number} {migration.name}", attempt)

    def _fail(self, migration: Migration, error: Exception) -> None:
        """Undo the expansion that has failed, and record why."""
        reason = _reason(error)
        self._log.warning("failed", migration=migration.number, why=reason)
        row = self._registry.rows()[migration.number]
        if row["state"] in APPLIED:
            self._downgrade(migration, partial(self._registry.undone, number=migration.number))
        self._registry.fail(migration, reason)
        if row["state"] not in APPLIED:
            self._sweep(migration)

    def _undo_run(self) -> str:
        """Undo what this run, or the one that it resumes, has expanded; tell how that ended."""
        rows = self._registry.rows()
        for number in sorted(rows, reverse=True):
            row = rows[number]
            mine = row["run"] == self._settings.run and row["phase"] == EXPAND
            if not mine or row["state"] == FAILED:
                continue
            try:
                self._revert(row)
            except (SQLAlchemyError, psycopg.Error) as error:
                return f"{number} {row['name']} stays: {_reason(error)}"
        return "the schema is where it was"

    def _contracted(self, number: str, rows: Mapping[str, Mapping[str, Any]]) -> bool:
        contract = self._catalog.contract_of(number)
        return contract is not None and contract.number in rows

    def _backfill(self) -> BackfillRun:
        return BackfillRun(
            self._session, self._registry, self._patience(), self._settings, self._log
        )

    def _patience(self) -> Patience:
        return Patience(self._session, seconds=self._settings.lock_seconds, log=self._log)


def _finished(row: Mapping[str, Any] | None) -> bool:
    return row is not None and row["state"] in (READY, DONE)


def _reason(error: Exception) -> str:
    """Return what the database said, without the statement and its parameters."""
    return str(getattr(error, "orig", error)).strip().splitlines()[0]


def _failure(migration: Migration, error: Exception, then: str) -> Exception:
    """Return how the run ends."""
    if isinstance(error, MigrationError):
        return error
    return MigrationError(f"{migration.number} {migration.name}: {_reason(error)}; {then}")
