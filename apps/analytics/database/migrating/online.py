"""Statements that must not run in a transaction: indexes are made and dropped beside the traffic.

They wait for transactions that were there before, but nobody waits for them, so they get more time
for a lock than other statements.
"""

from alembic import op

WAIT = "30s"


def create_index(name: str, definition: str) -> None:
    """Create an index while the table is being written to.

    Args:
        name: Name of the index.
        definition: What follows the name: `ON table (columns)` and the rest.
    """
    with op.get_context().autocommit_block():
        op.execute(f"SET lock_timeout = '{WAIT}'")
        # An attempt that was interrupted leaves an index that is maintained and never used.
        if not op.get_context().as_sql and _invalid(name):
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} {definition}")


def drop_index(name: str) -> None:
    """Drop an index while the table is being used."""
    with op.get_context().autocommit_block():
        op.execute(f"SET lock_timeout = '{WAIT}'")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def _invalid(name: str) -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", (name,)
    )
    return bool(found.scalar())
