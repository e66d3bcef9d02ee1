"""`python -m database status|check|up|down`: migrate the database; see `--help`.

Everything is told as JSON lines; the last one, `result`, says how it ended and is what programs
read. The exit status is 0, or 1 failed (an expansion is undone), 2 wrong settings, 3 refused before
anything changed, 4 a lock was not to be had, 5 paused because replicas are behind.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import structlog
from telemetry.logs import configure_logs
from telemetry.settings import Environment, SettingsError

from database.migrating import lint
from database.migrating.catalog import Catalog
from database.migrating.model import MigrationError
from database.migrating.report import report
from database.migrating.run import Run
from database.migrating.session import Session
from database.migrating.settings import SERVICE, MigrationSettings

RESULT = "result"
UNAVAILABLE = 6
"""Exit status when the database cannot be reached; the same call may work later."""
log = structlog.get_logger()


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit status."""
    asked = _parser().parse_args(arguments)
    if asked.command == "check":
        _logs()
        return _told(lambda: _check(Catalog()))
    try:
        settings = MigrationSettings.read(Environment(os.environ))
    except SettingsError as error:
        sys.stderr.write(f"the database cannot be migrated: {error}\n")
        return 2
    _logs()
    return _told(lambda: _do(asked, settings))


def _logs() -> None:
    # Programs wait for the result, so there is no level that hides it.
    configure_logs(f"{SERVICE}-migrations", "info")
    # What it tells, we tell with what belongs to it.
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _do(asked: argparse.Namespace, settings: MigrationSettings) -> dict[str, Any]:
    catalog = Catalog()
    with Session(settings) as session:
        run = Run(session, catalog, settings, log)
        done: list[str] = []
        if asked.command == "up":
            done = run.contract(asked.to) if asked.contract else run.expand(asked.to)
        elif asked.command == "down":
            done = run.undo(asked.to)
        return {"done": done, **report(session, catalog, settings)}


def _check(catalog: Catalog) -> dict[str, Any]:
    for migration in catalog.migrations.values():
        lint.check(catalog, migration)
    return {"checked": list(catalog.migrations)}


def _told(work: Callable[[], dict[str, Any]]) -> int:
    """Do something and tell how it ended; return the exit status."""
    try:
        found = work()
    except MigrationError as error:
        log.warning(RESULT, outcome=error.outcome, why=str(error), **error.facts)
        return error.status
    except psycopg.OperationalError as error:
        log.warning(RESULT, outcome="unavailable", why=str(error).strip())
        return UNAVAILABLE
    log.info(RESULT, outcome="ok", **found)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m database", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("status", help="tell the state of every migration")
    commands.add_parser("check", help="judge the files, without a database")
    up = commands.add_parser("up", help="run what is pending")
    up.add_argument("--contract", action="store_true", help="contracts, not expansions")
    up.add_argument("--to", metavar="NUMBER", help="the last one to run")
    down = commands.add_parser("down", help="undo expansions")
    down.add_argument("--to", metavar="NUMBER", required=True, help="the last one that stays")
    return parser


if __name__ == "__main__":
    sys.exit(main())
