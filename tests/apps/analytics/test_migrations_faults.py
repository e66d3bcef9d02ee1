"""What goes wrong while a database is migrated, and what must come of it."""

import signal
import subprocess
import sys
import threading
import time

import psycopg
import pytest
from database.migrating.model import (
    MigrationBlocked,
    MigrationError,
    MigrationPaused,
    MigrationRefused,
)
from support.analytics import APPS
from support.migrations import Crasher, Database, Files, environment, python_path
from support.platform import eventually

TABLE = ("CREATE TABLE t (a text PRIMARY KEY, b text)", "DROP TABLE t")
BACKFILL = """
backfill = Backfill(table="t", key="a", statement={statement!r},
    remaining="SELECT count(*) FROM t WHERE c IS NULL")
"""
PARTS = 4
"""Moments are divided among so many tests, which run side by side."""
RUN = """
import os, sys
from pathlib import Path
from support.migrations_crash import run
run(Path(sys.argv[1]), "expand", dict(os.environ))
"""
FILL = "UPDATE t SET c = b WHERE a = ANY(%(keys)s) AND c IS NULL"


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path / "migrations")


@pytest.fixture
def database(postgres, files):
    return Database(postgres, files.folder)


@pytest.fixture
def real(postgres):
    return Database(postgres)


def with_rows(database, files, count=20, statement=FILL):
    """Prepare an expansion with a backfill over so many rows."""
    files.expand("0001", *TABLE)
    database.expand()
    database.query(
        "INSERT INTO t SELECT to_char(n, 'FM000'), 'x' FROM generate_series(1, %s::int) AS n", count
    )
    files.expand(
        "0002",
        "ALTER TABLE t ADD COLUMN c text",
        "ALTER TABLE t DROP COLUMN c",
        before="0001",
        more=BACKFILL.format(statement=statement),
    )


@pytest.mark.fault(31)
def test_an_expansion_that_fails_half_way_leaves_the_schema_where_it_was(database, files):
    files.expand("0001", *TABLE)
    database.expand()
    before = database.schema()
    files.expand("0002", "ALTER TABLE t ADD COLUMN c text", "ALTER TABLE t DROP c", before="0001")
    files.expand(
        "0003",
        ["ALTER TABLE t ADD COLUMN d text", "ALTER TABLE missing ADD COLUMN e text"],
        before="0002",
    )

    with pytest.raises(MigrationError, match=r"0003 change: .*missing.*; the schema is where"):
        database.expand()

    assert database.schema() == before
    assert database.states() == {"0001": "done", "0002": "pending", "0003": "failed"}
    assert "missing" in database.report()["migrations"][2]["error"]


@pytest.mark.fault(31)
def test_what_was_made_outside_of_a_transaction_is_undone_too(database, files):
    files.expand("0001", *TABLE)
    database.expand()
    database.query("INSERT INTO t VALUES ('1', 'same'), ('2', 'same')")
    before = database.schema()
    unique = 'create_index("t_c", "ON t (length(b), (1 / (length(b) - 4)))")'
    files.expand("0002", unique, 'drop_index("t_c")', before="0001")

    with pytest.raises(MigrationError, match="division by zero"):
        database.expand()

    assert database.schema() == before


@pytest.mark.fault(31)
def test_a_failed_expansion_runs_once_its_file_is_mended(database, files):
    files.expand("0001", *TABLE)
    files.expand("0002", "ALTER TABLE missing ADD COLUMN c text", before="0001")
    with pytest.raises(MigrationError):
        database.expand()
    files.expand("0002", "ALTER TABLE t ADD COLUMN c text", before="0001")

    assert database.expand() == ["0001", "0002"]
    assert set(database.states().values()) == {"done"}


@pytest.mark.fault(31)
def test_a_backfill_that_fails_undoes_its_expansion(database, files):
    with_rows(database, files, statement="UPDATE t SET c = 1 / 0 WHERE a = ANY(%(keys)s)")
    before = database.schema()

    with pytest.raises(MigrationError, match="division by zero; the schema is where it was"):
        database.expand()

    assert database.schema() == before
    assert database.states()["0002"] == "failed"


