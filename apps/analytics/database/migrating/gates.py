"""Who would be hurt: connections of releases that do not know what a migration leaves behind."""

import re
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.rows import dict_row

from database.migrating.model import MigrationRefused
from database.migrating.session import NAME
from database.migrating.settings import MigrationSettings

_NAME = re.compile(r"(?P<service>.+)/(?P<head>\d{4})")
BEFORE_MIGRATIONS = "0000"
"""What a connection knows that does not say it: it is of a release of before."""
SECONDS = 10


_CONNECTED = """
    SELECT application_name AS name, count(*) AS connections, min(backend_start)::text AS since
    FROM pg_stat_activity
    WHERE datname = current_database() AND starts_with(application_name, %(prefix)s)
      AND NOT starts_with(application_name, %(own)s)
    GROUP BY application_name ORDER BY application_name
"""


def connections(settings: MigrationSettings) -> list[dict[str, Any]]:
    """Return who is connected, to the primary server or to readers.

    Each with its application, what it knows of the schema, how many connections it has, since when.

    Raises:
        psycopg.OperationalError: A server cannot be asked; not knowing is not nobody.
    """
    servers = [settings.database]
    if settings.reader.host != settings.database.host:
        servers.append(settings.reader)
    own = f"{settings.service}-{NAME}"
    found: list[dict[str, Any]] = []
    for server in servers:
        conninfo = server.conninfo(own, statement_seconds=SECONDS)
        with psycopg.Connection[dict[str, Any]].connect(
            conninfo, autocommit=True, row_factory=dict_row
        ) as connection:
            prefixes = {"prefix": f"{settings.service}-", "own": own}
            rows = connection.execute(_CONNECTED, prefixes).fetchall()
        found += [{**_known(row.pop("name")), **row, "server": server.host} for row in rows]
    return found


def refuse_connected(settings: MigrationSettings, harmed: Callable[[str], bool], why: str) -> None:
    """Insist that nobody is connected whom a migration would hurt.

    Args:
        settings: Which servers are asked.
        harmed: Tells it by the newest migration that a release knows.
        why: What they would run into.

    Raises:
        MigrationRefused: Somebody is; lists them.
    """
    found = [each for each in connections(settings) if harmed(each["head"])]
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
