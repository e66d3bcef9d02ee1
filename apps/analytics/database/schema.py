"""What of the database this source was written for, by the files of its migrations.

Every image that reaches the database contains these files, so that each of its connections can
say by its name how much of the schema it knows.
"""

from importlib.resources import files

import psycopg

EXPAND, CONTRACT = "expand", "contract"
REGISTRY = "migrations"
"""Table of the database in which migrations are recorded."""
USABLE = ("ready", "done")
"""States of a migration whose tables and columns may be relied on."""


class SchemaNotReady(Exception):  # noqa: N818  # named after what it means to the caller
    """The database lacks migrations that this source relies on; they may come at any moment."""


def numbers(phase: str) -> list[str]:
    """Return the numbers of this source's migrations of a phase, in order."""
    folder = files("database").joinpath("migrations", phase)
    return sorted(each.name[:4] for each in folder.iterdir() if each.name.endswith(".py"))


def head() -> str:
    """Return the number of the newest migration that this source knows."""
    return max(numbers(EXPAND) + numbers(CONTRACT))


def require(connection: psycopg.Connection) -> None:
    """Insist that every expanding migration of this source has run.

    Raises:
        SchemaNotReady: Some have not, or no migration has ever run.
        psycopg.Error: The database cannot be asked.
    """
    missing = numbers(EXPAND)
    exists = connection.execute("SELECT to_regclass(%s)", [REGISTRY]).fetchone()
    if exists and exists[0] is not None:
        rows = connection.execute(
            "SELECT number FROM migrations WHERE state = ANY(%s)", [list(USABLE)]
        )
        usable = {row[0] for row in rows}
        missing = [number for number in missing if number not in usable]
    if missing:
        raise SchemaNotReady(f"migrations have not run yet: {', '.join(missing)}")