@pytest.mark.fault(31)
def test_a_backfill_that_leaves_rows_out_is_no_success(database, files):
    with_rows(database, files, statement="UPDATE t SET c = b WHERE a = ANY(%(keys)s) AND a < '010'")

    with pytest.raises(MigrationError, match="11 rows of t still lack what change adds"):
        database.expand()


@pytest.mark.fault(32)
def test_a_run_killed_in_its_backfill_goes_on_at_the_cursor(database, files):
    slow = "WITH waited AS (SELECT pg_sleep(0.1)) " + FILL.replace("WHERE", "FROM waited WHERE")
    with_rows(database, files, statement=slow)
    child = subprocess.Popen(
        [sys.executable, "-c", RUN, database.folder],
        cwd=APPS,
        env={**environment(database), "MIGRATION_BATCH_ROWS": "3", "PYTHONPATH": python_path()},
    )
    eventually(lambda: cursor(database), seconds=60)
    child.send_signal(signal.SIGKILL)
    child.wait(20)
    stopped = cursor(database)
    filled = database.query("SELECT count(*) FROM t WHERE c IS NOT NULL")[0][0]

    assert "001" < stopped < "020"
    assert database.expand(batch_rows=3) == ["0002"]
    assert filled < 20
    assert database.query("SELECT count(*) FROM t WHERE c = 'x'") == [(20,)]
    assert database.report()["migrations"][1]["rows"] == 20


def cursor(database):
    """Return how far the backfill is; None before it begins."""
    migrations = {each["number"]: each for each in database.report()["migrations"]}
    return migrations["0002"]["cursor"]


class Releasing:
    """A log; at the first warning that somebody waits, the lock is released."""

    def __init__(self, release):
        self._release = release
        self.warnings = []

    def info(self, event, **fields):
        pass

    def warning(self, event, **fields):
        if not self.warnings:
            self._release()
        self.warnings.append((event, fields))


@pytest.mark.fault(33)
def test_a_long_transaction_is_named_when_the_time_is_over_and_nobody_waits_long(database, files):
    with_rows(database, files)
    before = database.schema()
    holder = database.connect(application_name="a-report")
    holder.autocommit = False
    holder.execute("SELECT count(*) FROM t")
    slowest = Slowest(database)

    with (
        slowest,
        pytest.raises(MigrationBlocked, match=r"held by a-report \(pid \d+") as told,
    ):
        database.expand(lock_milliseconds=200, lock_seconds=4)

    holder.close()
    assert slowest.queries > 3
    assert slowest.seconds < 2
    assert told.value.facts["blockers"][0]["application"] == "a-report"
    assert database.schema() == before
    assert database.states()["0002"] == "failed"


class Slowest:
    """Reads the table all the time, as an application does, and notes what took longest."""

    def __init__(self, database):
        self._database = database
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self.seconds = 0.0
        self.queries = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()

    def _read(self):
        with self._database.connect() as connection:
            while not self._ended.wait(0.02):
                began = time.monotonic()
                connection.execute("SELECT count(*) FROM t")
                self.seconds = max(self.seconds, time.monotonic() - began)
                self.queries += 1


@pytest.mark.fault(33)
def test_a_lock_that_becomes_free_is_taken(database, files):
    with_rows(database, files)
    holder = database.connect()
    holder.autocommit = False
    holder.execute("SELECT count(*) FROM t")
    log = Releasing(holder.close)

    with database.run(log, lock_milliseconds=100) as run:
        assert run.expand() == ["0002"]

    assert log.warnings[0][0] == "waits for a lock"


@pytest.mark.fault(34)
def test_a_contract_is_refused_while_older_releases_are_connected(real):
    real.expand()

    with (
        real.connect(application_name="analytics-api/0003"),
        real.connect(application_name="analytics-api/0003"),
        real.connect(application_name="analytics-consumer"),
        real.connect(application_name="analytics-api/0004"),
        real.connect(application_name="psql"),
        pytest.raises(
            MigrationRefused,
            match=r"do not know 0004 yet: analytics-api \(2 of head 0003\), "
            r"analytics-consumer \(1 of head 0000\)$",
        ),
    ):
        real.contract()

    assert real.states()["0004"] == "pending"
    assert real.contract() == ["0004"]


