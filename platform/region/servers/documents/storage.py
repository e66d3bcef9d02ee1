"""Documents and indexes on disk: one row each, written before a command is answered."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import bson

_TABLES = """
CREATE TABLE IF NOT EXISTS documents (
    database TEXT, collection TEXT, id BLOB, body BLOB,
    PRIMARY KEY (database, collection, id)
);
CREATE TABLE IF NOT EXISTS collections (
    database TEXT, collection TEXT, indexes BLOB, PRIMARY KEY (database, collection)
);
"""


class Storage:
    """The file of one cluster."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL survives the end of the process, FULL also that of the machine.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def documents(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield every document with its database and collection."""
        rows = self._connection.execute("SELECT database, collection, body FROM documents")
        for database, collection, body in rows:
            yield database, collection, bson.decode(body)

    def collections(self) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
        """Yield every collection with its indexes, as `createIndexes` takes them."""
        rows = self._connection.execute("SELECT database, collection, indexes FROM collections")
        for database, collection, indexes in rows:
            yield database, collection, bson.decode(indexes)["indexes"]

    def put(
        self,
        database: str,
        collection: str,
        documents: Iterable[Mapping[str, Any]],
        gone: Iterable[Any] = (),
    ) -> None:
        """Write documents, and remove those whose ids are given, all or nothing."""
        place = (database, collection)
        with self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany(
                "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)",
                [(*place, _key(each["_id"]), bson.encode(each)) for each in documents],
            )
            self._connection.executemany(
                "DELETE FROM documents WHERE database = ? AND collection = ? AND id = ?",
                [(*place, _key(each)) for each in gone],
            )

    def put_indexes(self, database: str, collection: str, indexes: list[dict[str, Any]]) -> None:
        """Write that a collection exists, and its indexes."""
        body = bson.encode({"indexes": indexes})
        self._connection.execute(
            "INSERT OR REPLACE INTO collections VALUES (?, ?, ?)", (database, collection, body)
        )

    def drop(self, database: str, collection: str | None = None) -> None:
        """Remove a collection, or a whole database."""
        for table in ("documents", "collections"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE database = ? AND collection = coalesce(?, collection)",  # noqa: S608  # one of two names
                (database, collection),
            )


def _key(value: Any) -> bytes:
    return bson.encode({"_id": value})
