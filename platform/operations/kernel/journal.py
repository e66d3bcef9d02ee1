"""The journal: every operation as it is now, written before and after whatever it does."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from platformctl.errors import InvocationError
from platformctl.operations.kernel import audit
from platformctl.operations.kernel.lease import Lease, Lost
from platformctl.operations.kernel.operation import Operation, read_operation
from platformctl.operations.kernel.table import (
    ABSENT,
    Condition,
    Item,
    OperationsTable,
    RefusedError,
    text,
)

PARTITION = "operations"


@dataclass(frozen=True, kw_only=True)
class Controls:
    """What people asked of an operation that somebody else's process runs.

    Attributes:
        pause: Whether it is to hold where it is.
        abort: Why it is to be undone.
        promote: Step whose waiting is to end at once, as if its time had passed.
        approved: Step → who approved it, and why.
        skipped: Step → who skipped it, and why.
    """

    pause: bool = False
    abort: str | None = None
    promote: str | None = None
    approved: Mapping[str, str] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)


class Journal:
    """The operations of an environment.

    Args:
        table: The operations table.
    """

    def __init__(self, table: OperationsTable) -> None:
        self.table = table

    def create(self, operation: Operation, lease: Lease, entry: audit.Entry) -> Operation:
        """Record a new operation."""
        return self._write(operation, lease, entry, ABSENT)

    def save(
        self, operation: Operation, lease: Lease, entry: audit.Entry | None = None
    ) -> Operation:
        """Record an operation as it is now; return it with its new version.

        Args:
            operation: The operation.
            lease: The lease that this process holds on its target.
            entry: Line of the audit log that belongs to the change.

        Raises:
            Lost: The lease is somebody else's now; nothing was written.
        """
        unchanged = Condition(
            expression="#version = :version",
            names=["version"],
            values={"version": operation.version},
        )
        return self._write(operation, lease, entry, unchanged)

    def _write(
        self, operation: Operation, lease: Lease, entry: audit.Entry | None, condition: Condition
    ) -> Operation:
        written = replace(operation, version=operation.version + 1)
        puts: list[tuple[Item, Condition | None]] = [(_item(written), condition)]
        if entry:
            puts.append((audit.item(entry), ABSENT))
        try:
            self.table.write(*puts, check=lease.check)
        except RefusedError as error:
            if self._found(written.id) != text(written.document()):  # else the answer was lost
                raise Lost(operation.plan.target) from error
        return written

    def read(self, name: str) -> Operation:
        """Return an operation.

        Raises:
            InvocationError: There is none of that id.
            StateError: Its record cannot be read.
        """
        operation = self.find(name)
        if operation is None:
            raise InvocationError(
                f"there is no operation {name!r}", remedy="platformctl operation list ENV"
            )
        return operation

    def find(self, name: str) -> Operation | None:
        """Return an operation, None if there is none of that id."""
        found = self._found(name)
        return read_operation(found, name) if found else None

    def _found(self, name: str) -> str | None:
        item = self.table.get(PARTITION, name)
        return item["document"] if item else None

    def all(self) -> Iterator[Operation]:
        """Yield the operations, newest first."""
        for item in self.table.query(PARTITION, newest_first=True):
            yield read_operation(item["document"], item["sk"])

    def ask(self, name: str, **changes: Any) -> Controls:
        """Ask something of an operation, which its process sees within a second."""
        asked = replace(self.controls(name), **changes)
        document = {"pk": f"operation#{name}", "sk": "control", "document": text(vars(asked))}
        self.table.put(document)
        return asked

    def controls(self, name: str) -> Controls:
        """Return what was asked of an operation."""
        item = self.table.get(f"operation#{name}", "control")
        return Controls(**json.loads(item["document"])) if item else Controls()

    def sample(self, name: str, at: str, step: str, numbers: Mapping[str, Any]) -> None:
        """Keep a measurement with an operation."""
        self.table.put(
            {
                "pk": f"operation#{name}",
                "sk": f"sample#{at}",
                "document": text({"at": at, "step": step, **numbers}),
            }
        )

    def samples(self, name: str, after: str = "") -> list[Mapping[str, Any]]:
        """Return the measurements of an operation, oldest first; only those after a moment."""
        found = self.table.query(f"operation#{name}", prefix="sample#", after=f"sample#{after}")
        return [json.loads(item["document"]) for item in found]


def _item(operation: Operation) -> Item:
    return {
        "pk": PARTITION,
        "sk": operation.id,
        "version": operation.version,
        "state": str(operation.state),
        "target": operation.plan.target,
        "document": text(operation.document()),
    }
