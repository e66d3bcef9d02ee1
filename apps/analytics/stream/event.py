"""What an event is: the contract between everyone who writes or reads the topic."""

import math
from typing import (
    Annotated,
    Any,
    Required,  # pydantic wants this one before Python 3.12
)

from pydantic import AwareDatetime, ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict

CORRELATION_HEADER = "correlation-id"

Identifier = Annotated[str, Field(min_length=1, max_length=128)]


class Event(TypedDict, total=False):
    """One thing a user did. A dictionary, because thousands a second are read and written."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]

    eventId: Required[
        Annotated[Identifier, Field(description="Unique; the same id again counts once.")]
    ]
    userId: Required[Annotated[Identifier, Field(description="Who did it.")]]
    sessionId: Required[Annotated[Identifier, Field(description="In which visit.")]]
    eventType: Required[
        Annotated[
            str,
            Field(
                description="What was done, such as `page_view`.",
                max_length=64,
                pattern=r"^[A-Za-z][A-Za-z0-9_.:-]*$",
            ),
        ]
    ]
    timestamp: Required[
        Annotated[
            AwareDatetime,
            Field(description="When it was done: ISO 8601 with an offset.", strict=True),
        ]
    ]
    properties: Annotated[dict[str, Any], Field(description="Anything else about it.")]


EVENT = TypeAdapter(Event)
EVENTS = TypeAdapter(list[Event])


def unstorable(event: Event) -> tuple[str, str] | None:
    """Return field and reason if an event has what PostgreSQL cannot store, though JSON can.

    These are NUL characters in text and numbers that are not finite.
    """
    for field, value in event.items():
        reason = _unstorable(value)
        if reason:
            return field, reason
    return None


def _unstorable(value: object) -> str:
    match value:
        case str():
            return "has a NUL character" if "\0" in value else ""
        case float():
            return "" if math.isfinite(value) else "has a number that is not finite"
        case dict():
            return next(filter(None, map(_unstorable, [*value, *value.values()])), "")
        case list():
            return next(filter(None, map(_unstorable, value)), "")
        case _:
            return ""
