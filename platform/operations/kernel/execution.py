"""Taking an operation's steps forward, or back, and recording each before and after."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.aws.clients import Clients
from platformctl.aws.failures import Meaning, meaning
from platformctl.errors import (
    AuthenticationError,
    LockedError,
    PlatformError,
    StateError,
)
from platformctl.operations.kernel import audit
from platformctl.operations.kernel.clock import Clock, SystemClock
from platformctl.operations.kernel.events import (
    Observer,
    OperationChanged,
    Sampled,
    StepChanged,
    Stopping,
    unbroken,
)
from platformctl.operations.kernel.failures import (
    InconclusiveError,
    StepFailedError,
    StepTimeoutError,
)
from platformctl.operations.kernel.fencing import fenced
from platformctl.operations.kernel.interrupt import Interrupt
from platformctl.operations.kernel.journal import Controls, Journal
from platformctl.operations.kernel.lease import Lease, Lost
from platformctl.operations.kernel.operation import (
    Actor,
    Operation,
    StepRecord,
    stamp,
)
from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.kernel.step import Context, Facts, Step, Work


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long the runner puts up with AWS not answering.

    Attributes:
        errors: Failures in a row after which it gives up (Argo Rollouts: 4).
        pause: Seconds between two attempts (Argo Rollouts: 10).
        look: Seconds between two looks at what people ask of the operation.
    """

    errors: int = 4
    pause: float = 10.0
    look: float = 1.0


class Interrupted(Exception):  # noqa: N818  # nothing went wrong
    """Somebody wants this process to stop."""


class Abort(Exception):  # noqa: N818  # nothing went wrong
    """Somebody wants the operation to be undone."""


