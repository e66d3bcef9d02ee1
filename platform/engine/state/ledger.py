"""The resources of a stack while an operation changes them.

Every change goes to the journal before it counts. The order of the resources is that of Pulumi's
snapshots: first everything the running operation has put or kept, in that order, then what it has
not reached yet, in the order of the checkpoint. So what is recorded stands behind what it needs.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from platformctl.engine.state.changes import Change, Drop, Keep, Put, Rename, Rewind, Set
from platformctl.engine.state.checkpoint import Checkpoint
from platformctl.engine.state.resource import PendingOperation, Resource


class Writer(Protocol):
    """Takes down what happens; returns only when it is safe on the disk, where that is asked."""

    def begin(self, operation: int, pending: PendingOperation) -> None:
        """Take down that an operation starts; safe on return."""
        ...

    def end(self, operation: int | None, changes: Sequence[Change], *, safe: bool) -> None:
        """Take down changes, and which operation ended with them."""
        ...

    def sync(self) -> None:
        """Wait until everything taken down so far is safe."""
        ...


@dataclass(frozen=True)
class Entry:
    """A recorded resource and its slot."""

    slot: int
    resource: Resource


class Ledger:
    """The recorded resources; safe to use from several threads.

    Args:
        checkpoint: Where to start from.
        writer: Takes every change down; None for a preview, which is forgotten.
    """

    def __init__(self, checkpoint: Checkpoint, writer: Writer | None = None) -> None:
        self._writer = writer
        self._lock = threading.RLock()
        self._rest = dict(enumerate(checkpoint.resources))
        self._done: dict[int, Resource] = {}
        self._next_slot = len(self._rest)
        self._names: dict[str, str] = {}
        self._live: dict[str, int] = {}
        for slot, resource in self._rest.items():
            if not resource.delete:
                self._live[resource.urn] = slot
        self._pending = dict(enumerate(checkpoint.pending))
        self._next_operation = len(self._pending)
        self._changed = False

    @property
    def changed(self) -> bool:
        """Whether anything is recorded otherwise than at the start; order does not count."""
        with self._lock:
            return self._changed

    def live(self, urn: str) -> Entry | None:
        """Return the current resource of that URN; superseded ones do not count."""
        with self._lock:
            slot = self._live.get(urn)
            return None if slot is None else Entry(slot, self._at(slot))

    def entries(self) -> list[Entry]:
        """Return everything recorded, in order, superseded resources included."""
        with self._lock:
            both = (*self._done.items(), *self._rest.items())
            return [Entry(slot, each.renamed(self._names)) for slot, each in both]

    def unreached(self) -> list[Entry]:
        """Return what was neither put nor kept yet, in order."""
        with self._lock:
            return [Entry(slot, each.renamed(self._names)) for slot, each in self._rest.items()]

    def pending(self) -> dict[int, PendingOperation]:
        """Return what was begun and not ended, by number of operation."""
        with self._lock:
            return dict(self._pending)

    def checkpoint(self, secrets_state: str = "") -> Checkpoint:
        """Return everything as it stands now."""
        with self._lock:
            resources = [entry.resource for entry in self.entries()]
            return Checkpoint(resources, list(self._pending.values()), secrets_state)

    def begin(self, type_: str, resource: Resource) -> int:
        """Record that an operation on a resource starts; on return a crash cannot lose it.

        Args:
            type_: `creating`, `updating`, `deleting` or `reading`.
            resource: The resource as it will be recorded.
        """
        with self._lock:
            operation = self._next_operation
            pending = PendingOperation(type_, resource)
            if self._writer:
                self._writer.begin(operation, pending)
            self._changed = True
            self._next_operation += 1
            self._pending[operation] = pending
        if self._writer:
            self._writer.sync()
        return operation

    def end(self, operation: int, *changes: Change) -> None:
        """Record how an operation ended; on return a crash cannot lose it."""
        self._apply(operation, changes, safe=True)

    def record(self, *changes: Change, safe: bool = False) -> None:
        """Record changes that no provider had a part in."""
        self._apply(None, changes, safe=safe)

    def _apply(self, operation: int | None, changes: Sequence[Change], *, safe: bool) -> None:
        with self._lock:
            if self._writer:
                self._writer.end(operation, changes, safe=safe)
            self.replay(operation, changes)
        if self._writer and safe:
            self._writer.sync()

    def replay_begin(self, operation: int, pending: PendingOperation) -> None:
        """Repeat a `begin` that is in the journal already."""
        self._pending[operation] = pending
        self._next_operation = operation + 1

    def replay(self, operation: int | None, changes: Sequence[Change]) -> None:
        """Repeat changes that are in the journal already."""
        if operation is not None:
            del self._pending[operation]
        for change in changes:
            self._changed |= not isinstance(change, Keep | Rewind)
            self._change(change)

    def _change(self, change: Change) -> None:
        match change:
            case Put(resource, replaces):
                if replaces is not None:
                    self._forget(replaces)
                slot = self._next_slot
                self._next_slot += 1
                self._done[slot] = resource
                self._index(slot, resource)
            case Set(slot, resource):
                home = self._done if slot in self._done else self._rest
                self._unindex(slot)
                home[slot] = resource
                self._index(slot, resource)
            case Keep(slot):
                if slot in self._rest:
                    self._done[slot] = self._rest.pop(slot)
            case Drop(slot):
                self._forget(slot)
            case Rename(old, new):
                self._names[old] = new
            case Rewind():
                self._rest = {**self._done, **self._rest}
                self._done = {}

    def _at(self, slot: int) -> Resource:
        resource = self._done[slot] if slot in self._done else self._rest[slot]
        return resource.renamed(self._names)

    def _forget(self, slot: int) -> None:
        self._unindex(slot)
        if self._done.pop(slot, None) is None:
            del self._rest[slot]

    def _index(self, slot: int, resource: Resource) -> None:
        if not resource.delete:
            self._live[resource.urn] = slot

    def _unindex(self, slot: int) -> None:
        urn = self._at(slot).urn
        if self._live.get(urn) == slot:
            del self._live[urn]
