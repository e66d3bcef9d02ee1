"""What is known of a database's migrations, as one document."""

from collections.abc import Mapping
from typing import Any

from database.migrating.catalog import Catalog
from database.migrating.gates import connections
from database.migrating.registry import APPLIED, PENDING, Registry
from database.migrating.session import Session
from database.migrating.settings import MigrationSettings
from database.schema import head

VERSION = 1
_REPLICAS = """
    SELECT application_name AS name, client_addr::text AS address, state,
           coalesce(extract(epoch FROM replay_lag) * 1000, 0)::bigint AS "lagMilliseconds"
    FROM pg_stat_replication ORDER BY 1, 2
"""


def report(session: Session, catalog: Catalog, settings: MigrationSettings) -> dict[str, Any]:
    """Return the state of every migration, of the files or of the database, and who is connected.

    Args:
        session: A connection to the database.
        catalog: The migrations of this source.
        settings: Which servers are asked who is connected.
    """
    rows = Registry(session).rows()
    numbers = sorted({*catalog.migrations, *rows})
    return {
        "version": VERSION,
        "head": head(),
        "migrations": [_migration(catalog, number, rows.get(number)) for number in numbers],
        "running": session.holders(),
        "connections": connections(settings),
        "replicas": session.rows(_REPLICAS),
    }


def _migration(catalog: Catalog, number: str, row: Mapping[str, Any] | None) -> dict[str, Any]:
    known = catalog.migrations.get(number)
    said = row or {}
    return {
        "number": number,
        "name": known.name if known else said["name"],
        "title": known.title if known else "",
        "phase": known.phase if known else said["phase"],
        "completes": list(known.completes) if known else [],
        "state": said.get("state", PENDING),
        "checksum": _checksum(known.checksum if known else None, row),
        "run": said.get("run"),
        "actor": said.get("actor"),
        "started": _moment(said.get("started_at")),
        "finished": _moment(said.get("finished_at")),
        "cursor": said.get("cursor"),
        "rows": said.get("rows", 0),
        "error": said.get("error"),
    }


def _checksum(known: str | None, row: Mapping[str, Any] | None) -> str:
    """Return what a comparison of the file with what ran says."""
    if known is None:
        return "newer"
    if row is None or row["state"] not in APPLIED:
        return "ok"
    return "ok" if row["checksum"] == known else "changed"


def _moment(value: Any) -> str | None:
    return value.isoformat() if value is not None else None
