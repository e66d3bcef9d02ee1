"""Which release of each service serves, on which side, and which one was meant to.

Which side gets requests is always read from AWS; this is what the last operation left behind, so
that a difference shows that somebody else was there, and that a rollback knows where to go.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from platformctl.operations.cutover.version import Version
from platformctl.operations.kernel.table import Item, OperationsTable

PARTITION = "standing"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the last operation on a service left behind.

    Attributes:
        service: Its name.
        side: Side that serves.
        running: What serves.
        other: What the other side had served before, which a rollback goes back to; None where
            nothing did.
        desired: Release that was meant to serve; another than `running` after a rollback.
        operation: The operation that left it so.
        since: Since when, ISO 8601.
    """

    service: str
    side: str
    running: Version
    other: Version | None = None
    desired: str = ""
    operation: str = ""
    since: str = ""

    @property
    def degraded(self) -> bool:
        """Whether something else serves than was meant to."""
        return bool(self.desired) and self.desired != self.running.release


def read_standing(table: OperationsTable, service: str) -> Standing | None:
    """Return what serves of a service; None before its first operation."""
    item = table.get(PARTITION, service)
    return standing_of(item) if item else None


def standings(table: OperationsTable) -> Iterator[Standing]:
    """Yield what serves of every service that an operation has changed."""
    yield from map(standing_of, table.query(PARTITION))


def write_standing(table: OperationsTable, standing: Standing) -> None:
    """Record what serves now."""
    item: dict[str, Any] = {**asdict(standing), "pk": PARTITION, "sk": standing.service}
    table.put(item)


def forget_standing(table: OperationsTable, service: str) -> None:
    """Forget what serves, as before its first operation."""
    table.delete(PARTITION, service)


def standing_of(item: Item) -> Standing:
    """Return what an item, or the facts of a step, say."""
    other = item.get("other")
    return Standing(
        service=item["service"],
        side=item["side"],
        running=Version(**item["running"]),
        other=Version(**other) if other else None,
        desired=item.get("desired", ""),
        operation=item.get("operation", ""),
        since=item.get("since", ""),
    )
