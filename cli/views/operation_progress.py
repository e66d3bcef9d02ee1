"""An operation as it goes on: events in, everything that can be said about now out.

Nothing here prints; `views.operation` and `views.operation_picture` do.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from platformctl.operations.kernel.events import (
    Event,
    Sampled,
    StepChanged,
    Waiting,
)
from platformctl.operations.kernel.operation import Operation, StepRecord
from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.report.measurement import (
    Gate,
    Measurement,
    SideNumbers,
    read_measurement,
)
from platformctl.operations.report.words import change_words

ABORTED_BY_CUTOVER = frozenset({"deploy", "cutover"})
"""Kinds of operations that `platformctl cutover abort` knows by their service."""
PAUSED = frozenset({State.PAUSED_BY_FAILED_STEP, State.PAUSED_BY_OPERATOR, State.ROLLBACK_FAILED})
GOOD = frozenset({State.SUCCEEDED, State.SUCCEEDED_WITH_EXCEPTIONS})
FRESH = 10.0
"""Seconds for which a number of a side stands in for one that a later sample leaves out."""
_TOUCHED = frozenset({StepState.RUNNING, StepState.DONE, StepState.FAILED})


@dataclass(frozen=True, kw_only=True)
class Wait:
    """What the step under way waits for.

    Attributes:
        step: Its name.
        what: For what.
        until: Monotonic seconds at which it will not wait any more.
        seconds: How long it was to wait when that was first said.
    """

    step: str
    what: str
    until: float
    seconds: float


class OperationProgress:
    """Everything an operation has said so far.

    Args:
        clock: Monotonic seconds.
        now: The time of day.

    Attributes:
        operation: As it is now; None until it has said something.
        measurement: What was measured last; None while nothing was.
        wait: What the step under way waits for; None if for nothing.
        clock: As given.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.operation: Operation | None = None
        self.measurement: Measurement | None = None
        self.wait: Wait | None = None
        self.abandoned = False
        self.clock = clock
        self._now = now

    def take(self, event: Event) -> None:
        """Take in one event."""
        self.operation = event.operation
        if isinstance(event, Waiting):
            self._waits(event)
        elif isinstance(event, Sampled):
            self._measured({**event.numbers, "at": event.at, "step": event.step})
        elif isinstance(event, StepChanged):
            self.wait = None

    def _measured(self, sample: Mapping[str, Any]) -> None:
        """Take in a sample; what it does not say of a side is as it was said just before."""
        found, before = read_measurement(sample), self.measurement
        if found is None:
            return
        known = {side.key: side for side in before.sides} if before and self.age() < FRESH else {}
        sides = tuple(_completed(side, known.get(side.key)) for side in found.sides)
        self.measurement = replace(found, sides=sides)

    def _waits(self, event: Waiting) -> None:
        seconds, same = event.seconds, self.wait
        if same and (same.step, same.what) == (event.step, event.what):
            seconds = max(seconds, same.seconds)
        self.wait = Wait(
            step=event.step,
            what=event.what,
            until=self.clock() + event.seconds,
            seconds=seconds,
        )

    def remaining(self) -> float:
        """Return how many seconds what is waited for may still take."""
        return max(0.0, self.wait.until - self.clock()) if self.wait else 0.0

    def elapsed(self) -> float:
        """Return how many seconds ago the operation was begun, or how many it took."""
        if self.operation is None:
            return 0.0
        return seconds_between(self.operation.created, self.operation.ended, self._now())

    def age(self) -> float:
        """Return how many seconds ago something was measured last."""
        if self.measurement is None:
            return 0.0
        return seconds_between(self.measurement.at, None, self._now())

    def took(self, step: StepRecord) -> float | None:
        """Return the seconds that a step took, or has taken so far; None if it never began."""
        if step.started is None or step.state in (StepState.PENDING, StepState.SKIPPED):
            return None
        return seconds_between(step.started, step.ended or step.undone, self._now())

    def current(self) -> StepRecord | None:
        """Return the step under way, forward or back; None if none is."""
        if self.operation is None:
            return None
        if self.operation.state is State.CANCELLING:
            return next(iter(self._to_undo()), None)
        running = (step for step in self.operation.steps if step.state is StepState.RUNNING)
        return next(running, None)

    def next_step(self) -> StepRecord | None:
        """Return the step that comes after the one under way; None if none does."""
        if self.operation is None or self.operation.state.is_final:
            return None
        if self.operation.state is State.CANCELLING:
            return next(iter(self._to_undo()[1:]), None)
        pending = (step for step in self.operation.steps if step.state is StepState.PENDING)
        return next(pending, None)

    def _to_undo(self) -> Sequence[StepRecord]:
        """Return the steps that are still to be undone, in the order in which they are."""
        steps = self.operation.steps if self.operation else ()
        return [step for step in reversed(steps) if step.mutates and step.state in _TOUCHED]

    def gates(self) -> Sequence[Gate]:
        """Return the limits that the step under way measures against."""
        current = self.current()
        if self.measurement is None or current is None:
            return ()
        return self.measurement.gates if self.measurement.step == current.name else ()


def _completed(side: SideNumbers, before: SideNumbers | None) -> SideNumbers:
    if before is None or before.role != side.role:
        return side
    missing = {name: vars(before)[name] for name, value in vars(side).items() if value is None}
    return replace(side, **missing)


def seconds_between(began: str | None, ended: str | None, now: datetime) -> float:
    """Return the seconds between two recorded moments; until now where the second is to come."""
    if not began:
        return 0.0
    end = datetime.fromisoformat(ended) if ended else now
    return max(0.0, (end - datetime.fromisoformat(began)).total_seconds())


def abort_command(operation: Operation, *, rehearsed: bool = False) -> str:
    """Return the command that undoes an operation; one of a rehearsal says so."""
    plan = operation.plan
    if plan.kind in ABORTED_BY_CUTOVER and plan.target.startswith("service/"):
        return _command(f"cutover abort {plan.environment} {plan.subject}", rehearsed)
    return _command(f"operation abort {plan.environment} {operation.id}", rehearsed)


def resume_command(operation: Operation, *, rehearsed: bool = False) -> str:
    """Return the command that goes on with an operation; one of a rehearsal says so."""
    return _command(f"operation resume {operation.plan.environment} {operation.id}", rehearsed)


def show_command(operation: Operation, *, rehearsed: bool = False) -> str:
    """Return the command that shows an operation; one of a rehearsal says so."""
    return _command(f"operation show {operation.plan.environment} {operation.id}", rehearsed)


def approve_command(operation: Operation, step: str, *, rehearsed: bool = False) -> str:
    """Return the command that approves a step; one of a rehearsal says so."""
    environment, name = operation.plan.environment, operation.id
    return _command(f"operation approve {environment} {name} {step} --reason '…'", rehearsed)


def _command(words: str, rehearsed: bool) -> str:
    return f"platformctl {words}{' --target local' * rehearsed}"


def change(operation: Operation) -> str:
    """Say from which release to which it goes; empty if it is not about releases."""
    return change_words(operation.plan.parameters)
