"""Events have the page they happened on in a column of its own.

Releases of before do not write it: until the contract (0004) a trigger does it for them.
"""

from alembic import op
from database.migrating.model import Backfill

revision = "0002"
down_revision = "0001"

backfill = Backfill(
    table="events",
    key="event_id",
    statement="""
        UPDATE events SET path = properties ->> 'path'
        WHERE event_id = ANY(%(keys)s) AND path IS NULL AND properties ->> 'path' IS NOT NULL
    """,
    remaining="""
        SELECT count(*) FROM events WHERE path IS NULL AND properties ->> 'path' IS NOT NULL
    """,
)


def upgrade() -> None:
    """Add the column and what fills it in for releases that do not know it."""
    op.execute("ALTER TABLE events ADD COLUMN IF NOT EXISTS path text")
    op.execute(
        """
        CREATE OR REPLACE FUNCTION event_path() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.path := NEW.properties ->> 'path';
            RETURN NEW;
        END
        $$
        """
    )
    op.execute(
        "CREATE OR REPLACE TRIGGER event_path BEFORE INSERT ON events "
        "FOR EACH ROW WHEN (NEW.path IS NULL) EXECUTE FUNCTION event_path()"
    )


def downgrade() -> None:
    """Drop both; the path is still among the properties."""
    op.execute("DROP TRIGGER IF EXISTS event_path ON events")
    op.execute("DROP FUNCTION IF EXISTS event_path()")
    op.execute("ALTER TABLE events DROP COLUMN IF EXISTS path")
