"""Leases: who may change a target now, proven with every write by a token that only grows.

A target's item stays for ever, as its token must never be used twice. `operation` says which
operation is open on it; without one the target is free. `beat` is a count which the holder moves
on; whether it stands still is what others judge by, on their own clock: clocks of two machines
need not agree.
"""

import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from platformctl.errors import LockedError
from platformctl.operations.kernel.clock import Clock, SystemClock
from platformctl.operations.kernel.operation import Actor, stamp
from platformctl.operations.kernel.table import (
    ABSENT,
    Check,
    Condition,
    Item,
    OperationsTable,
    RefusedError,
)

PARTITION = "lease"
EVERYTHING = "environment"
"""Target that excludes all others of the environment."""
DURATION = 15.0
"""Seconds after which a holder whose beat stands still has lost its lease; it beats thrice."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who holds a lease.

    Attributes:
        actor: Who.
        pid: Its process.
        process_started: When that process was started, so that a pid used again is told apart.
        purpose: What for, one clause.
        since: Since when, ISO 8601.
    """

    actor: Actor
    pid: int
    process_started: float
    purpose: str
    since: str

    def is_gone(self) -> bool:
        """Tell whether its process was on this machine and is no more."""
        if self.actor.host != os.uname().nodename:
            return False
        import psutil  # noqa: PLC0415  # looking at leases need not wait for it

        try:
            return _started(self.pid) != self.process_started
        except psutil.NoSuchProcess:
            return True


@dataclass(frozen=True, kw_only=True)
class Tenure:
    """What is recorded about a target.

    Attributes:
        target: The target.
        token: Number of the lease, one more each time.
        operation: The operation that is open on it.
        holder: Who holds it; None where the open operation waits for somebody to go on with it.
        beat: What the holder moves on.
    """

    target: str
    token: int
    operation: str | None = None
    holder: Holder | None = None
    beat: int = 0


class Lost(Exception):  # noqa: N818  # not an error of this process: somebody else went on
    """The lease is somebody else's now."""


class Leases:
    """The leases of an environment.

    Args:
        table: The operations table.
        clock: The clock to watch others by.
        duration: Seconds that a lease lasts without a beat.
        environment: The environment, as commands name it.
    """

    def __init__(
        self,
        table: OperationsTable,
        clock: Clock | None = None,
        duration: float = DURATION,
        environment: str = "ENV",
    ) -> None:
        self._table = table
        self._environment = environment
        self._clock = clock or SystemClock()
        self.duration = duration

    def read(self, target: str) -> Tenure | None:
        """Return who holds a target, if anybody ever did."""
        item = self._table.get(PARTITION, target)
        return _tenure(item) if item else None

    def all(self) -> list[Tenure]:
        """Return every target on which an operation is open."""
        found = map(_tenure, self._table.query(PARTITION))
        return [tenure for tenure in found if tenure.operation]

    def is_abandoned(self, operation: str, target: str) -> bool:
        """Tell at once whether the process that worked on an operation was here and is no more.

        One on another machine can only be watched, as `is_alive` does.
        """
        found = self.read(target)
        if found is None or found.operation != operation or found.holder is None:
            return False
        return found.holder.is_gone()

    def acquire(self, target: str, operation: str, actor: Actor, purpose: str) -> "Lease":
        """Take a target for an operation that is new, or whose holder is gone.

        Raises:
            LockedError: Another operation is open on it, or somebody is at work on this one.
        """
        found = self.read(target)
        if found and found.operation:
            self._refuse_unless_resumable(found, operation)
        tenure = Tenure(
            target=target,
            token=(found.token if found else 0) + 1,
            operation=operation,
            holder=self._holder(actor, purpose),
        )
        try:
            self._table.put(_item(tenure), _still(found))
        except RefusedError as error:
            now = self.read(target)
            if now != tenure:  # else the answer to the write was lost
                raise _locked(now or tenure, self._environment) from error
        lease = Lease(self._table, tenure, self._clock, self.duration)
        try:
            self._refuse_beside(tenure)
        except LockedError:
            lease.close()
            raise
        return lease

    def free(self, target: str) -> Tenure | None:
        """Give a target free whoever holds it; return what was recorded, None if it was free.

        Its holder's next write is refused.
        """
        found = self.read(target)
        if not (found and found.operation):
            return None
        self._table.put(_item(Tenure(target=target, token=found.token + 1)), _still(found))
        return found

    def free_waiting(self) -> list[Tenure]:
        """Give free every target whose open operation nobody is at work on; return those."""
        waiting = [each for each in self.all() if each.holder is None or each.holder.is_gone()]
        for tenure in waiting:
            self.free(tenure.target)
        return waiting

    def is_alive(self, tenure: Tenure) -> bool:
        """Tell whether a holder is still there; watches it for as long as a lease lasts."""
        if tenure.holder is None or tenure.holder.is_gone():
            return False
        until = self._clock.monotonic() + self.duration
        while self._clock.monotonic() < until:
            self._clock.wait(threading.Event(), self.duration / 15)
            if self.read(tenure.target) != tenure:
                return True
        return False

    def _refuse_unless_resumable(self, found: Tenure, operation: str) -> None:
        if found.operation != operation or self.is_alive(found):
            raise _locked(found, self._environment)

    def _refuse_beside(self, tenure: Tenure) -> None:
        """Refuse where the environment and a part of it would be changed at once.

        Both write first and look then, so that of two at the same time at least one sees the other.
        """
        others = [
            other
            for other in self.all()
            if other.target != tenure.target
            and EVERYTHING in (tenure.target, other.target)
            and not _is_abandoned(other)
        ]
        if others:
            raise _locked(others[0], self._environment)

    def _holder(self, actor: Actor, purpose: str) -> Holder:
        return Holder(
            actor=actor,
            pid=os.getpid(),
            process_started=_started(os.getpid()),
            purpose=purpose,
            since=stamp(self._clock.now()),
        )


