"""Who would be hurt: connections of releases that do not know what a migration leaves behind."""

import re
from collections.abc import Callable
from typing import Any

from database.migrating.model import MigrationRefused
from database.migrating.session import NAME, Session

_NAME = re.compile(r"(?P<service>.+)/(?P<head>\d{4})")
BEFORE_MIGRATIONS = "0000"
"""What a connection knows that does not say it: it is of a release of before."""


def connections(session: Session, service: str) -> list[dict[str, Any]]:
    """Return who is connected: application, what it knows of the schema, how often, since when.

    Args:
        session: A connection to the same database.
        service: Prefix of what the product's releases call their connections.
    """
    rows = session.rows(
        """
        SELECT application_name AS name, count(*) AS connections, min(backend_start)::text AS since
        FROM pg_stat_activity
        WHERE datname = current_database() AND starts_with(application_name, %(prefix)s)
        GROUP BY application_name ORDER BY application_name
        """,
        prefix=f"{service}-",
    )
    return [
        {**_known(row.pop("name")), **row}
        for row in rows
        if not row["name"].startswith(f"{service}-{NAME}")
    ]


def refuse_connected(
    session: Session, service: str, harmed: Callable[[str], bool], why: str
) -> None:
    """Insist that nobody is connected whom a migration would hurt.

    Args:
        session: A connection to the database.
        service: Prefix of what the product's releases call their connections.
        harmed: Tells it by the newest migration that a release knows.
        why: What they would run into.

    Raises:
        MigrationRefused: Somebody is; lists them.
    """
    found = [each for each in connections(session, service) if harmed(each["head"])]
    if found:
        named = ", ".join(
            f"{each['application']} ({each['connections']} of head {each['head']})"
            for each in found
        )
        raise MigrationRefused(f"releases are connected that {why}: {named}", connections=found)


def _known(name: str) -> dict[str, str]:
    match = _NAME.fullmatch(name)
    if match is None:
        return {"application": name, "head": BEFORE_MIGRATIONS}
    return {"application": match["service"], "head": match["head"]}
