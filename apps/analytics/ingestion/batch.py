"""From the body of a request to the events that are good and a reason for each that is not.

Most batches are good, so the whole body is parsed and checked in one call; only when that finds
a fault is every event looked at by itself, so that the good ones of the batch are kept.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json, to_json
from stream.event import EVENT, Event, unstorable
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from ingestion.settings import Limits


class EventBatch(TypedDict):
    """The body of a request."""

    __pydantic_config__ = ConfigDict(extra="forbid", json_schema_extra={"title": "EventBatch"})  # type: ignore[misc]

    events: list[Event]


class Rejection(BaseModel):
    """Why one event of a batch was not accepted."""

    index: int = Field(description="Place of the event in the batch, from 0.")
    eventId: str | None = Field(description="Its id, where it has a readable one.")  # noqa: N815  # the wire's spelling
    field: str = Field(description="The member at fault.")
    message: str = Field(description="What is wrong with it.")


class BodyError(Exception):
    """The body as a whole cannot be used.

    Attributes:
        status: HTTP status to answer with.
        field: The member at fault; `body` where it is no JSON at all.
    """

    def __init__(self, message: str, *, field: str, status: int = 400) -> None:
        super().__init__(message)
        self.field = field
        self.status = status


@dataclass(frozen=True)
class Batch:
    """What a body holds.

    Attributes:
        messages: Key and value, as Kafka gets them, of every good event.
        rejections: The reasons for every other one.
    """

    messages: list[tuple[str, bytes]] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)


BATCH = TypeAdapter(EventBatch)

# How NUL and numbers that are not finite look in JSON; they are looked for in the text first,
# which is far cheaper than a walk through every event.
_SUSPICIOUS = (b"\\u0000", b"NaN", b"Infinity")


def read_batch(body: bytes, limits: Limits, now: datetime | None = None) -> Batch:
    """Parse and check a body.

    Args:
        body: The request's body.
        limits: What a request may bring.
        now: Our clock's time, by default the present.

    Raises:
        BodyError: The body is not a batch of events at all, or too large a one.
    """
    now = now or datetime.now(UTC)
    oldest, newest = now - limits.oldest, now + limits.newest
    batch = Batch()
    for index, event in _events(body, limits, batch.rejections):
        # Numbers that are not finite stay visible; otherwise they would become null unnoticed.
        value = to_json(event, inf_nan_mode="constants")
        fault = _fault(event, value, oldest, newest, limits)
        if fault:
            batch.rejections.append(_rejection(index, event, *fault))
        else:
            batch.messages.append((event["userId"], value))
    return batch


def _events(
    body: bytes, limits: Limits, rejections: list[Rejection]
) -> Iterable[tuple[int, Event]]:
    """Return the events that have the right shape; add the reasons for the others."""
    try:
        events = BATCH.validate_json(body)["events"]
    except ValidationError:
        return _one_by_one(_raw_events(body, limits), rejections)
    _check_count(events, limits)
    return enumerate(events)


def _raw_events(body: bytes, limits: Limits) -> list[Any]:
    try:
        document = from_json(body)
    except ValueError as error:
        raise BodyError(f"the body is not JSON: {error}", field="body") from error
    if not isinstance(document, dict):
        raise BodyError("the body must be an object with the member events", field="body")
    events = document.get("events")
    if not isinstance(events, list):
        raise BodyError("events must be a list of events", field="events")
    unknown = next((name for name in document if name != "events"), None)
    if unknown is not None:
        raise BodyError(f"{unknown} is not a member of a batch of events", field=unknown)
    _check_count(events, limits)
    return events


def _check_count(events: list[Any], limits: Limits) -> None:
    if not events:
        raise BodyError("events is empty", field="events")
    if len(events) > limits.events:
        message = f"events has {len(events)} members; at most {limits.events} are taken at once"
        raise BodyError(message, field="events", status=413)


def _one_by_one(candidates: list[Any], rejections: list[Rejection]) -> Iterator[tuple[int, Event]]:
    for index, candidate in enumerate(candidates):
        try:
            # Through JSON again: only there is a timestamp text in strict mode.
            yield index, EVENT.validate_json(to_json(candidate, inf_nan_mode="constants"))
        except ValidationError as error:
            for mistake in error.errors(include_url=False, include_context=False):
                field = str(mistake["loc"][0]) if mistake["loc"] else "event"
                rejections.append(_rejection(index, candidate, field, mistake["msg"]))


def _fault(
    event: Event, value: bytes, oldest: datetime, newest: datetime, limits: Limits
) -> tuple[str, str] | None:
    """Return field and reason if an event of the right shape cannot be taken all the same."""
    timestamp = event["timestamp"]
    if timestamp < oldest:
        return "timestamp", f"is older than {limits.oldest}"
    if timestamp > newest:
        return "timestamp", f"is more than {limits.newest} in the future"
    if len(value) > limits.event_bytes:
        return "properties", f"make the event larger than {limits.event_bytes} bytes"
    if any(mark in value for mark in _SUSPICIOUS):
        return unstorable(event)
    return None


def _rejection(index: int, event: object, field: str, message: str) -> Rejection:
    identifier = event.get("eventId") if isinstance(event, dict) else None
    known = identifier if isinstance(identifier, str) else None
    return Rejection(index=index, eventId=known, field=field, message=message)
