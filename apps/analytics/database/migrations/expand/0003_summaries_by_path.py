"""Summaries by page need no look at the table itself either.

The index of before stays until the contract (0004): whatever plan uses it goes on doing so.
"""

from database.migrating.online import create_index, drop_index

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the index that has the path, too."""
    create_index(
        "events_by_time_and_path",
        "ON events (occurred_at DESC, event_id DESC) INCLUDE (event_type, user_id, path)",
    )


def downgrade() -> None:
    """Drop it; the index of before is still there."""
    drop_index("events_by_time_and_path")
