"""What can be asked about the events, and the statements that answer it."""

import base64
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import LiteralString

DEFAULT_PERIOD = timedelta(hours=24)
LONGEST_PERIOD = timedelta(days=92)
MOST_GROUPS = 1500
"""More than a day of minutes and two months of hours."""


class Grouping(StrEnum):
    """By what a summary counts."""

    EVENT_TYPE = "eventType"
    USER = "userId"
    HOUR = "hour"
    MINUTE = "minute"
    PATH = "path"


_KEYS: dict[Grouping, tuple[LiteralString, LiteralString]] = {
    # Grouping: key, order
    Grouping.EVENT_TYPE: ("event_type", "2 DESC, 1"),
    Grouping.USER: ("user_id", "2 DESC, 1"),
    Grouping.HOUR: ("date_trunc('hour', occurred_at)", "1 DESC"),
    # Events from before the column was there have no path.
    Grouping.PATH: ("coalesce(path, '')", "2 DESC, 1"),
    Grouping.MINUTE: ("date_trunc('minute', occurred_at)", "1 DESC"),
}

_FILTERS: dict[str, LiteralString] = {
    "event_type": "event_type = %(event_type)s",
    "user_id": "user_id = %(user_id)s",
    "session_id": "session_id = %(session_id)s",
    "since": "occurred_at >= %(since)s",
    "until": "occurred_at < %(until)s",
}


class ParameterError(ValueError):
    """A parameter cannot be used.

    Attributes:
        field: Its name.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Summary:
    """A question for counts: over which events, by what.

    Attributes:
        since: Begin of the period.
        until: End of the period, not part of it.
        event_type: Only events of this type; None counts all. The other filters likewise.
        limit: Most groups to return.
    """

    since: datetime
    until: datetime
    grouping: Grouping
    limit: int
    event_type: str | None = None
    user_id: str | None = None
    session_id: str | None = None

    @property
    def key(self) -> str:
        """What the answer depends on, as a key for the cache."""
        return "summary:" + json.dumps(asdict(self), default=str, sort_keys=True)

    @property
    def statement(self) -> LiteralString:
        """The query: key, count, and total over all groups, also those beyond the limit."""
        key, order = _KEYS[self.grouping]
        filters = ["since", "until"]
        filters += [name for name in ("event_type", "user_id", "session_id") if getattr(self, name)]
        where = " AND ".join([_FILTERS[name] for name in filters])
        return (
            f"SELECT {key}, count(*), sum(count(*)) OVER ()::bigint FROM events "  # noqa: S608  # nosec B608: all literals
            f"WHERE {where} GROUP BY 1 ORDER BY {order} LIMIT %(limit)s"
        )


def period(
    since: datetime | None, until: datetime | None, now: datetime | None = None
) -> tuple[datetime, datetime]:
    """Return the period a summary is over.

    Without an end it lasts to the end of the present minute, so that the same question within a
    minute has the same answer in the cache, and events that are just arriving are in it.

    Args:
        since: Begin; by default a day before the end.
        until: End.
        now: The present.

    Raises:
        ParameterError: The period is empty or too long.
    """
    now = now or datetime.now(UTC)
    if until is None:
        until = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    until = until.astimezone(UTC)
    since = (since or until - DEFAULT_PERIOD).astimezone(UTC)
    if since >= until:
        raise ParameterError("from", "must be before to")
    if until - since > LONGEST_PERIOD:
        raise ParameterError("from", f"must not be more than {LONGEST_PERIOD.days} days before to")
    return since, until


LATEST_OF_ALL: LiteralString = """
    SELECT event_id, user_id, session_id, event_type, occurred_at, received_at, properties
    FROM events
    WHERE (occurred_at, event_id) < (%(before)s, %(before_id)s)
    ORDER BY occurred_at DESC, event_id DESC
    LIMIT %(limit)s
"""
LATEST_OF_USER: LiteralString = """
    SELECT event_id, user_id, session_id, event_type, occurred_at, received_at, properties
    FROM events
    WHERE user_id = %(user_id)s AND (occurred_at, event_id) < (%(before)s, %(before_id)s)
    ORDER BY occurred_at DESC, event_id DESC
    LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Cursor:
    """Where a page ends: the next one begins with the event before this one."""

    before: datetime
    before_id: str

    def encode(self) -> str:
        """Return the cursor as text that fits in a URL."""
        text = json.dumps([self.before.isoformat(), self.before_id])
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """Return the cursor that was encoded.

        Raises:
            ParameterError: It is none of ours.
        """
        try:
            decoded = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
            moment, identifier = json.loads(decoded)
            before = datetime.fromisoformat(moment)
            if before.tzinfo is None or not isinstance(identifier, str) or "\0" in identifier:
                raise ValueError(moment)
        except (ValueError, TypeError) as error:
            raise ParameterError("cursor", "is not a cursor from an earlier page") from error
        return cls(before, identifier)


FIRST_PAGE = Cursor(datetime.max.replace(tzinfo=UTC), "")
