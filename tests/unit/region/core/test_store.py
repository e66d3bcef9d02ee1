"""Records survive whatever happens to the supervisor."""

import signal
import sqlite3
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformctl.errors import StateError
from platformctl.region.supervisor.store import RecordStore

KEYS = st.sampled_from(["a", "b", "c", "d"])
EDITS = st.lists(st.tuples(st.sampled_from(["put", "delete"]), KEYS, st.integers()))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "region" / "records.sqlite"


def test_a_table_keeps_records_in_order_of_insertion(path):
    store = RecordStore(path)
    table = store.table("rds", "us-east-1", "instances")
    for name in ("second", "first"):
        table[name] = {"name": name}
    table["second"] = {"name": "second", "changed": True}
    store.close()
    again = RecordStore(path)
    table = again.table("rds", "us-east-1", "instances")

    assert table.keys() == ["second", "first"]
    assert table["second"] == {"name": "second", "changed": True}
    assert table.get("third") is None
    assert len(table) == 2
    again.close()


def test_tables_of_other_services_regions_and_kinds_are_apart(path):
    store = RecordStore(path)
    store.table("rds", "us-east-1", "instances")["x"] = {"at": "east"}
    store.table("rds", "us-west-2", "instances")["x"] = {"at": "west"}
    store.table("ecs", "us-west-2", "clusters")["x"] = {}
    del store.table("rds", "us-east-1", "instances")["x"]

    assert store.regions("rds") == ["us-west-2"]
    assert store.regions("elbv2") == []
    assert "x" not in store.table("rds", "us-east-1", "instances")
    store.close()


def test_deleting_what_is_not_there_is_a_key_error(path):
    store = RecordStore(path)
    with pytest.raises(KeyError):
        del store.table("rds", "us-east-1", "instances")["x"]
    store.close()


@given(edits=EDITS)
def test_the_file_always_says_what_memory_says(tmp_path_factory, edits):
    path = tmp_path_factory.mktemp("store") / "records.sqlite"
    store = RecordStore(path)
    table = store.table("s", "r", "k")
    for kind, key, number in edits:
        if kind == "put":
            table[key] = {"number": number}
        elif key in table:
            del table[key]
    expected = list(zip(table.keys(), table.values(), strict=True))
    # Not closed in between: this is what a killed supervisor leaves.
    again = RecordStore(path)
    read = again.table("s", "r", "k")

    assert list(zip(read.keys(), read.values(), strict=True)) == expected
    again.close()
    store.close()


def test_what_was_written_before_a_kill_is_there_after_it(path):
    program = f"""
import os, signal
from pathlib import Path
from platformctl.region.supervisor.store import RecordStore
table = RecordStore(Path({str(path)!r})).table("rds", "us-east-1", "instances")
for number in range(200):
    table[f"record-{{number}}"] = {{"number": number}}
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", program], check=False)
    store = RecordStore(path)

    assert ended.returncode == -signal.SIGKILL
    assert len(store.table("rds", "us-east-1", "instances")) == 200
    store.close()


def test_a_damaged_file_is_named_with_the_way_out(path):
    path.parent.mkdir()
    path.write_bytes(b"this is not a database, by any means" * 100)
    with pytest.raises(StateError, match=r"records\.sqlite") as caught:
        RecordStore(path)

    assert caught.value.remedy == "platformctl region reset"


def test_a_file_of_a_newer_version_is_left_alone(path):
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StateError, match="newer platformctl"):
        RecordStore(path)


def test_only_its_owner_can_read_the_file(path):
    RecordStore(path).close()

    assert path.stat().st_mode & 0o777 == 0o600
