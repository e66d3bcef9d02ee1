"""Writes events, sessions and daily figures: all of an event or nothing, and once.

A transaction holds some events, the sessions they belong to and the figures of their days. An
event goes in only if it is not there; if one is, the transaction does nothing, and is done again
without it. So the same record again, however often and wherever the function was interrupted,
changes nothing, and no figure counts an event twice.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from processor.event import Event
from processor.settings import Settings

EVENTS_AT_ONCE = 20
"""At worst each brings a session and three figures: 100 items, the most of a transaction."""
ATTEMPTS = 8
FIRST_PAUSE = 0.02
SECONDS_A_DAY = 86_400
MILLISECONDS = 1000
CONFLICTS = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
_serialise = TypeSerializer().serialize


class BusyError(Exception):
    """Others kept changing the same sessions or figures."""


@dataclass(frozen=True)
class Session:
    """A session as it is, or is going to be.

    Attributes:
        start: Its first event, in milliseconds since the epoch.
        end: Its last event.
        count: Its events; 0 for a session that does not exist yet.
    """

    start: int
    end: int
    count: int


class Store:
    """The three tables.

    Args:
        client: boto3's client of DynamoDB.
        settings: Where they are.
        now: The time in seconds since the epoch.
        pause: Waits for some seconds.
    """

    def __init__(
        self,
        client: Any,
        settings: Settings,
        now: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._settings = settings
        self._now = now
        self._pause = pause

    def save(self, events: Sequence[Event]) -> int:
        """Store events and return how many of them were new.

        Raises:
            BusyError: Others kept changing the same items.
            ClientError: DynamoDB refused.
        """
        unique = list({event.key: event for event in events}.values())
        stored = self._stored(unique)
        fresh = [event for event in unique if event.key not in stored]
        return sum(
            self._save_some(fresh[start : start + EVENTS_AT_ONCE])
            for start in range(0, len(fresh), EVENTS_AT_ONCE)
        )

    def _save_some(self, events: list[Event]) -> int:
        """Store events that fit into one transaction."""
        pause = FIRST_PAUSE
        for _ in range(ATTEMPTS):
            if not events:
                return 0
            writes = list(self._writes(events))
            try:
                self._client.transact_write_items(TransactItems=writes)
            except self._client.exceptions.TransactionCanceledException as error:
                events = _without_stored(events, error)
                self._pause(pause)
                pause *= 2
            else:
                return len(events)
        raise BusyError(f"{len(events)} events were not stored in {ATTEMPTS} attempts")

    def _stored(self, events: Sequence[Event]) -> set[tuple[str, Decimal]]:
        """Return the keys of the events that are there already."""
        keys = [{"userId": event.user_id, "timestamp": event.sort_key} for event in events]
        table = self._settings.events_table
        found = self._get(table, keys, "userId, #t", {"#t": "timestamp"})
        return {(item["userId"]["S"], Decimal(item["timestamp"]["N"])) for item in found}

    def _sessions(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Session]:
        """Return the sessions that exist, by id and user."""
        asked = [{"sessionId": session, "userId": user} for session, user in keys]
        found = self._get(self._settings.sessions_table, asked, None, None)
        return {
            (item["sessionId"]["S"], item["userId"]["S"]): Session(
                start=int(item["startTime"]["N"]),
                end=int(item["endTime"]["N"]),
                count=int(item["eventCount"]["N"]),
            )
            for item in found
        }

    def _get(
        self,
        table: str,
        keys: Sequence[Mapping[str, Any]],
        projection: str | None,
        names: Mapping[str, str] | None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the items that exist, read so that no write is missed."""
        more: dict[str, Any] = {"ConsistentRead": True}
        if projection is not None:
            more |= {"ProjectionExpression": projection, "ExpressionAttributeNames": names}
        for start in range(0, len(keys), 100):
            some = [_item(key) for key in keys[start : start + 100]]
            request: dict[str, Any] = {table: {"Keys": some, **more}}
            pause = FIRST_PAUSE
            while request:
                answer = self._client.batch_get_item(RequestItems=request)
                yield from answer["Responses"].get(table, ())
                request = answer.get("UnprocessedKeys") or {}
                if request:
                    self._pause(pause)
                    pause *= 2

    def _writes(self, events: Sequence[Event]) -> Iterator[dict[str, Any]]:
        """Yield a transaction: first the events in their order, then sessions, then figures."""
        yield from (self._event(event) for event in events)
        by_session: dict[tuple[str, str], list[Event]] = {}
        for event in events:
            by_session.setdefault((event.session_id, event.user_id), []).append(event)
        known = self._sessions(list(by_session))
        figures: Counter[tuple[str, str]] = Counter()
        for event in events:
            figures[_day(event.moment), "events"] += 1
            figures[_day(event.moment), f"events#{event.event_type}"] += 1
        for key, mine in by_session.items():
            before = known.get(key)
            yield self._session(key, before, mine)
            if before is None:
                figures[_day(min(event.moment for event in mine)), "sessions"] += 1
        yield from (self._figure(day, metric, n) for (day, metric), n in sorted(figures.items()))

    def _event(self, event: Event) -> dict[str, Any]:
        now = int(self._now())
        item = {
            "userId": event.user_id,
            "timestamp": event.sort_key,
            "eventId": event.event_id,
            "sessionId": event.session_id,
            "eventType": event.event_type,
            "properties": event.properties,
            "metadata": event.metadata,
            "processedAt": now * MILLISECONDS,
            "ttl": now + self._settings.event_days * SECONDS_A_DAY,
        }
        return {
            "Put": {
                "TableName": self._settings.events_table,
                "Item": _item(item),
                "ConditionExpression": "attribute_not_exists(userId)",
            }
        }

    def _session(
        self, key: tuple[str, str], before: Session | None, events: Sequence[Event]
    ) -> dict[str, Any]:
        """Extend a session, if it still is as it was read."""
        moments = [event.moment for event in events]
        after = Session(min(moments), max(moments), len(events))
        condition, seen = "attribute_not_exists(sessionId)", {}
        if before is not None:
            after = replace(
                after,
                start=min(after.start, before.start),
                end=max(after.end, before.end),
                count=after.count + before.count,
            )
            condition, seen = "eventCount = :seen", {":seen": before.count}
        last = max(events, key=lambda event: event.moment)
        values = {
            **seen,
            ":start": after.start,
            ":end": after.end,
            ":count": after.count,
            ":metadata": last.metadata,
            ":ttl": int(self._now()) + self._settings.event_days * SECONDS_A_DAY,
        }
        return {
            "Update": {
                "TableName": self._settings.sessions_table,
                "Key": _item({"sessionId": key[0], "userId": key[1]}),
                "UpdateExpression": "SET startTime = :start, endTime = :end, eventCount = :count, "
                "metadata = :metadata, #ttl = :ttl",
                "ConditionExpression": condition,
                "ExpressionAttributeNames": {"#ttl": "ttl"},
                "ExpressionAttributeValues": _item(values),
            }
        }

    def _figure(self, day: str, metric: str, more: int) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self._settings.summary_table,
                "Key": _item({"date": day, "metricType": metric}),
                "UpdateExpression": "ADD #value :more SET calculatedAt = :now",
                "ExpressionAttributeNames": {"#value": "value"},
                "ExpressionAttributeValues": _item(
                    {":more": more, ":now": int(self._now()) * MILLISECONDS}
                ),
            }
        }


def _without_stored(events: list[Event], error: ClientError) -> list[Event]:
    """Return the events that a cancelled transaction did not find already stored.

    Raises:
        ClientError: It was cancelled for another reason than that somebody else was there.
    """
    codes = [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", ())]
    if not codes or set(codes) - CONFLICTS - {"None"}:
        raise error
    return [
        event
        for event, code in zip(events, codes, strict=False)
        if code != "ConditionalCheckFailed"
    ]


def _item(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _serialise(value) for key, value in values.items()}


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment / MILLISECONDS, UTC).date().isoformat()
