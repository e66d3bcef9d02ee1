"""The document server, judged by MongoDB's own driver."""

import asyncio
import datetime as dt
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bson
import pytest
from pymongo import ASCENDING, DESCENDING, MongoClient, ReturnDocument
from pymongo.errors import (
    BulkWriteError,
    CursorNotFound,
    DuplicateKeyError,
    OperationFailure,
)

from platformctl.region.servers.documents.program import Documents
from platformctl.region.servers.postgres.scram import verifier

PASSWORD = "correct-horse-1"


class Server:
    """The program in a thread of its own, on a free port, without TLS."""

    def __init__(self, file: Path) -> None:
        self.file = file
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.program = Documents(lambda _: None)
        listener = {"name": "it", "host": "127.0.0.1", "port": self.port, "certificate": ""}
        document = {
            "file": str(file),
            "users": {"owner": verifier(PASSWORD)},
            "listeners": [listener],
        }
        assert self.wait(self.program.apply(document)) == {}

    def wait(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def stop(self) -> None:
        self.wait(self.program.close())
        self.wait(self.leave())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def leave(self) -> None:
        """End the connections that are still open."""
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def client(self, password: str = PASSWORD, user: str = "owner") -> MongoClient[dict[str, Any]]:
        return MongoClient(
            host="127.0.0.1",
            port=self.port,
            username=user,
            password=password,
            directConnection=True,
            retryWrites=False,
            serverSelectionTimeoutMS=5000,
        )


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "documents")
    yield server
    server.stop()


@pytest.fixture(name="journal")
def _journal(server: Server) -> Iterator[Any]:
    with server.client() as client:
        yield client["aura"]["journal"]


def test_only_who_knows_the_password_gets_in(server):
    for password, user in (("wrong", "owner"), (PASSWORD, "nobody")):
        with (
            server.client(password, user) as client,
            pytest.raises(OperationFailure, match="Authentication failed"),
        ):
            client["aura"]["journal"].find_one()
    with (
        MongoClient(host="127.0.0.1", port=server.port, directConnection=True) as client,
        pytest.raises(OperationFailure, match="requires authentication"),
    ):
        client["aura"]["journal"].find_one()


def test_documents_come_back_as_they_were_put_in(journal):
    entry = {
        "_id": bson.ObjectId(),
        "text": "Grüße",
        "moods": ["calm", {"name": "glad", "score": 0.9}],
        "at": dt.datetime(2026, 5, 1, 12, 30),  # noqa: DTZ001  # MongoDB's times carry no zone
        "photo": b"\x00\xff",
        "words": 2**40,
    }
    journal.insert_one(entry)

    assert journal.find_one({"_id": entry["_id"]}) == entry


def test_documents_are_found_sorted_limited_and_projected(journal):
    journal.insert_many([{"_id": n, "score": n % 5, "text": f"t{n}"} for n in range(20)])

    found = journal.find({"score": {"$gte": 3}}, {"text": 1}).sort("_id", DESCENDING).limit(3)
    assert list(found) == [{"_id": n, "text": f"t{n}"} for n in (19, 18, 14)]
    assert journal.count_documents({"text": {"$regex": "^t1"}}) == 11
    assert journal.distinct("score") == [0, 1, 2, 3, 4]


def test_a_long_answer_comes_in_batches(journal):
    journal.insert_many([{"_id": n} for n in range(1000)])

    assert [each["_id"] for each in journal.find(batch_size=64).sort("_id", ASCENDING)] == list(
        range(1000)
    )


def test_a_cursor_that_was_closed_is_gone(server, journal):
    journal.insert_many([{"_id": n} for n in range(300)])
    cursor = journal.find(batch_size=2)
    next(cursor)
    number = cursor.cursor_id
    cursor.close()

    with pytest.raises(CursorNotFound):
        journal.database.command("getMore", bson.Int64(number), collection="journal")


def test_operators_change_exactly_what_they_name(journal):
    journal.insert_many([{"_id": n, "tags": [], "seen": 0} for n in range(3)])

    one = journal.update_one({}, {"$inc": {"seen": 2}, "$push": {"tags": "new"}})
    many = journal.update_many({"seen": 0}, {"$set": {"seen": 9}, "$unset": {"tags": ""}})
    assert (one.matched_count, one.modified_count, many.modified_count) == (1, 1, 2)
    assert list(journal.find().sort("_id")) == [
        {"_id": 0, "tags": ["new"], "seen": 2},
        {"_id": 1, "seen": 9},
        {"_id": 2, "seen": 9},
    ]


