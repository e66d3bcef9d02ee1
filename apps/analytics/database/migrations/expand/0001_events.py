"""The table of events.

Databases of before there were migrations have it already, so each statement leaves what is there.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = ("expand",)


def upgrade() -> None:
    """Make the table and its indexes."""
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS events (
            event_id    text        PRIMARY KEY,
            user_id     text        NOT NULL,
            session_id  text        NOT NULL,
            event_type  text        NOT NULL,
            occurred_at timestamptz NOT NULL,
            received_at timestamptz NOT NULL DEFAULT now(),
            properties  jsonb       NOT NULL DEFAULT '{}'
        )
        """
    )
    # One user's events, newest first.
    op.execute(
        "CREATE INDEX IF NOT EXISTS events_by_user "
        "ON events (user_id, occurred_at DESC, event_id DESC)"
    )
    # The newest events, and every summary of a period without a look at the table itself.
    op.execute(
        "CREATE INDEX IF NOT EXISTS events_by_time "
        "ON events (occurred_at DESC, event_id DESC) INCLUDE (event_type, user_id)"
    )


def downgrade() -> None:
    """Drop the table if nothing is in it."""
    # The way back must not be a way to lose the events.
    op.execute(
        """
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM events) THEN
                RAISE EXCEPTION 'there are events; the table stays';
            END IF;
        END
        $$
        """
    )
    op.execute("DROP TABLE events")
