"""The audit log: who did what to an environment, when, why, and what came of it; only added to."""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from platformctl.operations.kernel.operation import Actor, stamp
from platformctl.operations.kernel.table import ABSENT, Item, OperationsTable, text

PARTITION = "audit"
_NUMBERS = count()
"""Keep what one process writes within a millisecond in order."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the audit log.

    Attributes:
        at: When, ISO 8601.
        actor: Who.
        action: What, such as `deploy` or `flag set`.
        target: To what, such as `service/analytics-api`.
        outcome: What came of it: an operation's state, `refused`, `done`.
        reason: Why it was done.
        details: More, as JSON has it; nothing secret.
    """

    at: str
    actor: Actor
    action: str
    target: str
    outcome: str
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def item(entry: Entry) -> Item:
    """Return an entry as the table holds it; two of one moment do not meet."""
    return {
        "pk": PARTITION,
        "sk": f"{entry.at}#{next(_NUMBERS):06d}-{secrets.token_hex(3)}",
        "at": entry.at,
        "actor": vars(entry.actor),
        "action": entry.action,
        "target": entry.target,
        "outcome": entry.outcome,
        "reason": entry.reason,
        "details": text(entry.details),
    }


def add(table: OperationsTable, entry: Entry) -> None:
    """Write a line; none is ever written over."""
    table.put(item(entry), ABSENT)


def note(
    table: OperationsTable,
    actor: Actor,
    action: str,
    target: str,
    outcome: str,
    *,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write a line of this moment, for what is no operation."""
    entry = Entry(
        at=stamp(datetime.now(UTC)),
        actor=actor,
        action=action,
        target=target,
        outcome=outcome,
        reason=reason,
        details=details or {},
    )
    add(table, entry)


def entries(table: OperationsTable, since: str = "") -> Iterator[Entry]:
    """Yield the lines, newest first, back to a moment (ISO 8601)."""
    for found in table.query(PARTITION, newest_first=True):
        if found["at"] < since:
            return
        yield Entry(
            at=found["at"],
            actor=Actor(**found["actor"]),
            action=found["action"],
            target=found["target"],
            outcome=found["outcome"],
            reason=found.get("reason", ""),
            details=json.loads(found["details"]),
        )