def test_an_upsert_makes_what_is_not_there(journal):
    made = journal.update_one({"user": "ada"}, {"$set": {"n": 1}}, upsert=True)
    again = journal.replace_one({"user": "ada"}, {"user": "ada", "n": 2}, upsert=True)

    assert made.upserted_id is not None
    assert again.upserted_id is None
    assert journal.find_one({"user": "ada"})["n"] == 2


def test_one_document_is_changed_or_removed_and_returned(journal):
    journal.insert_many([{"_id": n, "state": "new"} for n in range(3)])

    taken = journal.find_one_and_update(
        {"state": "new"},
        {"$set": {"state": "taken"}},
        sort=[("_id", DESCENDING)],
        return_document=ReturnDocument.AFTER,
    )
    removed = journal.find_one_and_delete({"_id": 0}, projection={"state": 1})
    assert taken == {"_id": 2, "state": "taken"}
    assert removed == {"_id": 0, "state": "new"}
    assert journal.find_one_and_delete({"_id": 77}) is None
    assert journal.count_documents({}) == 2


def test_a_unique_index_refuses_a_second_of_the_same(journal):
    journal.create_index([("email", ASCENDING)], unique=True)
    journal.insert_one({"email": "a@example.com"})

    with pytest.raises(DuplicateKeyError):
        journal.insert_one({"email": "a@example.com"})
    with pytest.raises(BulkWriteError) as caught:
        journal.insert_many([{"email": "b"}, {"email": "b"}, {"email": "c"}], ordered=False)
    assert caught.value.details["nInserted"] == 2
    assert [each["index"] for each in caught.value.details["writeErrors"]] == [1]
    assert set(journal.index_information()) == {"_id_", "email_1"}
    journal.drop_index("email_1")
    journal.insert_one({"email": "a@example.com"})


def test_a_pipeline_groups_and_sorts(journal):
    journal.insert_many([{"mood": m, "score": s} for m, s in (("a", 1), ("b", 5), ("a", 3))])

    found = journal.aggregate(
        [
            {"$match": {"score": {"$gt": 0}}},
            {"$group": {"_id": "$mood", "mean": {"$avg": "$score"}, "n": {"$sum": 1}}},
            {"$sort": {"_id": 1}},
        ]
    )
    assert list(found) == [{"_id": "a", "mean": 2.0, "n": 2}, {"_id": "b", "mean": 5.0, "n": 1}]


def test_what_it_cannot_do_is_said(journal):
    journal.insert_one({"n": 1})

    with pytest.raises(OperationFailure) as caught:
        journal.update_one({}, [{"$set": {"n": 2}}])
    assert caught.value.code == 303
    with pytest.raises(OperationFailure) as caught:
        journal.database.command("mapReduce", "journal")
    assert caught.value.code == 59


def test_everything_is_there_again_after_a_restart(tmp_path):
    first = Server(tmp_path / "documents")
    with first.client() as client:
        kept = client["aura"]["journal"]
        kept.create_index("user", unique=True)
        kept.insert_many([{"_id": n, "user": str(n)} for n in range(4)])
        kept.update_one({"_id": 1}, {"$set": {"user": "ada"}})
        kept.delete_one({"_id": 2})
        kept.find_one_and_delete({"_id": 3})
        client["aura"].create_collection("empty")
        client["other"]["gone"].insert_one({})
        client.drop_database("other")
    first.stop()

    second = Server(tmp_path / "documents")
    with second.client() as client:
        kept = client["aura"]["journal"]
        assert list(kept.find().sort("_id")) == [
            {"_id": 0, "user": "0"},
            {"_id": 1, "user": "ada"},
        ]
        with pytest.raises(DuplicateKeyError):
            kept.insert_one({"user": "ada"})
        assert client["aura"].list_collection_names() == ["empty", "journal"]
        assert "other" not in client.list_database_names()
    second.stop()
