"""The commands: each is a function of the engine, the database's name and the command."""

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import bson
import mongomock
from bson.errors import BSONError
from pymongo import ReturnDocument
from pymongo.errors import PyMongoError

from platformctl.region.servers.documents.messages import LONGEST
from platformctl.region.servers.documents.storage import Storage

VERSION = "5.0.0"
"""The version that Amazon DocumentDB says it is."""
FIRST_BATCH = 101
BAD_VALUE, NOT_FOUND, CURSOR_NOT_FOUND, UNKNOWN_COMMAND, UNSUPPORTED = 2, 26, 43, 59, 303
DUPLICATE_KEY = 11000
_INDEX_OPTIONS = ("unique", "sparse", "expireAfterSeconds", "partialFilterExpression")

Command = dict[str, Any]
Answer = dict[str, Any]
Collection = Any
"""mongomock's collection; what it annotates is narrower than what it takes and returns."""


class CommandError(Exception):
    """A command that fails.

    Attributes:
        code: MongoDB's number of the error.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Commands:
    """mongomock's databases with what they lack: cursors, write errors by number, a file."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._client: Any = mongomock.MongoClient()
        self._cursors: dict[int, tuple[str, list[dict[str, Any]]]] = {}
        self._numbers = itertools.count(1)
        self._indexes: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for database, name, document in storage.documents():
            self._client[database][name].insert_one(document)
        for database, name, indexes in storage.collections():
            self._ensure(database, name)
            for index in indexes:
                self._index(self._client[database][name], index)
            self._indexes[database, name] = indexes

    def run(self, command: Command) -> Answer:
        """Do a command.

        Raises:
            CommandError: It cannot be done.
        """
        name = next(iter(command))
        work = COMMANDS.get(name)
        if work is None:
            raise CommandError(UNKNOWN_COMMAND, f"no such command: '{name}'")
        try:
            return {**work(self, command["$db"], command), "ok": 1.0}
        except NotImplementedError as error:
            raise CommandError(UNSUPPORTED, f"Feature not supported: {error}") from error
        except PyMongoError as error:
            code = getattr(error, "code", None) or BAD_VALUE
            raise CommandError(code, str(error)) from error
        except (TypeError, ValueError, KeyError, BSONError) as error:
            raise CommandError(BAD_VALUE, f"{type(error).__name__}: {error}") from error

    def _collection(self, database: str, command: Command) -> Collection:
        return self._client[database][next(iter(command.values()))]

    def _ensure(self, database: str, name: str) -> None:
        if name not in self._client[database].list_collection_names():
            self._client[database].create_collection(name)

    # Writing.

    def insert(self, database: str, command: Command) -> Answer:
        """Insert documents; stop at the first that cannot be, unless they are unordered."""
        collection = self._collection(database, command)
        written, errors = [], []
        for index, document in enumerate(command["documents"]):
            try:
                collection.insert_one(document)
            except PyMongoError as error:
                errors.append(_write_error(index, error))
                if command.get("ordered", True):
                    break
            else:
                written.append(document)
        self._storage.put(database, collection.name, written)
        return {"n": len(written), **({"writeErrors": errors} if errors else {})}

    def update(self, database: str, command: Command) -> Answer:
        """Update or replace documents."""
        collection = self._collection(database, command)
        answer: Answer = {"n": 0, "nModified": 0}
        upserted, errors = [], []
        for index, change in enumerate(command["updates"]):
            if isinstance(change["u"], list):
                raise CommandError(UNSUPPORTED, "Feature not supported: updates by pipeline")
            try:
                result = self._change(database, collection, change)
            except PyMongoError as error:
                errors.append(_write_error(index, error))
                if command.get("ordered", True):
                    break
                continue
            answer["nModified"] += result.modified_count
            if result.upserted_id is not None:
                upserted.append({"index": index, "_id": result.upserted_id})
            answer["n"] += result.matched_count if result.upserted_id is None else 1
        if upserted:
            answer["upserted"] = upserted
        return answer | ({"writeErrors": errors} if errors else {})

    def _change(self, database: str, collection: Collection, change: Command) -> Any:
        query, update = change["q"], change["u"]
        many, upsert = bool(change.get("multi")), bool(change.get("upsert"))
        if not many:
            query = self._first_of(collection, query)
        touched = [each["_id"] for each in collection.find(query, {"_id": 1})]
        if not next(iter(update), "").startswith("$"):
            result = collection.replace_one(query, update, upsert=upsert)
        else:
            filters = change.get("arrayFilters")
            more = {} if filters is None else {"array_filters": filters}
            apply = collection.update_many if many else collection.update_one
            result = apply(query, update, upsert=upsert, **more)
        if result.upserted_id is not None:
            touched.append(result.upserted_id)
        self._save(database, collection, touched)
        return result

    def _first_of(self, collection: Collection, query: Mapping[str, Any]) -> Any:
        """Return a query for the one document that is meant, the query itself if there is none."""
        found = collection.find_one(query, {"_id": 1})
        return query if found is None else {**query, "_id": found["_id"]}

    def _save(self, database: str, collection: Collection, touched: Iterable[Any]) -> None:
        """Write what is left of documents."""
        ids = list(touched)
        left = list(collection.find({"_id": {"$in": ids}}))
        kept = [each["_id"] for each in left]
        gone = [each for each in ids if each not in kept]
        self._storage.put(database, collection.name, left, gone)

    def delete(self, database: str, command: Command) -> Answer:
        """Delete documents."""
        collection = self._collection(database, command)
        count = 0
        for change in command["deletes"]:
            found = collection.find(change["q"], {"_id": 1}).limit(change["limit"])
            ids = [each["_id"] for each in found]
            count += collection.delete_many({"_id": {"$in": ids}}).deleted_count
            self._save(database, collection, ids)
        return {"n": count}

    def find_and_modify(self, database: str, command: Command) -> Answer:
        """Change or remove one document and return it."""
        collection = self._collection(database, command)
        query, sort = command.get("query") or {}, _order(command.get("sort"))
        found = collection.find_one(query, sort=sort) if sort else collection.find_one(query)
        if command.get("remove"):
            if found is not None:
                collection.delete_one({"_id": found["_id"]})
                self._save(database, collection, [found["_id"]])
            shown = _projected(collection, found, command)
            return {"value": shown, "lastErrorObject": {"n": int(found is not None)}}
        if found is None and not command.get("upsert"):
            none = {"n": 0, "updatedExisting": False}
            return {"value": None, "lastErrorObject": none}
        update = command["update"]
        one = query if found is None else {"_id": found["_id"]}
        replaces = not next(iter(update), "").startswith("$")
        apply = collection.find_one_and_replace if replaces else collection.find_one_and_update
        after = apply(one, update, upsert=True, return_document=ReturnDocument.AFTER)
        self._save(database, collection, [after["_id"]])
        last: Answer = {"n": 1, "updatedExisting": found is not None}
        if found is None:
            last["upserted"] = after["_id"]
        wanted = after if command.get("new") else found
        return {"value": _projected(collection, wanted, command), "lastErrorObject": last}

    # Reading.

    def find(self, database: str, command: Command) -> Answer:
        """Find documents."""
        collection = self._collection(database, command)
        cursor = collection.find(command.get("filter") or {}, command.get("projection") or None)
        if command.get("sort"):
            cursor = cursor.sort(_order(command["sort"]))
        if command.get("skip"):
            cursor = cursor.skip(command["skip"])
        if command.get("limit"):
            cursor = cursor.limit(abs(command["limit"]))
        return self._answer(f"{database}.{collection.name}", list(cursor), command)

    def aggregate(self, database: str, command: Command) -> Answer:
        """Run a pipeline over a collection."""
        if not isinstance(command["aggregate"], str):
            raise CommandError(UNSUPPORTED, "Feature not supported: aggregation of a database")
        collection = self._collection(database, command)
        stages = command["pipeline"]
        if any(stage.keys() & {"$out", "$merge"} for stage in stages):
            raise CommandError(UNSUPPORTED, "Feature not supported: $out and $merge")
        found = list(collection.aggregate(stages))
        wanted = {"batchSize": (command.get("cursor") or {}).get("batchSize")}
        return self._answer(f"{database}.{collection.name}", found, wanted)

    def _answer(self, namespace: str, found: list[dict[str, Any]], command: Command) -> Answer:
        """Return the first batch, and keep the rest for `getMore`."""
        size = command.get("batchSize")
        size = FIRST_BATCH if size is None else size
        number = 0
        if len(found) > size and not command.get("singleBatch"):
            number = next(self._numbers)
            self._cursors[number] = (namespace, found[size:])
        cursor = {"firstBatch": found[:size], "id": bson.Int64(number), "ns": namespace}
        return {"cursor": cursor}

    def get_more(self, _database: str, command: Command) -> Answer:
        """Return the next batch of a cursor."""
        number = command["getMore"]
        if number not in self._cursors:
            raise CommandError(CURSOR_NOT_FOUND, f"cursor id {number} not found")
        namespace, rest = self._cursors.pop(number)
        size = command.get("batchSize") or len(rest)
        left = rest[size:]
        if left:
            self._cursors[number] = (namespace, left)
        following = bson.Int64(number if left else 0)
        return {"cursor": {"nextBatch": rest[:size], "id": following, "ns": namespace}}

    def kill_cursors(self, _database: str, command: Command) -> Answer:
        """Forget cursors."""
        killed = [each for each in command["cursors"] if self._cursors.pop(each, None)]
        unknown = [each for each in command["cursors"] if each not in killed]
        alive: list[Any] = []
        return {
            "cursorsKilled": killed,
            "cursorsNotFound": unknown,
            "cursorsAlive": alive,
            "cursorsUnknown": alive,
        }

    def count(self, database: str, command: Command) -> Answer:
        """Count documents."""
        collection = self._collection(database, command)
        more = {key: command[key] for key in ("skip", "limit") if command.get(key)}
        return {"n": collection.count_documents(command.get("query") or {}, **more)}

    def distinct(self, database: str, command: Command) -> Answer:
        """Return the different values of a field."""
        collection = self._collection(database, command)
        return {"values": collection.distinct(command["key"], command.get("query") or {})}

    # Collections and indexes.

    def create(self, database: str, command: Command) -> Answer:
        """Create a collection."""
        name = command["create"]
        self._client[database].create_collection(name)
        self._storage.put_indexes(database, name, [])
        self._indexes[database, name] = []
        return {}

    def drop(self, database: str, command: Command) -> Answer:
        """Drop a collection."""
        name = command["drop"]
        if name not in self._client[database].list_collection_names():
            raise CommandError(NOT_FOUND, "ns not found")
        self._client[database].drop_collection(name)
        self._storage.drop(database, name)
        self._indexes.pop((database, name), None)
        return {"ns": f"{database}.{name}"}

    def drop_database(self, database: str, _command: Command) -> Answer:
        """Drop a database."""
        self._client.drop_database(database)
        self._storage.drop(database)
        self._indexes = {key: rows for key, rows in self._indexes.items() if key[0] != database}
        return {"dropped": database}

    def list_collections(self, database: str, command: Command) -> Answer:
        """List the collections of a database."""
        names = sorted(self._client[database].list_collection_names())
        wanted = (command.get("filter") or {}).get("name")
        found = [
            {"name": name, "type": "collection", "options": {}, "info": {"readOnly": False}}
            for name in names
            if wanted in (None, name)
        ]
        return self._answer(f"{database}.$cmd.listCollections", found, {"batchSize": len(found)})

    def list_databases(self, _database: str, _command: Command) -> Answer:
        """List the databases."""
        names = sorted(self._client.list_database_names())
        found = [{"name": name, "sizeOnDisk": 0, "empty": False} for name in names]
        return {"databases": found, "totalSize": 0}

    def create_indexes(self, database: str, command: Command) -> Answer:
        """Create indexes; unique ones are enforced, expiry is."""
        collection = self._collection(database, command)
        rows = self._indexes.setdefault((database, collection.name), [])
        before = len(rows) + 1
        for index in command["indexes"]:
            if any(row["name"] == index["name"] for row in rows):
                continue
            self._index(collection, index)
            rows.append(index)
        self._storage.put_indexes(database, collection.name, rows)
        return {"numIndexesBefore": before, "numIndexesAfter": len(rows) + 1}

    def _index(self, collection: Collection, index: Mapping[str, Any]) -> None:
        options = {key: index[key] for key in _INDEX_OPTIONS if key in index}
        collection.create_index(list(index["key"].items()), name=index["name"], **options)

    def list_indexes(self, database: str, command: Command) -> Answer:
        """List the indexes of a collection."""
        name = command["listIndexes"]
        if name not in self._client[database].list_collection_names():
            raise CommandError(NOT_FOUND, f"ns does not exist: {database}.{name}")
        rows = [
            {"v": 2, **row}
            for row in (
                {"key": {"_id": 1}, "name": "_id_"},
                *self._indexes.get((database, name), ()),
            )
        ]
        return self._answer(f"{database}.{name}", rows, {"batchSize": len(rows)})

    def drop_indexes(self, database: str, command: Command) -> Answer:
        """Drop indexes by name, or all with `*`."""
        collection = self._collection(database, command)
        wanted = command["index"]
        rows = self._indexes.get((database, collection.name), [])
        names = [row["name"] for row in rows] if wanted == "*" else [wanted]
        for name in names:
            if all(row["name"] != name for row in rows):
                raise CommandError(27, f"index not found with name [{name}]")
            collection.drop_index(name)
        kept = [row for row in rows if row["name"] not in names]
        self._indexes[database, collection.name] = kept
        self._storage.put_indexes(database, collection.name, kept)
        return {"nIndexesWas": len(rows) + 1}

    # What a driver wants to know.

    def hello(self, _database: str, _command: Command) -> Answer:
        """Say what this server is and can."""
        return {
            "helloOk": True,
            "ismaster": True,
            "isWritablePrimary": True,
            "maxBsonObjectSize": 16 * 1024 * 1024,
            "maxMessageSizeBytes": LONGEST,
            "maxWriteBatchSize": 100_000,
            "localTime": dt.datetime.now(dt.UTC),
            "minWireVersion": 0,
            "maxWireVersion": 13,
            "readOnly": False,
            "saslSupportedMechs": ["SCRAM-SHA-256"],
        }

    def build_info(self, _database: str, _command: Command) -> Answer:
        """Say which version this is."""
        return {"version": VERSION, "versionArray": [5, 0, 0, 0], "modules": []}

    def nothing(self, _database: str, _command: Command) -> Answer:
        """Do nothing: sessions hold nothing here, and a ping only wants an answer."""
        return {}


