-- The tables of the analytics product. Applied at every start of a consumer, so each statement
-- must leave an existing database as it is.

CREATE TABLE IF NOT EXISTS events (
    event_id    text        PRIMARY KEY,
    user_id     text        NOT NULL,
    session_id  text        NOT NULL,
    event_type  text        NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    properties  jsonb       NOT NULL DEFAULT '{}'
);

-- One user's events, newest first.
CREATE INDEX IF NOT EXISTS events_by_user ON events (user_id, occurred_at DESC, event_id DESC);

-- The newest events, and every summary of a period without a look at the table itself.
CREATE INDEX IF NOT EXISTS events_by_time ON events (occurred_at DESC, event_id DESC)
    INCLUDE (event_type, user_id);
