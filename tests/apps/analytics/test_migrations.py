"""The migrations of the analytics database, on a PostgreSQL of their own."""

import json
import subprocess
import sys

import pytest
from database import schema
from database.migrating.model import MigrationError, MigrationRefused
from support.analytics import APPS
from support.migrations import Database, environment

TABLE_OF_BEFORE = """
    CREATE TABLE events (
        event_id text PRIMARY KEY, user_id text NOT NULL, session_id text NOT NULL,
        event_type text NOT NULL, occurred_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(), properties jsonb NOT NULL DEFAULT '{}'
    );
    CREATE INDEX events_by_user ON events (user_id, occurred_at DESC, event_id DESC);
    CREATE INDEX events_by_time ON events (occurred_at DESC, event_id DESC)
        INCLUDE (event_type, user_id);
"""
"""What consumers made before there were migrations."""


@pytest.fixture
def database(postgres):
    return Database(postgres)


def paths(database):
    return database.query("SELECT event_id, path FROM events ORDER BY event_id")


def migrate(database, *arguments, **changes):
    """Run the program; return its exit status and its result."""
    run = subprocess.run(
        [sys.executable, "-m", "database", *arguments],
        cwd=APPS,
        env={**environment(database), **changes},
        capture_output=True,
        text=True,
        check=False,
    )
    last = run.stdout.splitlines()[-1] if run.stdout else "{}"
    return run.returncode, json.loads(last), run.stderr


def test_the_first_run_makes_everything_and_the_second_changes_nothing(database):
    first = database.expand()
    made = database.schema()
    second = database.expand()

    assert (first, second) == (["0001", "0002", "0003"], [])
    assert database.schema() == made
    assert database.states() == {
        "0001": "done",
        "0002": "ready",
        "0003": "ready",
        "0004": "pending",
    }


def test_a_database_of_before_is_taken_over_with_its_events(database):
    database.query(TABLE_OF_BEFORE)
    database.fill(5)

    database.expand(batch_rows=2)

    assert paths(database) == [(f"e{number:06}", f"/{number}") for number in range(5)]
    assert database.report()["migrations"][1]["rows"] == 5


def test_what_an_old_release_writes_after_the_expansion_has_a_path_too(database):
    database.expand()

    database.fill(1)

    assert paths(database) == [("e000000", "/0")]


def test_a_contract_takes_away_what_only_old_releases_needed(database):
    database.expand()
    done = database.contract()

    found = database.schema()
    assert done == ["0004"]
    assert not found["triggers"]
    assert not found["functions"]
    assert "events_by_time" not in {name for name, *_ in found["indexes"]}
    assert set(database.states().values()) == {"done"}
    assert database.contract() == []


def test_the_way_back_leads_to_where_it_began(database):
    database.expand("0001")
    before = database.schema()
    database.fill(3)
    database.expand()

    undone = database.undo("0001")

    assert undone == ["0003", "0002"]
    assert database.schema() == before
    assert database.states()["0002"] == "pending"
    assert len(paths_of_before(database)) == 3


def paths_of_before(database):
    return database.query("SELECT event_id FROM events")


def test_the_way_back_never_loses_events(database):
    database.expand("0001")
    database.fill(1)

    with pytest.raises(MigrationError, match="there are events; the table stays; it stays"):
        database.undo("0000")

    assert database.states()["0001"] == "done"
    assert len(paths_of_before(database)) == 1


def test_what_a_contract_has_completed_cannot_be_undone(database):
    database.expand()
    database.contract()

    with pytest.raises(MigrationRefused, match=r"0004 event_path cannot be undone"):
        database.undo("0001")


def test_an_expansion_is_not_undone_under_a_release_that_relies_on_it(database):
    database.expand()

    with (
        database.connect(application_name="analytics-api/0003"),
        pytest.raises(MigrationRefused, match=r"analytics-api \(1 of head 0003\)"),
    ):
        database.undo("0001")

    assert database.states()["0003"] == "ready"


def test_a_service_is_told_which_migrations_it_waits_for(database):
    with database.connect() as connection:
        with pytest.raises(schema.SchemaNotReady, match="0001, 0002, 0003"):
            schema.require(connection)
        database.expand("0002")
        with pytest.raises(schema.SchemaNotReady, match=r": 0003$"):
            schema.require(connection)
        database.expand()

        schema.require(connection)


def test_a_connection_says_how_much_of_the_schema_its_release_knows(database):
    settings = database.settings().database

    assert f"application_name=analytics-api/{schema.head()}" in settings.conninfo(
        "analytics-api", statement_seconds=1
    )


def test_the_program_reports_what_ran_and_who_asked_for_it(database):
    status, result, _ = migrate(database, "up", MIGRATION_RUN="op-1")

    second = result["migrations"][1]
    assert (status, result["message"], result["outcome"]) == (0, "result", "ok")
    assert result["done"] == ["0001", "0002", "0003"]
    assert (second["state"], second["run"], second["actor"]) == ("ready", "op-1", "ada")
    assert second["checksum"] == "ok"


def test_the_program_tells_a_refusal_from_a_failure(database):
    assert migrate(database, "up", "--contract")[0] == 3
    assert migrate(database, "down", "--to", "0009")[0] == 3
    assert migrate(database, "up", DB_PORT="1")[:2][0] == 6
    assert migrate(database, "up", DB_PORT="none")[0] == 2
    assert migrate(database, "up", "--to", "0004")[1]["why"].startswith("there is no expand")


def test_the_program_judges_the_files_without_a_database(database):
    status, result, _ = migrate(database, "check", DB_HOST="")

    assert (status, result["checked"]) == (0, ["0001", "0002", "0003", "0004"])


def test_a_password_is_in_nothing_that_is_told(database):
    run = subprocess.run(
        [sys.executable, "-m", "database", "up"],
        cwd=APPS,
        env={**environment(database), "DB_PASSWORD": "open-sesame"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 6
    assert "open-sesame" not in run.stdout + run.stderr
