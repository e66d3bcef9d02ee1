"""What can happen to the recorded resources: six kinds of change, each one JSON array.

A resource is known by its slot: the resources of the checkpoint have the slots 0, 1, 2, … in order,
every `Put` takes the next free one. Replaying the changes in the order they were made therefore
gives the same slots again, and the journal need not name the slot of a new resource.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from platformctl.engine.state.checkpoint import decode_resource, encode_resource
from platformctl.engine.state.resource import Resource
from platformctl.engine.state.secrets import PassphraseSecrets


@dataclass(frozen=True)
class Put:
    """Record a resource behind all that were put or kept so far; takes a new slot.

    Attributes:
        replaces: Slot that it takes the place of, or None.
    """

    resource: Resource
    replaces: int | None = None


@dataclass(frozen=True)
class Set:
    """Change the resource in a slot without moving it."""

    slot: int
    resource: Resource


@dataclass(frozen=True)
class Keep:
    """The resource in a slot is still wanted as it is; moves it behind all put or kept so far."""

    slot: int


@dataclass(frozen=True)
class Drop:
    """Forget the resource in a slot."""

    slot: int


@dataclass(frozen=True)
class Rename:
    """References to one URN now mean another."""

    old: str
    new: str


@dataclass(frozen=True)
class Rewind:
    """Nothing counts as put or kept any more; the order stays."""


Change = Put | Set | Keep | Drop | Rename | Rewind


def encode(change: Change, secrets: PassphraseSecrets) -> list[Any]:
    """Return a change as JSON."""
    match change:
        case Put(resource, replaces):
            return ["put", encode_resource(resource, secrets), replaces]
        case Set(slot, resource):
            return ["set", slot, encode_resource(resource, secrets)]
        case Keep(slot):
            return ["keep", slot]
        case Drop(slot):
            return ["drop", slot]
        case Rename(old, new):
            return ["rename", old, new]
        case Rewind():
            return ["rewind"]


def decode(fields: Sequence[Any], secrets: PassphraseSecrets) -> Change:
    """Read a change from JSON.

    Raises:
        ValueError: It is none of the known kinds.
    """
    match fields:
        case ["put", record, replaces]:
            return Put(decode_resource(record, secrets), replaces)
        case ["set", slot, record]:
            return Set(slot, decode_resource(record, secrets))
        case ["keep", slot]:
            return Keep(slot)
        case ["drop", slot]:
            return Drop(slot)
        case ["rename", old, new]:
            return Rename(old, new)
        case ["rewind"]:
            return Rewind()
    raise ValueError(f"unknown change {fields[:1]}")
