"""Whether migrations can run beside the traffic, judged by squawk on the statements themselves."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

from alembic import command

from database.migrating.catalog import Catalog
from database.migrating.model import Migration, MigrationRefused
from database.schema import CONTRACT

PG_VERSION = "15"
_STYLE = (
    # Taste, or Alembic's own table.
    *("prefer-text-field", "prefer-robust-stmts", "prefer-identity", "prefer-bigint-over-int"),
    # Every connection of a run has these.
    *("require-lock-timeout", "require-statement-timeout"),
)
_CONTRACTING = (
    *("ban-drop-column", "ban-drop-function", "ban-drop-not-null", "ban-drop-schema"),
    *("ban-drop-table", "ban-drop-trigger", "ban-drop-type", "ban-drop-view"),
    *("ban-drop-constraint", "ban-drop-domain"),
    *("ban-drop-index", "ban-drop-sequence", "renaming-column", "renaming-table"),
)
"""What a contract is there for, and an expansion must not do to the releases that run."""


def on_paper(catalog: Catalog, migration: Migration) -> str:
    """Return the statements of a migration."""
    config = catalog.config()
    config.output_buffer = StringIO()
    before = catalog.before(migration.number)
    span = migration.number if before == "base" else f"{before}:{migration.number}"
    command.upgrade(config, span, sql=True)
    return config.output_buffer.getvalue()


def check(catalog: Catalog, migration: Migration) -> None:
    """Insist that a migration blocks nobody for longer than a moment.

    Raises:
        MigrationRefused: It would rewrite a table, hold a lock while it works, or break what runs.
    """
    excluded = [*_STYLE, *(_CONTRACTING if migration.phase == CONTRACT else ())]
    judged = subprocess.run(
        [
            Path(sys.executable).with_name("squawk"),
            *("--reporter", "json", "--pg-version", PG_VERSION),
            *(f"--exclude={rule}" for rule in excluded),
            *("--stdin-filepath", f"{migration.number}_{migration.name}.sql"),
        ],
        input=on_paper(catalog, migration),
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        findings = json.loads(judged.stdout)
    except ValueError as error:
        raise MigrationRefused(
            f"{migration.number} could not be judged: {judged.stderr.strip()}"
        ) from error
    if findings:
        said = "; ".join(f"{each['rule_name']}: {each['message']}" for each in findings)
        raise MigrationRefused(
            f"{migration.number} {migration.name} cannot run beside the traffic: {said}",
            findings=findings,
        )
