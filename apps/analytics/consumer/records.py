"""From Kafka's messages to rows, and to the reasons why a message cannot become one."""

from collections.abc import Sequence
from dataclasses import dataclass

from confluent_kafka import Message
from pydantic import ValidationError
from pydantic_core import to_json
from stream.event import EVENT, EVENTS, Event, unstorable

from consumer.store import Row


@dataclass(frozen=True)
class Record:
    """A message and the row it becomes."""

    message: Message
    row: Row


@dataclass(frozen=True)
class Poison:
    """A message that can never become a row, and why."""

    message: Message
    reason: str


def read_records(messages: Sequence[Message]) -> tuple[list[Record], list[Poison]]:
    """Parse messages; all in one call while they are good, else each by itself."""
    values = [message.value() or b"" for message in messages]
    try:
        events = EVENTS.validate_json(b"[" + b",".join(values) + b"]")
        # One value that is two events, between commas, would shift all others.
        if len(events) == len(messages):
            return _rows(list(zip(messages, events, strict=True)), [])
    except ValidationError:
        pass
    return _one_by_one(messages, values)


def _one_by_one(
    messages: Sequence[Message], values: Sequence[bytes]
) -> tuple[list[Record], list[Poison]]:
    parsed: list[tuple[Message, Event]] = []
    poison: list[Poison] = []
    for message, value in zip(messages, values, strict=True):
        try:
            parsed.append((message, EVENT.validate_json(value)))
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "event"
            poison.append(Poison(message, f"{place}: {first['msg']}"))
    return _rows(parsed, poison)


def _rows(
    parsed: Sequence[tuple[Message, Event]], poison: list[Poison]
) -> tuple[list[Record], list[Poison]]:
    records: list[Record] = []
    for message, event in parsed:
        fault = unstorable(event)
        if fault:
            poison.append(Poison(message, f"{fault[0]}: {fault[1]}"))
        else:
            properties = to_json(event.get("properties", {})).decode()
            records.append(Record(message, Row(event, properties)))
    return records, poison