def _order(sort: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    return list((sort or {}).items())


def _projected(collection: Collection, document: Any, command: Command) -> Any:
    """Return a document with the fields that were asked for."""
    fields = command.get("fields")
    if document is None or not fields:
        return document
    scratch = mongomock.MongoClient()["scratch"][collection.name]
    scratch.insert_one(document)
    return scratch.find_one({}, fields)


def _write_error(index: int, error: PyMongoError) -> Answer:
    code = getattr(error, "code", None) or BAD_VALUE
    found: Answer = {"index": index, "code": code, "errmsg": str(error)}
    details = getattr(error, "details", None) or {}
    return found | {key: details[key] for key in ("keyPattern", "keyValue") if key in details}


COMMANDS: Mapping[str, Callable[[Commands, str, Command], Answer]] = {
    "aggregate": Commands.aggregate,
    "buildInfo": Commands.build_info,
    "buildinfo": Commands.build_info,
    "count": Commands.count,
    "create": Commands.create,
    "createIndexes": Commands.create_indexes,
    "delete": Commands.delete,
    "distinct": Commands.distinct,
    "drop": Commands.drop,
    "dropDatabase": Commands.drop_database,
    "dropIndexes": Commands.drop_indexes,
    "endSessions": Commands.nothing,
    "find": Commands.find,
    "findAndModify": Commands.find_and_modify,
    "getMore": Commands.get_more,
    "hello": Commands.hello,
    "insert": Commands.insert,
    "isMaster": Commands.hello,
    "ismaster": Commands.hello,
    "killCursors": Commands.kill_cursors,
    "listCollections": Commands.list_collections,
    "listDatabases": Commands.list_databases,
    "listIndexes": Commands.list_indexes,
    "ping": Commands.nothing,
    "update": Commands.update,
}
"""Name of a command → what does it."""
