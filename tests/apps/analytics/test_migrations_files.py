"""Which files of migrations are refused, and why."""

import pytest
from database.migrating import lint
from database.migrating.catalog import Catalog
from database.migrating.model import MigrationRefused
from support.migrations import Database, Files


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path / "migrations")


@pytest.fixture
def real(tmp_path):
    return Files(tmp_path / "migrations", real=True)


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("CREATE INDEX t_b ON t (b)", "require-concurrent-index-creation"),
        ("ALTER TABLE t ADD COLUMN c text NOT NULL", "adding-required-field"),
        ("ALTER TABLE t ALTER COLUMN b SET NOT NULL", "adding-not-nullable-field"),
        ("ALTER TABLE t ALTER COLUMN b TYPE bigint", "changing-column-type"),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (b > 0)", "constraint-missing-not-valid"),
        ("ALTER TABLE t ADD CONSTRAINT u UNIQUE (b)", "disallowed-unique-constraint"),
        ("ALTER TABLE t ADD c text GENERATED ALWAYS AS (b) STORED", "adding-field-with-default"),
        ("ALTER TABLE t ADD c timestamptz DEFAULT clock_timestamp()", "adding-field-with-default"),
        ("ALTER TABLE t RENAME COLUMN b TO c", "renaming-column"),
        ("ALTER TABLE t DROP COLUMN b", "ban-drop-column"),
        ("DROP TABLE t", "ban-drop-table"),
        ("ALTER TABL t", "syntax-error"),
    ],
)
def test_an_expansion_that_would_stop_the_traffic_is_refused(files, statement, rule):
    files.expand("0001", "CREATE TABLE t (a bigint PRIMARY KEY, b text)", "DROP TABLE t")
    files.expand("0002", statement, before="0001")
    catalog = Catalog(files.folder)

    with pytest.raises(MigrationRefused, match=rule):
        lint.check(catalog, catalog.migrations["0002"])


def test_it_is_refused_before_anything_has_changed(files, postgres):
    database = Database(postgres, files.folder)
    files.expand("0001", "CREATE TABLE t (a bigint PRIMARY KEY, b text)", "DROP TABLE t")
    files.expand("0002", "CREATE INDEX t_b ON t (b)", before="0001")

    with pytest.raises(MigrationRefused):
        database.expand()

    assert set(database.states().values()) == {"pending"}


def test_a_contract_may_take_away_but_not_lock(files):
    files.expand("0001", "CREATE TABLE t (a bigint PRIMARY KEY, b text)", "DROP TABLE t")
    files.contract("0002", "ALTER TABLE t DROP COLUMN b", ["0001"])
    files.contract("0003", "DROP INDEX t_b", ["0001"], before="0002")
    catalog = Catalog(files.folder)

    lint.check(catalog, catalog.migrations["0002"])
    with pytest.raises(MigrationRefused, match="require-concurrent-index-deletion"):
        lint.check(catalog, catalog.migrations["0003"])


@pytest.mark.fault(36)
def test_two_migrations_of_one_number_are_refused(real):
    real.expand("0003", "SELECT 1", before="0002", name="of_another_branch")

    with pytest.raises(
        MigrationRefused,
        match=r"0003 is the number of 2 migrations: 0003_of_another_branch.py, 0003_summaries",
    ):
        Catalog(real.folder)


@pytest.mark.fault(36)
def test_two_migrations_after_the_same_one_are_refused(real):
    real.expand("0005", "SELECT 1", before="0002", name="of_another_branch")

    with pytest.raises(MigrationRefused, match=r"0005 follows 0002, not 0003"):
        Catalog(real.folder)


@pytest.mark.fault(36)
def test_a_file_that_was_edited_after_it_ran_is_refused(real, postgres):
    database = Database(postgres, real.folder)
    database.expand()
    path = real.folder / "expand" / "0002_event_path.py"
    path.write_text(path.read_text() + "\n# better now\n")

    with pytest.raises(MigrationRefused, match=r"0002 event_path was changed after it ran"):
        database.expand()
    with pytest.raises(MigrationRefused, match=r"0002 event_path was changed after it ran"):
        database.contract()

    assert database.report()["migrations"][1]["checksum"] == "changed"


def test_a_file_that_has_gone_is_refused_and_one_of_a_newer_release_is_not(real, postgres):
    database = Database(postgres, real.folder)
    real.expand("0005", "SELECT 1", before="0003", name="newer")
    database.expand()
    (real.folder / "expand" / "0005_newer.py").unlink()

    assert database.expand() == []
    assert database.report()["migrations"][-1]["checksum"] == "newer"

    real.expand("0006", "SELECT 1", before="0003", name="of_another_branch")
    with pytest.raises(MigrationRefused, match=r"0005 newer has run and is not among the files"):
        database.expand()


@pytest.mark.parametrize(
    ("number", "completes", "why"),
    [
        ("0002", [], "completes nothing"),
        ("0002", ["0007"], "0002 completes 0007"),
        ("0000", ["0001"], "completes what comes after it"),
    ],
)
def test_a_contract_names_the_expansions_before_it_that_it_completes(files, number, completes, why):
    files.expand("0001", "SELECT 1")
    files.contract(number, "SELECT 1", completes)

    with pytest.raises(MigrationRefused, match=why):
        Catalog(files.folder)


def test_a_file_is_called_by_its_number_and_what_it_does(files):
    (files.folder / "expand" / "first.py").write_text("")

    with pytest.raises(MigrationRefused, match=r"first.py: a migration is called like 0001_"):
        Catalog(files.folder)


def test_an_expansion_without_a_way_back_is_refused(files):
    files.expand("0001", "SELECT 1", down=None)

    with pytest.raises(MigrationRefused, match="an expansion has a way back"):
        Catalog(files.folder)