class Halt(Exception):  # noqa: N818  # the cause is what went wrong
    """The operation cannot go on here and now; it waits for somebody.

    Attributes:
        error: Why.
    """

    def __init__(self, error: PlatformError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What operations are run with.

    Attributes:
        journal: Where they are recorded.
        clients: Makes boto3 clients.
        actor: Who runs them.
        observer: Is told what happens.
        clock: The clock.
        patience: How long to put up with AWS not answering.
    """

    journal: Journal
    clients: Clients
    actor: Actor
    observer: Observer
    clock: Clock = field(default_factory=SystemClock)
    patience: Patience = field(default_factory=Patience)


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
        self.operation = operation
        self.undoing = False
        self._tools = tools
        self._lease = lease
        self._steps = steps
        self._clients = fenced(tools.clients, lease.confirm)
        self._observer = unbroken(tools.observer)
        self._interrupt = Interrupt(self._tell_stopping)
        self._looked = float("-inf")
        self._asked = Controls()
        self._step = ""

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
        entry, made = self._entry(self.operation), self.operation
        self.operation = self._persistently(
            lambda: self._tools.journal.create(made, self._lease, entry)
        )
        self._forward()

    def _forward(self) -> None:
        try:
            if self.operation.state != State.RUNNING:
                self._to(State.RUNNING, outcome="")
            for step in self._steps:
                self._take(step)
            skipped = any(step.state == StepState.SKIPPED for step in self.operation.steps)
            self._end(State.SUCCEEDED_WITH_EXCEPTIONS if skipped else State.SUCCEEDED, "")
        except StepTimeoutError as error:
            self._back(self._ending() or State.TIMED_OUT, str(error))
        except StepFailedError as error:
            self._back(self._ending() or State.ROLLED_BACK, str(error))
        except Abort as asked:
            self._back(State.CANCELLED, f"aborted: {asked}")
        except Interrupted:
            if self._begun():
                self._to(State.PAUSED_BY_OPERATOR, outcome="interrupted")
            else:
                self._back(State.CANCELLED, "interrupted before anything was changed")
        except Halt as halt:
            self._paused(halt)

    def _paused(self, halt: Halt) -> None:
        try:
            self._to(State.PAUSED_BY_FAILED_STEP, outcome=str(halt.error))
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
        self._record(step, StepState.RUNNING, started=self._now(), attempt=record.attempt + 1)
        try:
            facts = self._attempt(step, lambda: self._do(step, context))
        except (StepFailedError, Halt) as error:
            self._record(step, StepState.FAILED, error=str(error), ended=self._now())
            raise
        self._record(
            step,
            StepState.DONE,
            facts={**self.operation.step(step.name).facts, **facts},
            ended=self._now(),
            error=None,
        )

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
                AuthenticationError(
                    f"AWS refuses the credentials at step {step.name}",
                    why=str(error),
                    remedy="log in again, then platformctl operation resume "
                    f"{self.operation.plan.environment} {self.operation.id}",
                )
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
                remedy=f"platformctl operation resume {self.operation.plan.environment} "
                f"{self.operation.id} once that is mended, or abort",
            )
        ) from error

    def _skip_if_asked(self, step: Step) -> bool:
        by = self._controls().skipped.get(step.name)
        if by:
            self._record(step, StepState.SKIPPED, by=by, ended=self._now())
        return bool(by)

    # Back

    def _back(self, ending: State, why: str) -> None:
        """Undo everything that was begun, last first; by its own rules, whoever is in a hurry."""
        if not self._begun() and ending is not State.CANCELLED:
            self._end(State.FAILED, why)
            return
        if self._past_return():
            self._to(State.PAUSED_BY_FAILED_STEP, outcome=why)
            return
        self.undoing = True
        self._to(State.CANCELLING, outcome=why, ending=ending)
        for step in reversed(self._steps):
            record = self.operation.step(step.name)
            untouched = not (step.mutates and _is_touched(record))
            if untouched or record.state == StepState.COMPENSATED:
                continue
            self._step = step.name
            try:
                self._attempt(step, lambda step=step: step.undo(self._context(step)))
            except (Halt, StepFailedError) as error:
                self._to(
                    State.ROLLBACK_FAILED, outcome=f"{why}; and {step.name} not undone: {error}"
                )
                return
            self._record(step, StepState.COMPENSATED, undone=self._now())
        self._end(ending, why)

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
        controls = self._controls(at_once=at_once)
        if controls.abort is not None:
            raise Abort(controls.abort)
        if controls.pause:
            self._hold()

    def _hold(self) -> None:
        """Hold while somebody wants it."""
        self._to(State.PAUSED_BY_OPERATOR, outcome="paused by an operator")
        while (controls := self._controls()).pause:
            if controls.abort is not None:
                raise Abort(controls.abort)
            if self._tools.clock.wait(self._interrupt.asked, self._tools.patience.look):
                raise Interrupted
            self._lease.confirm()
        self._to(State.RUNNING, outcome="")

    def _controls(self, *, at_once: bool = True) -> Controls:
        """Return what people ask; asked anew at once, or if it was not just now."""
        now = self._tools.clock.monotonic()
        if at_once or now - self._looked >= self._tools.patience.look:
            self._looked = now
            self._asked = self._persistently(
                lambda: self._tools.journal.controls(self.operation.id)
            )
        return self._asked

    def note(self, *, facts: Facts | None = None, waited: float = 0.0) -> None:
        """Record facts of the step under way, and how long it has waited."""
        record = self.operation.step(self._step)
        found = {**record.facts, **(facts or {})}
        self._write(
            self.operation.with_step(
                replace(record, facts=found, elapsed=max(waited, record.elapsed))
            )
        )

    def approval(self) -> str:
        """Wait until somebody approves the step under way; return who, and why."""
        self._to(State.WAITING_APPROVAL, outcome=f"{self._step} waits for approval")
        while not (by := self._controls().approved.get(self._step)):
            self._tools.clock.wait(self._interrupt.asked, self._tools.patience.look)
            self._lease.confirm()
            self._look(at_once=True)
        self._to(State.RUNNING, outcome="")
        return by

    def promoted(self) -> bool:
        """Tell whether somebody asked to end the waiting of the step under way."""
        return self._controls(at_once=False).promote == self._step

    def keep(self, sample: Sampled) -> None:
        """Keep a measurement; its loss would lose nothing but a point of a curve."""
        self._persistently(
            lambda: self._tools.journal.sample(
                self.operation.id, sample.at, sample.step, sample.numbers
            )
        )

    # Records

    def _context(self, step: Step) -> Context:
        tools = self._tools
        return Context(self, step.name, self._clients, tools.clock, self._observer)

    def _now(self) -> str:
        return stamp(self._tools.clock.now())

    def _record(self, step: Step, state: StepState, **changes: Any) -> None:
        record: StepRecord = self.operation.step(step.name).to(state, **changes)
        self._write(self.operation.with_step(record))
        self._observer(StepChanged(operation=self.operation, step=record, title=step.title))

    def _end(self, state: State, why: str) -> None:
        self._to(state, outcome=why, ended=self._now())

    def _to(self, state: State, **changes: Any) -> None:
        changed = self.operation.to(state, **changes)
        self._write(changed, self._entry(changed))
        self._observer(OperationChanged(operation=self.operation))

    def _entry(self, operation: Operation) -> audit.Entry:
        return audit.Entry(
            at=self._now(),
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
        """Read or write the journal, again after failures that pass.

        Raises:
            Halt: The journal does not answer; without a record nothing more is done.
        """
        for failures in range(1, self._tools.patience.errors + 2):
            try:
                return work()
            except (Lost, PlatformError):
                raise
            except Exception as error:
                found = meaning(error)
                if found is Meaning.CREDENTIALS:
                    raise Halt(_refused_credentials(self.operation, error)) from error
                if found is not Meaning.TRANSIENT or failures > self._tools.patience.errors:
                    raise Halt(_no_journal(self.operation, error)) from error
            self._tools.clock.wait(self._interrupt.asked, self._tools.patience.pause)
        raise AssertionError("unreachable")


def _is_touched(record: StepRecord) -> bool:
    """Tell whether a step was ever begun."""
    return record.attempt > 0


def _refused_credentials(operation: Operation, error: Exception) -> AuthenticationError:
    return AuthenticationError(
        "AWS refuses the credentials",
        why=str(error),
        remedy="log in again, then platformctl operation resume "
        f"{operation.plan.environment} {operation.id}",
    )


def _no_journal(operation: Operation, error: Exception) -> StateError:
    return StateError(
        "the operations table cannot be written",
        why=f"{error}; without a record nothing more is done",
        remedy="once it answers: platformctl operation resume "
        f"{operation.plan.environment} {operation.id}",
    )
