"""Migrations of a database of one's own: those of the source, or others made for a test."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import uuid
from contextlib import contextmanager
from pathlib import Path

import structlog
from support.analytics import APPS

FOLDER = APPS / "database" / "migrations"
FORGETFUL = structlog.wrap_logger(structlog.ReturnLogger())


class Files:
    """A folder of migrations: a copy of the source's, or an empty one.

    Args:
        folder: Where to make it.
        real: Whether the source's migrations are in it.
    """

    def __init__(self, folder, *, real=False):
        self.folder = Path(folder)
        left_out = shutil.ignore_patterns("__pycache__", *(() if real else ("0*.py",)))
        shutil.copytree(FOLDER, self.folder, ignore=left_out)

    def expand(self, number, up, down="SELECT 1", *, before=None, more="", name="change"):
        """Write an expansion; statements that begin with `create_index(` are taken as they are."""
        label = "" if before else 'branch_labels = ("expand",)'
        return self._write("expand", number, name, before, label + "\n" + more, up, down)

    def contract(self, number, up, completes, *, before=None, name="change"):
        label = "" if before else 'branch_labels = ("contract",)'
        more = f"{label}\ncompletes = {tuple(completes)!r}"
        return self._write("contract", number, name, before, more, up, None)

    def _write(self, phase, number, name, before, more, up, down):
        path = self.folder / phase / f"{number}_{name}.py"
        path.write_text(
            f'"""{name.capitalize()} {number}."""\n'
            "from alembic import op\n"
            "from database.migrating.model import Backfill\n"
            "from database.migrating.online import create_index, drop_index\n"
            f"revision = {number!r}\ndown_revision = {before!r}\n{more}\n"
            + _function("upgrade", up)
            + (_function("downgrade", down) if down is not None else "")
        )
        return path


def _function(name, statements):
    if isinstance(statements, str):
        statements = [statements]
    calls = [
        statement
        if statement.startswith(("create_index(", "drop_index("))
        else f"op.execute({statement!r})"
        for statement in statements
    ]
    return f"def {name}():\n" + textwrap.indent("\n".join(calls) + "\n", "    ")


class Database:
    """A database of one's own and runs of migrations on it.

    Args:
        postgres: The server.
        folder: The migrations; the source's by default.
    """

    def __init__(self, postgres, folder=FOLDER, template="template1"):
        self.name = f"m{uuid.uuid4().hex[:12]}"
        self.folder = folder
        self._postgres = postgres
        postgres.create(self.name, template)

    def copy(self):
        """Return a database that is like this one; nobody may be connected to it."""
        return Database(self._postgres, self.folder, self.name)

    @property
    def environment(self):
        return {
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(self._postgres.port),
            "DB_NAME": self.name,
            "DB_USER": "analytics",
            "DB_PASSWORD": "analytics",
            "DB_SSLMODE": "disable",
            "MIGRATION_ACTOR": "ada",
        }

    def settings(self, **changes):
        from database.migrating.settings import MigrationSettings
        from telemetry.settings import Environment

        told = {f"MIGRATION_{name.upper()}": str(value) for name, value in changes.items()}
        return MigrationSettings.read(Environment({**self.environment, **told}))

    @contextmanager
    def run(self, log=FORGETFUL, **changes):
        """Begin a run; the changes are settings."""
        from database.migrating.catalog import Catalog
        from database.migrating.run import Run
        from database.migrating.session import Session

        settings = self.settings(**changes)
        with Session(settings) as session:
            yield Run(session, Catalog(self.folder), settings, log)

    def expand(self, to=None, **changes):
        with self.run(**changes) as run:
            return run.expand(to)

    def contract(self, to=None, **changes):
        with self.run(**changes) as run:
            return run.contract(to)

    def undo(self, to, **changes):
        with self.run(**changes) as run:
            return run.undo(to)

    def report(self):
        from database.migrating.catalog import Catalog
        from database.migrating.report import report
        from database.migrating.session import Session

        settings = self.settings()
        with Session(settings) as session:
            return report(session, Catalog(self.folder), settings)

    def states(self):
        """Return the state of each migration by its number."""
        return {each["number"]: each["state"] for each in self.report()["migrations"]}

    def connect(self, **more):
        return self._postgres.connect(self.name, **more)

    def query(self, statement, *parameters):
        with self.connect() as connection:
            cursor = connection.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def schema(self):
        """Return everything that migrations could have made, but for their own tables."""
        return {
            "columns": self.query(
                "SELECT table_name, column_name, data_type, is_nullable, column_default "
                "FROM information_schema.columns WHERE table_schema = 'public' "
                "AND table_name NOT IN ('migrations', 'alembic_version') ORDER BY 1, 2"
            ),
            "indexes": self.query(
                "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid "
                "FROM pg_index JOIN pg_class c ON c.oid = indrelid "
                "WHERE relnamespace = 'public'::regnamespace "
                "AND c.relname NOT IN ('migrations', 'alembic_version') ORDER BY 1"
            ),
            "triggers": self.query("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"),
            "functions": self.query(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            ),
        }

    def fill(self, count, first=0):
        """Add events as a release of before writes them."""
        with self.connect() as connection:
            connection.execute(
                "INSERT INTO events (event_id, user_id, session_id, event_type, occurred_at, "
                "properties) SELECT 'e' || to_char(n, 'FM000000'), 'ada', 's', 'page_view', now(), "
                "jsonb_build_object('path', '/' || n) FROM generate_series(%s::int, %s::int) AS n",
                [first, first + count - 1],
            )


def environment(database):
    """Return the environment of a program that migrates a database."""
    return {**os.environ, **database.environment}


def python_path():
    """Return where a program of its own finds the applications and what tests share."""
    return os.pathsep.join([str(APPS), str(APPS.parents[1] / "tests")])


class Crasher:
    """Runs migrations in processes that die when they are told to; use it as a context manager."""

    def __enter__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.migrations_crash"],
            cwd=APPS,
            env={**os.environ, "PYTHONPATH": python_path()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_):
        self._process.communicate(timeout=20)

    def run(self, database, what, last=0):
        """Run until the moment `last`, or to the end; return how many there were, None if killed.

        The moments of a run that ends are counted.
        """
        variables = {**database.environment, "MIGRATION_BATCH_ROWS": "2", "MIGRATION_RUN": "op-1"}
        order = {"folder": str(database.folder), "what": what, "variables": variables, "last": last}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer
        return answer["moments"]
