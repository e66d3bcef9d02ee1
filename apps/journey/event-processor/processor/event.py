"""User events: what they must be, and what they are called in the tables."""

import base64
import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeSerializer

LONGEST_WORD = 256
"""Characters of an id or a type."""
FRACTION_DIGITS = 9
LARGEST = 350_000
"""Bytes of a record; an item of DynamoDB has at most 400 KB, names and keys included."""
LATEST = 32_503_680_000_000
"""The year 3000 in milliseconds: later is seconds and milliseconds mixed up."""


class PoisonError(Exception):
    """A record that is no user event and never will be."""


@dataclass(frozen=True)
class Event:
    """One user event.

    Attributes:
        event_id: What makes it itself: the sender's id for it, else a digest of its content.
        user_id: Who did it.
        session_id: Session it belongs to.
        event_type: What was done.
        moment: When, in milliseconds since the epoch.
        properties: Further facts.
        metadata: About the sending.
    """

    event_id: str
    user_id: str
    session_id: str
    event_type: str
    moment: int
    properties: dict[str, Any]
    metadata: dict[str, Any]

    @property
    def sort_key(self) -> Decimal:
        """When, with a fraction that follows from the id.

        Two events of a user in one millisecond stay two, and the same event again is the same.
        """
        digest = hashlib.sha256(self.event_id.encode()).digest()
        fraction = 1 + int.from_bytes(digest[:8], "big") % (10**FRACTION_DIGITS - 1)
        # DynamoDB writes numbers without trailing zeros, so ours are compared with its.
        return (Decimal(self.moment) + Decimal(fraction).scaleb(-FRACTION_DIGITS)).normalize()

    @property
    def key(self) -> tuple[str, Decimal]:
        """Its key in the table of events."""
        return self.user_id, self.sort_key


def parse(data: str) -> Event:
    """Read the data of a Kinesis record, Base64 of JSON.

    Raises:
        PoisonError: It is no user event; the message says why.
    """
    try:
        plain = base64.b64decode(data, validate=True)
        # DynamoDB knows no binary fractions, and neither it nor JSON knows NaN.
        document = json.loads(plain, parse_float=Decimal, parse_constant=_refuse)
    except ValueError as error:
        raise PoisonError(f"the record is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise PoisonError("the record is no JSON object")
    if len(plain) > LARGEST:
        raise PoisonError(f"the record has {len(plain)} bytes: at most {LARGEST} fit into an item")
    metadata = _object(document, "metadata")
    return Event(
        event_id=_id(document, metadata),
        user_id=_word(document, "userId"),
        session_id=_word(document, "sessionId"),
        event_type=_word(document, "eventType"),
        moment=_moment(document),
        properties=_object(document, "properties"),
        metadata=metadata,
    )


def _word(document: dict[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_WORD:
        raise PoisonError(f"{name} must be 1 to {LONGEST_WORD} characters, not {value!r:.60}")
    return value


def _object(document: dict[str, Any], name: str) -> dict[str, Any]:
    value = document.get(name, {})
    if not isinstance(value, dict):
        raise PoisonError(f"{name} must be an object, not {value!r:.60}")
    try:
        TypeSerializer().serialize(value)
    except (TypeError, ArithmeticError) as error:
        raise PoisonError(f"{name} has a number that DynamoDB cannot hold: {error}") from error
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _moment(document: dict[str, Any]) -> int:
    value = document.get("timestamp")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < LATEST:
        raise PoisonError(f"timestamp must be milliseconds since the epoch, not {value!r:.60}")
    return value


def _id(document: dict[str, Any], metadata: dict[str, Any]) -> str:
    given = metadata.get("eventId")
    if isinstance(given, str) and given:
        return given
    text = json.dumps(document, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