class Lease:
    """A lease that this process holds, kept alive by a thread until it is left or closed.

    Attributes:
        tenure: What was recorded.
    """

    def __init__(
        self, table: OperationsTable, tenure: Tenure, clock: Clock, duration: float
    ) -> None:
        self.tenure = tenure
        self._table = table
        self._clock = clock
        self._duration = duration
        self._confirmed = clock.monotonic()
        self._lost = False
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)

    def __enter__(self) -> "Lease":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def check(self) -> Check:
        """The condition that every write of its operation carries."""
        return Check(
            pk=PARTITION,
            sk=self.tenure.target,
            condition=Condition(
                expression="#token = :token", names=["token"], values={"token": self.tenure.token}
            ),
        )

    def confirm(self) -> None:
        """Make sure that it is still ours, at the table if that was not done just now.

        Raises:
            Lost: It is somebody else's.
        """
        if not self._lost and self._clock.monotonic() - self._confirmed >= self._duration / 2:
            self._renew()
        if self._lost:
            raise Lost(self.tenure.target)

    def leave(self) -> None:
        """Stop working on the operation; it stays open, and anybody may go on with it."""
        self._write(operation=self.tenure.operation)

    def close(self) -> None:
        """Give the target free."""
        self._write(operation=None)

    def _write(self, *, operation: str | None) -> None:
        self._ended.set()  # a beat after this would take it again
        with self._writing:
            tenure = Tenure(target=self.tenure.target, token=self.tenure.token, operation=operation)
            try:
                self._table.put(_item(tenure), self.check.condition)
            except RefusedError:
                self._lost = True

    def _beat(self) -> None:
        while not self._clock.wait(self._ended, self._duration / 3) and not self._lost:
            try:
                self._renew()
            except Exception:  # noqa: BLE001, S112  # `confirm` asks again before anything is done
                continue

    def _renew(self) -> None:
        with self._writing:
            if self._ended.is_set():
                return
            asked = self._clock.monotonic()
            beaten = Tenure(
                target=self.tenure.target,
                token=self.tenure.token,
                operation=self.tenure.operation,
                holder=self.tenure.holder,
                beat=self.tenure.beat + 1,
            )
            try:
                self._table.put(_item(beaten), self.check.condition)
            except RefusedError:
                self._lost = True
            else:
                self.tenure, self._confirmed = beaten, asked


def _started(pid: int) -> float:
    import psutil  # noqa: PLC0415  # as above

    return psutil.Process(pid).create_time()


def _is_abandoned(tenure: Tenure) -> bool:
    """Tell whether what held the whole environment, and needs no going on, is gone."""
    holder = tenure.holder
    return tenure.target == EVERYTHING and holder is not None and holder.is_gone()


def _still(found: Tenure | None) -> Condition:
    """Return the condition that a target is as it was read."""
    if found is None:
        return ABSENT
    return Condition(
        expression="#token = :token AND #beat = :beat",
        names=["token", "beat"],
        values={"token": found.token, "beat": found.beat},
    )


def _item(tenure: Tenure) -> Item:
    return {"pk": PARTITION, "sk": tenure.target} | {
        name: _as_text(value) for name, value in asdict(tenure).items() if name != "target"
    }


def _as_text(value: Any) -> Any:
    """Return a value as an item holds it: DynamoDB's numbers are not Python's floats."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return {name: _as_text(each) for name, each in value.items()}
    return value


def _tenure(item: Item) -> Tenure:
    holder = item.get("holder")
    return Tenure(
        target=item["sk"],
        token=int(item["token"]),
        operation=item.get("operation"),
        holder=_read_holder(holder) if holder else None,
        beat=int(item["beat"]),
    )


def _read_holder(item: Mapping[str, Any]) -> Holder:
    return Holder(
        actor=Actor(**item["actor"]),
        pid=int(item["pid"]),
        process_started=float(item["process_started"]),
        purpose=item["purpose"],
        since=item["since"],
    )


def _locked(tenure: Tenure, environment: str) -> LockedError:
    if tenure.holder is None:
        why = f"operation {tenure.operation} is open on it and waits for somebody to go on with it"
        remedy = (
            f"platformctl operation resume {environment} {tenure.operation}, or undo it: "
            f"platformctl operation abort {environment} {tenure.operation}"
        )
        return LockedError(f"{tenure.target} is not free", why=why, remedy=remedy)
    holder = tenure.holder
    return LockedError(
        f"{tenure.target} is held by {holder.actor}",
        why=f"{holder.purpose}, since {holder.since}, process {holder.pid}, "
        f"operation {tenure.operation}",
        remedy=f"see how far it is: platformctl operation show {environment} {tenure.operation}; "
        f"if its process is gone: platformctl operation resume {environment} {tenure.operation}",
    )
