"""What the region's own services remember: JSON records in one SQLite file, written through.

Reads come from memory; each write is one transaction in write-ahead mode, so a killed supervisor
loses nothing that a caller was told is written.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any

from platformctl.errors import StateError

VERSION = 1
"""Layout of the file, kept in SQLite's `user_version`."""

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS records (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    service TEXT NOT NULL,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (service, region, kind, key)
);
PRAGMA user_version = {VERSION};
"""
_UPSERT = """
INSERT INTO records (service, region, kind, key, value) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (service, region, kind, key) DO UPDATE SET value = excluded.value
"""
_DELETE = "DELETE FROM records WHERE service = ? AND region = ? AND kind = ? AND key = ?"


class StoredTable:
    """Records of one kind in one region; see `platformctl.region.runtime.Table`."""

    def __init__(self, connection: sqlite3.Connection, service: str, region: str, kind: str):
        self._connection = connection
        self._identity = (service, region, kind)
        self._records: dict[str, dict[str, Any]] = {}

    def load(self, key: str, record: dict[str, Any]) -> None:
        """Take over a record that is already in the file."""
        self._records[key] = record

    def __getitem__(self, key: str) -> dict[str, Any]:
        return self._records[key]

    def __setitem__(self, key: str, record: dict[str, Any]) -> None:
        value = json.dumps(record, separators=(",", ":"))
        self._connection.execute(_UPSERT, (*self._identity, key, value))
        self._records[key] = record

    def __delitem__(self, key: str) -> None:
        if key not in self._records:
            raise KeyError(key)
        self._connection.execute(_DELETE, (*self._identity, key))
        del self._records[key]

    def __contains__(self, key: object) -> bool:
        return key in self._records

    def __len__(self) -> int:
        return len(self._records)

    def get(self, key: str) -> dict[str, Any] | None:
        """Return the record, or None where there is none."""
        return self._records.get(key)

    def keys(self) -> list[str]:
        """Return all keys, oldest first."""
        return list(self._records)

    def values(self) -> list[dict[str, Any]]:
        """Return all records, oldest first."""
        return list(self._records.values())


class RecordStore:
    """Opens the file and hands out its tables; see `platformctl.region.runtime.Store`.

    Raises:
        StateError: The file is damaged or was written by a newer version.
    """

    def __init__(self, path: Path) -> None:
        self._tables: dict[tuple[str, str, str], StoredTable] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        # Autocommit: every statement is a transaction of its own.
        self._connection = sqlite3.connect(path, isolation_level=None)
        try:
            path.chmod(0o600)
            self._open(path)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise StateError(
                f"cannot read the region's records in {path}",
                why=str(error),
                remedy="platformctl region reset",
            ) from error
        except BaseException:
            self._connection.close()
            raise

    def _open(self, path: Path) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise StateError(
                f"cannot read the region's records in {path}",
                why=f"they were written by a newer platformctl (layout {version}, not {VERSION})",
                remedy="upgrade platformctl, or platformctl region reset",
            )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)
        rows = self._connection.execute(
            "SELECT service, region, kind, key, value FROM records ORDER BY position"
        )
        for service, region, kind, key, value in rows:
            self.table(service, region, kind).load(key, json.loads(value))

    def table(self, service: str, region: str, kind: str) -> StoredTable:
        """Return the table of one kind of record, empty if it was never written."""
        identity = (service, region, kind)
        if identity not in self._tables:
            self._tables[identity] = StoredTable(self._connection, *identity)
        return self._tables[identity]

    def regions(self, service: str) -> list[str]:
        """Name the regions in which a service has records."""
        return sorted(
            {
                region
                for (name, region, _), table in self._tables.items()
                if name == service and len(table)
            }
        )

    def close(self) -> None:
        """Write the log back into the file and close it."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()
