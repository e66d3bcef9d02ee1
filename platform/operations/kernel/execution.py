"""Taking an operation's steps forward, or back, and recording each before and after."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.aws.failures import Meaning, meaning
from platformctl.errors import AuthenticationError, LockedError, PlatformError
from platformctl.operations.kernel.events import Sampled, Stopping, unbroken
from platformctl.operations.kernel.failures import (
    Abort,
    Halt,
    InconclusiveError,
    Interrupted,
    StepFailedError,
    StepTimeoutError,
)
from platformctl.operations.kernel.fencing import fenced
from platformctl.operations.kernel.interrupt import Interrupt
from platformctl.operations.kernel.lease import Lease, Lost
from platformctl.operations.kernel.operation import Operation, StepRecord
from platformctl.operations.kernel.record import Record, refused_credentials, resuming
from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.kernel.step import Context, Facts, Step, Work
from platformctl.operations.kernel.tools import Tools


class Execution(Work):
    """One process's work on one operation.

    Args:
        tools: What it works with.
        lease: The lease on the operation's target.
        operation: The operation as it is recorded.
        steps: Its steps.
    """

    def __init__(
        self, tools: Tools, lease: Lease, operation: Operation, steps: Sequence[Step]
    ) -> None:
        self.undoing = False
        self._tools = tools
        self._lease = lease
        self._steps = steps
        self._clients = fenced(tools.clients, lease.confirm)
        self._observer = unbroken(tools.observer)
        self._interrupt = Interrupt(self._tell_stopping)
        self._record = Record(tools, lease, operation, self._observer, self._interrupt.asked)
        self._step = ""

    @property
    def operation(self) -> Operation:
        """The operation as it is recorded now."""
        return self._record.operation

    def start(self) -> Operation:
        """Record the operation and take its steps."""
        return self._guarded(self._create_and_go)

    def go_on(self) -> Operation:
        """Go on where it was left."""
        if self.operation.state.is_final:
            self._lease.close()
            return self.operation
        if self.operation.ending:
            return self.undo(self.operation.ending, self.operation.outcome)
        return self._guarded(self._forward)

    def undo(self, ending: State, why: str) -> Operation:
        """Undo it."""
        return self._guarded(lambda: self._back(ending, why))

    def _guarded(self, work: Callable[[], None]) -> Operation:
        """Work while the lease is kept; leave it as the operation's state asks."""
        with self._interrupt, self._lease:
            try:
                work()
            except Halt as halt:
                raise halt.error from halt
            except Lost as error:
                raise LockedError(
                    f"somebody else went on with operation {self.operation.id}",
                    why="this process did not renew its lease in time",
                    remedy=f"platformctl operation show {self.operation.plan.environment} "
                    f"{self.operation.id}",
                ) from error
            finally:
                # What cannot be told now is seen by others: the lease is not renewed any more.
                with suppress(ClientError, BotoCoreError):
                    if self.operation.state.is_final:
                        self._lease.close()
                    else:
                        self._lease.leave()
        return self.operation

    def _tell_stopping(self) -> None:
        self._observer(Stopping(operation=self.operation, undoing=self.undoing))

    # Forward

    def _create_and_go(self) -> None:
        self._record.create()
        self._forward()

    def _forward(self) -> None:
        try:
            if self.operation.state != State.RUNNING:
                self._record.to(State.RUNNING, outcome="")
            for step in self._steps:
                self._take(step)
            skipped = any(step.state == StepState.SKIPPED for step in self.operation.steps)
            self._record.end(State.SUCCEEDED_WITH_EXCEPTIONS if skipped else State.SUCCEEDED, "")
        except StepTimeoutError as error:
            self._back(self._ending() or State.TIMED_OUT, str(error))
        except StepFailedError as error:
            self._back(self._ending() or State.ROLLED_BACK, str(error))
        except Abort as asked:
            self._back(State.CANCELLED, f"aborted: {asked}")
        except Interrupted:
            if self._begun():
                self._record.to(State.PAUSED_BY_OPERATOR, outcome="interrupted")
            else:
                self._back(State.CANCELLED, "interrupted before anything was changed")
        except Halt as halt:
            self._paused(halt)

    def _paused(self, halt: Halt) -> None:
        try:
            self._record.to(State.PAUSED_BY_FAILED_STEP, outcome=str(halt.error))
        except Halt:
            # The journal does not answer either; what it says last is enough to go on from.
            raise halt from None
        if isinstance(halt.error, AuthenticationError):
            raise halt

    def _take(self, step: Step) -> None:
        record, self._step = self.operation.step(step.name), step.name
        context = self._context(step)
        if record.state == StepState.SKIPPED:
            return
        if record.state == StepState.DONE and self._attempt(step, lambda: step.holds(context)):
            return
        self._look(at_once=True)
        if self._skip_if_asked(step):
            return
        now, attempt = self._record.now, record.attempt + 1
        self._record.mark(step, StepState.RUNNING, started=now, attempt=attempt)
        try:
            facts = self._attempt(step, lambda: self._do(step, context))
        except (StepFailedError, Halt) as error:
            self._record.mark(step, StepState.FAILED, error=str(error), ended=self._record.now)
            raise
        facts = {**self.operation.step(step.name).facts, **facts}
        self._record.mark(step, StepState.DONE, facts=facts, ended=self._record.now, error=None)

    def _do(self, step: Step, context: Context) -> Facts:
        facts = step.observe(context)
        if facts is None:
            self._lease.confirm()
            facts = step.apply(context)
        step.verify(context)
        return facts

    def _attempt(self, step: Step, work: Callable[[], Any]) -> Any:
        """Work, again after failures that pass."""
        failures = 0
        while True:
            try:
                return work()
            except (StepFailedError, Interrupted, Abort, Lost, Halt):
                raise
            except InconclusiveError as error:
                raise Halt(error) from error
            except Exception as error:  # noqa: BLE001  # classified, and raised again as `Halt`
                failures += 1
                self._wait_or_halt(step, error, failures)

    def _wait_or_halt(self, step: Step, error: Exception, failures: int) -> None:
        """Wait where a failure may pass.

        Raises:
            Halt: It does not, or not soon enough.
        """
        found, patience = meaning(error), self._tools.patience
        if found is Meaning.CREDENTIALS:
            raise Halt(
                refused_credentials(self.operation, error, f" at step {step.name}")
            ) from error
        if found is Meaning.TRANSIENT and failures <= patience.errors:
            self._context(step).tell(
                f"AWS does not answer (attempt {failures} of {patience.errors + 1})", str(error)
            )
            if not self.undoing:
                self._look(at_once=True)
            self._tools.clock.wait(self._interrupt.asked, patience.pause)
            return
        if isinstance(error, PlatformError):
            raise Halt(error) from error
        raise Halt(
            PlatformError(
                f"step {step.name} could not be done",
                why=f"{type(error).__name__}: {error}",
                remedy=f"{resuming(self.operation)} once that is mended, or abort",
            )
        ) from error

    def _skip_if_asked(self, step: Step) -> bool:
        by = self._record.controls().skipped.get(step.name)
        if by:
            self._record.mark(step, StepState.SKIPPED, by=by, ended=self._record.now)
        return bool(by)

    # Back

    def _back(self, ending: State, why: str) -> None:
        """Undo everything that was begun, last first; by its own rules, whoever is in a hurry."""
        if not self._begun() and ending is not State.CANCELLED:
            self._record.end(State.FAILED, why)
            return
        if self._past_return():
            self._record.to(State.PAUSED_BY_FAILED_STEP, outcome=why)
            return
        self.undoing = True
        self._record.to(State.CANCELLING, outcome=why, ending=ending)
        for step in reversed(self._steps):
            record = self.operation.step(step.name)
            untouched = not (step.mutates and _is_touched(record))
            if untouched or record.state == StepState.COMPENSATED:
                continue
            self._step = step.name
            try:
                self._attempt(step, lambda step=step: step.undo(self._context(step)))
            except (Halt, StepFailedError) as error:
                self._record.to(
                    State.ROLLBACK_FAILED, outcome=f"{why}; and {step.name} not undone: {error}"
                )
                return
            self._record.mark(step, StepState.COMPENSATED, undone=self._record.now)
        self._record.end(ending, why)

    def _begun(self) -> bool:
        """Tell whether there is anything to undo."""
        return any(
            step.mutates and _is_touched(self.operation.step(step.name)) for step in self._steps
        )

    def _ending(self) -> State | None:
        """Return the state that the step under way wants to end in if it fails."""
        return next((step.ending for step in self._steps if step.name == self._step), None)

    def _past_return(self) -> bool:
        return any(
            step.irreversible and self.operation.step(step.name).state == StepState.DONE
            for step in self._steps
        )

    # What a context asks

    def guard(self) -> None:
        """Stop where somebody asked for it, or where the lease is lost; hold while paused."""
        self._lease.confirm()
        if not self.undoing:
            self._look()

    def _look(self, *, at_once: bool = False) -> None:
        if self._interrupt.asked.is_set():
            raise Interrupted
        controls = self._record.controls(at_once=at_once)
        if controls.abort is not None:
            raise Abort(controls.abort)
        if controls.pause:
            self._hold()

    def _hold(self) -> None:
        """Hold while somebody wants it."""
        self._record.to(State.PAUSED_BY_OPERATOR, outcome="paused by an operator")
        while (controls := self._record.controls()).pause:
            if controls.abort is not None:
                raise Abort(controls.abort)
            if self._tools.clock.wait(self._interrupt.asked, self._tools.patience.look):
                raise Interrupted
            self._lease.confirm()
        self._record.to(State.RUNNING, outcome="")

    def note(self, *, facts: Facts | None = None, waited: float = 0.0) -> None:
        """Record facts of the step under way, and how long it has waited."""
        self._record.note(self._step, facts=facts, waited=waited)

    def approval(self) -> str:
        """Wait until somebody approves the step under way; return who, and why."""
        self._record.to(State.WAITING_APPROVAL, outcome=f"{self._step} waits for approval")
        while not (by := self._record.controls().approved.get(self._step)):
            self._tools.clock.wait(self._interrupt.asked, self._tools.patience.look)
            self._lease.confirm()
            self._look(at_once=True)
        self._record.to(State.RUNNING, outcome="")
        return by

    def promoted(self) -> bool:
        """Tell whether somebody asked to end the waiting of the step under way."""
        return self._record.controls(at_once=False).promote == self._step

    def keep(self, sample: Sampled) -> None:
        """Keep a measurement with the operation."""
        self._record.keep(sample)

    def _context(self, step: Step) -> Context:
        tools = self._tools
        return Context(self, step.name, self._clients, tools.clock, self._observer)


def _is_touched(record: StepRecord) -> bool:
    """Tell whether a step was ever begun."""
    return record.attempt > 0
