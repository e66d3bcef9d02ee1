"""Looking on while another process runs an operation: events out of the journal.

The journal knows what was recorded, not what was said: what a step waits for at the moment is told
to those only who run it.
"""

import threading
from collections.abc import Iterator

from platformctl.operations.kernel.clock import Clock, SystemClock
from platformctl.operations.kernel.events import Event, OperationChanged, Sampled, StepChanged, Told
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.lease import Leases, Tenure
from platformctl.operations.kernel.operation import Operation
from platformctl.operations.kernel.states import StepState

LOOK = 1.0
"""Seconds between two looks."""
SAMPLE_KEYS = frozenset({"at", "step"})
"""What the journal keeps of a sample besides its numbers."""


class Follower:
    """Tells what happens in an operation that somebody else runs.

    Args:
        journal: Where it is recorded.
        leases: Who works on what.
        name: The operation's id.
        clock: The clock.
    """

    def __init__(
        self, journal: Journal, leases: Leases, name: str, clock: Clock | None = None
    ) -> None:
        self._journal = journal
        self._leases = leases
        self._name = name
        self._clock = clock or SystemClock()
        self._seen: Operation | None = None
        self._sampled = ""
        self._beat: tuple[int, int] | None = None
        self._beaten = 0.0
        self._never = threading.Event()

    def events(self) -> Iterator[Event]:
        """Yield what happened so far and what happens, until it ends or nobody works on it.

        Raises:
            InvocationError: There is no operation of that id.
        """
        while True:
            operation = self._journal.read(self._name)
            yield from self._changes(operation)
            if operation.state.is_final:
                return
            tenure = self._leases.read(operation.plan.target)
            if is_left(operation, tenure) or self._stands_still(tenure):
                if self._journal.read(self._name).version != operation.version:
                    continue  # it ended between the two looks
                yield Told(operation=operation, text="nobody is at work on it")
                return
            self._clock.wait(self._never, LOOK)

    def _stands_still(self, tenure: Tenure | None) -> bool:
        """Tell whether a holder, maybe of another machine, gives no sign of life any more."""
        beat, now = (tenure.token, tenure.beat) if tenure else None, self._clock.monotonic()
        if beat != self._beat:
            self._beat, self._beaten = beat, now
        return now - self._beaten > self._leases.duration

    def _changes(self, operation: Operation) -> Iterator[Event]:
        before, self._seen = self._seen, operation
        if before is None:
            yield OperationChanged(operation=operation)
        known = {step.name: (step.state, step.attempt) for step in before.steps} if before else {}
        for step in operation.steps:
            if known.get(step.name, (StepState.PENDING, 0)) != (step.state, step.attempt):
                yield StepChanged(operation=operation, step=step, title=step.title)
        for sample in self._journal.samples(self._name, after=self._sampled):
            self._sampled = sample["at"]
            numbers = {name: value for name, value in sample.items() if name not in SAMPLE_KEYS}
            yield Sampled(
                operation=operation, step=sample["step"], numbers=numbers, at=sample["at"]
            )
        if before and (before.state, before.outcome) != (operation.state, operation.outcome):
            yield OperationChanged(operation=operation)


def is_left(operation: Operation, tenure: Tenure | None) -> bool:
    """Tell whether nobody is at work on an unfinished operation, as far as this machine can see."""
    if tenure is None or tenure.operation != operation.id or tenure.holder is None:
        return True
    return tenure.holder.is_gone()
