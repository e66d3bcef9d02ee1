"""Nobody relies on the trigger or the old index any more: every release writes the path itself."""

from alembic import op
from database.migrating.online import drop_index

revision = "0004"
down_revision = None
branch_labels = ("contract",)
completes = ("0002", "0003")


def upgrade() -> None:
    """Drop what releases of before needed."""
    op.execute("DROP TRIGGER IF EXISTS event_path ON events")
    op.execute("DROP FUNCTION IF EXISTS event_path()")
    drop_index("events_by_time")
