"""What the function is told by its environment."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Where events go.

    Attributes:
        events_table: Table of events.
        sessions_table: Table of sessions.
        summary_table: Table of daily figures.
        event_days: Days until an event expires.
        namespace: CloudWatch namespace of the metrics.
    """

    events_table: str
    sessions_table: str
    summary_table: str
    event_days: int
    namespace: str


def from_environment() -> Settings:
    """Read the environment.

    Raises:
        KeyError: A table is not named.
    """
    return Settings(
        events_table=os.environ["EVENTS_TABLE"],
        sessions_table=os.environ["SESSIONS_TABLE"],
        summary_table=os.environ["SUMMARY_TABLE"],
        event_days=int(os.environ.get("EVENT_DAYS", "365")),
        namespace=os.environ.get("METRICS_NAMESPACE", "Journey"),
    )
