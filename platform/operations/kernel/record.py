"""An operation as its journal holds it: what is not written there has not happened."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from platformctl.aws.failures import Meaning, meaning
from platformctl.errors import AuthenticationError, PlatformError, StateError
from platformctl.operations.kernel import audit
from platformctl.operations.kernel.events import Observer, OperationChanged, Sampled, StepChanged
from platformctl.operations.kernel.failures import Halt
from platformctl.operations.kernel.journal import Controls
from platformctl.operations.kernel.lease import Lease, Lost
from platformctl.operations.kernel.operation import Operation, StepRecord, stamp
from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.kernel.step import Facts, Step
from platformctl.operations.kernel.tools import Tools


class Record:
    """The record of one operation, written by the process that holds the lease on its target.

    Each method writes or reads the journal, again after failures that pass.

    Args:
        tools: What operations are run with.
        lease: The lease; a write fails where it is lost.
        operation: The operation as it is recorded.
        observer: Is told what has been written.
        stopped: Is set when this process is to stop, so that nothing is waited for any more.

    Raises:
        Halt: The journal does not answer; without a record nothing more is done.
    """

    def __init__(
        self,
        tools: Tools,
        lease: Lease,
        operation: Operation,
        observer: Observer,
        stopped: threading.Event,
    ) -> None:
        self.operation = operation
        self._tools = tools
        self._lease = lease
        self._observer = observer
        self._stopped = stopped
        self._looked = float("-inf")
        self._asked = Controls()

    @property
    def now(self) -> str:
        """The time as records have it."""
        return stamp(self._tools.clock.now())

    def create(self) -> None:
        """Write the operation for the first time."""
        made, entry = self.operation, self._entry(self.operation)
        self.operation = self._persistently(
            lambda: self._tools.journal.create(made, self._lease, entry)
        )

    def to(self, state: State, **changes: Any) -> None:
        """Write down that the operation is in another state."""
        changed = self.operation.to(state, **changes)
        self._write(changed, self._entry(changed))
        self._observer(OperationChanged(operation=self.operation))

    def end(self, state: State, why: str) -> None:
        """Write down how the operation ended."""
        self.to(state, outcome=why, ended=self.now)

    def mark(self, step: Step, state: StepState, **changes: Any) -> None:
        """Write down that a step is in another state."""
        record: StepRecord = self.operation.step(step.name).to(state, **changes)
        self._write(self.operation.with_step(record))
        self._observer(StepChanged(operation=self.operation, step=record, title=step.title))

    def note(self, step: str, *, facts: Facts | None = None, waited: float = 0.0) -> None:
        """Write down facts of a step, and how long it has waited."""
        record = self.operation.step(step)
        found = {**record.facts, **(facts or {})}
        elapsed = max(waited, record.elapsed)
        self._write(self.operation.with_step(replace(record, facts=found, elapsed=elapsed)))

    def keep(self, sample: Sampled) -> None:
        """Keep a measurement with the operation."""
        self._persistently(
            lambda: self._tools.journal.sample(
                self.operation.id, sample.at, sample.step, sample.numbers
            )
        )

    def controls(self, *, at_once: bool = True) -> Controls:
        """Return what people ask; asked anew at once, or if it was not just now."""
        now = self._tools.clock.monotonic()
        if at_once or now - self._looked >= self._tools.patience.look:
            self._looked = now
            self._asked = self._persistently(
                lambda: self._tools.journal.controls(self.operation.id)
            )
        return self._asked

    def _entry(self, operation: Operation) -> audit.Entry:
        return audit.Entry(
            at=self.now,
            actor=self._tools.actor,
            action=operation.plan.kind,
            target=operation.plan.target,
            outcome=str(operation.state),
            reason=operation.reason,
            details={"operation": operation.id, "outcome": operation.outcome},
        )

    def _write(self, operation: Operation, entry: audit.Entry | None = None) -> None:
        self.operation = self._persistently(
            lambda: self._tools.journal.save(operation, self._lease, entry)
        )

    def _persistently(self, work: Callable[[], Any]) -> Any:
        for failures in range(1, self._tools.patience.errors + 2):
            try:
                return work()
            except (Lost, PlatformError):
                raise
            except Exception as error:
                found = meaning(error)
                if found is Meaning.CREDENTIALS:
                    raise Halt(refused_credentials(self.operation, error)) from error
                if found is not Meaning.TRANSIENT or failures > self._tools.patience.errors:
                    raise Halt(_no_journal(self.operation, error)) from error
            self._tools.clock.wait(self._stopped, self._tools.patience.pause)
        raise AssertionError("unreachable")


def resuming(operation: Operation) -> str:
    """Return the command that goes on with an operation."""
    return f"platformctl operation resume {operation.plan.environment} {operation.id}"


def refused_credentials(
    operation: Operation, error: Exception, where: str = ""
) -> AuthenticationError:
    """Return what to tell somebody whose credentials AWS refuses."""
    return AuthenticationError(
        f"AWS refuses the credentials{where}",
        why=str(error),
        remedy=f"log in again, then {resuming(operation)}",
    )


def _no_journal(operation: Operation, error: Exception) -> StateError:
    return StateError(
        "the operations table cannot be written",
        why=f"{error}; without a record nothing more is done",
        remedy=f"once it answers: {resuming(operation)}",
    )