@pytest.mark.fault(34)
def test_a_contract_is_refused_while_nobody_knows_who_reads_from_the_replica(real, monkeypatch):
    real.expand()
    unreachable = {**real.environment, "DB_READER_HOST": "127.0.0.99"}
    monkeypatch.setattr(Database, "environment", unreachable)

    with pytest.raises(psycopg.OperationalError):
        real.contract()

    monkeypatch.undo()
    assert real.states()["0004"] == "pending"


@pytest.mark.fault(34)
def test_a_contract_is_refused_before_its_expansion_is_complete(real):
    real.expand("0002")

    with pytest.raises(MigrationRefused, match="0004 completes 0003, which has not run to its end"):
        real.contract()


@pytest.mark.fault(35)
def test_a_contract_that_fails_half_way_goes_forward_only(database, files):
    files.expand("0001", *TABLE)
    files.expand("0002", 'create_index("t_b", "ON t (b)")', 'drop_index("t_b")', before="0001")
    files.contract("0003", ['drop_index("t_b")', "ALTER TABLE missing DROP COLUMN b"], ["0002"])
    database.expand()

    with pytest.raises(MigrationError, match=r"missing.*; run it again: a contract"):
        database.contract()
    assert database.states() == {"0001": "done", "0002": "ready", "0003": "contract"}
    with pytest.raises(MigrationRefused, match="cannot be undone: what its contract took away"):
        database.undo("0001")

    files.contract("0003", ['drop_index("t_b")', "ALTER TABLE t DROP COLUMN b"], ["0002"])
    assert database.contract() == ["0003"]
    assert set(database.states().values()) == {"done"}


@pytest.mark.fault(37)
def test_a_backfill_waits_for_replicas_and_is_paused_when_they_do_not_catch_up(
    database, files, postgres, tmp_path
):
    with_rows(database, files, 40)
    with postgres.replica(tmp_path / "replica", apply_delay="60s"):
        with pytest.raises(MigrationPaused, match=r"a replica is \d+\.\d s behind"):
            database.expand(batch_rows=1, lag_milliseconds=300, lag_seconds=1)
        stopped = database.report()["migrations"][1]

    assert stopped["state"] == "backfill"
    assert stopped["rows"] < 40
    assert database.expand(batch_rows=10) == ["0002"]
    assert database.report()["migrations"][1]["rows"] == 40


@pytest.mark.fault(37)
def test_replicas_that_keep_up_hold_nothing_up(database, files, postgres, tmp_path):
    with_rows(database, files, 40)

    with postgres.replica(tmp_path / "replica", apply_delay="0"), database.run(batch_rows=5) as run:
        assert run.expand() == ["0002"]


def test_a_second_run_waits_for_the_first_and_then_says_who_is_at_work(real, monkeypatch):
    monkeypatch.setattr("database.migrating.session.PATIENCE_SECONDS", 0.5)
    with real.run() as first:
        first.expand("0001")
        with pytest.raises(MigrationBlocked, match="another run is at work") as told:
            real.expand()

    assert told.value.facts["blockers"][0]["application"].startswith("analytics-migrations/")
    assert real.expand() == ["0002", "0003"]


@pytest.fixture(scope="module")
def crasher():
    with Crasher() as crasher:
        yield crasher


@pytest.mark.fault(1)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("what", ["expand", "contract", "undo"])
def test_killed_at_any_moment_and_run_again_it_ends_the_same(postgres, crasher, what, part):
    template = prepared(postgres, what)
    begun = template.copy()
    moments = crasher.run(begun, what)
    undisturbed = ended(begun)
    assert moments > 15

    for last in range(1 + part, moments + 1, PARTS):
        killed = template.copy()
        assert crasher.run(killed, what, last) is None
        crasher.run(killed, what)
        assert ended(killed) == undisturbed, f"killed at moment {last}"


def prepared(postgres, what):
    """Return a database with five events in which the expansion, or all that follows, is due."""
    database = Database(postgres)
    database.expand("0001")
    database.fill(5)
    if what != "expand":
        database.expand()
    return database


def ended(database):
    rows = database.report()["migrations"]
    return (
        database.schema(),
        database.query("SELECT * FROM alembic_version ORDER BY 1"),
        database.query("SELECT event_id, to_jsonb(events) ->> 'path' FROM events ORDER BY 1"),
        [(row["number"], row["state"], row["rows"], row["error"]) for row in rows],
    )
