"""Steps: what operations are made of, and what a step is given to work with."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from platformctl.aws.clients import Clients
from platformctl.operations.kernel.clock import Clock
from platformctl.operations.kernel.events import Event, Observer, Sampled, Told, Waiting
from platformctl.operations.kernel.failures import StepTimeoutError
from platformctl.operations.kernel.operation import Operation, stamp
from platformctl.operations.kernel.states import State

Found = TypeVar("Found")
Facts = Mapping[str, Any]
TICK = 0.5
"""Seconds between two looks at something that is waited for."""
COUNTED = 5.0
"""Seconds of waiting after which the time waited so far is recorded."""


class Step(ABC):
    """One step. It is level-triggered: whoever takes it a second time changes nothing more.

    Attributes:
        name: Its name, unique in its operation, such as `shift-10`.
        title: What it does, one clause, for people.
        mutates: Whether there is anything to undo once it has begun.
        irreversible: Whether nothing before it can be undone once it is done.
        ending: State of the operation where the step fails, once everything is undone; None for
            `rolled_back`, or `timed_out`.
    """

    name: str
    title: str
    mutates: ClassVar[bool] = True
    irreversible: ClassVar[bool] = False
    ending: State | None = None

    def observe(self, context: "Context") -> Facts | None:  # noqa: ARG002  # for others to use
        """Return the facts if everything is already as the step would make it, else None."""
        return None

    @abstractmethod
    def apply(self, context: "Context") -> Facts:
        """Do it; return what later steps and the report need to know, as JSON has it.

        Raises:
            StepFailedError: A check said no.
            InconclusiveError: Neither yes nor no can be said.
        """

    def verify(self, context: "Context") -> None:  # noqa: B027  # many prove themselves in `apply`
        """Make sure, by reading AWS back, that it is as it should be.

        Raises:
            StepFailedError: It is not.
        """

    def undo(self, context: "Context") -> None:  # noqa: B027  # many have nothing to undo
        """Take back what it did, however far it came."""

    def holds(self, context: "Context") -> bool:  # noqa: ARG002  # for others to use
        """Tell whether what it did still is so, asked when an operation is taken up again.

        A step that does not hold any more is taken once more.
        """
        return True


class Work(ABC):
    """What a context asks of the runner; it alone writes the record."""

    undoing: bool

    @property
    @abstractmethod
    def operation(self) -> Operation:
        """The operation as it is now."""

    @abstractmethod
    def guard(self) -> None:
        """Stop where somebody asked for it, or where the lease is lost."""

    @abstractmethod
    def note(self, *, facts: Facts | None = None, waited: float = 0.0) -> None:
        """Record facts of the step under way, and how long it has waited."""

    @abstractmethod
    def approval(self) -> str:
        """Wait until somebody approves the step under way; return who, and why."""

    @abstractmethod
    def promoted(self) -> bool:
        """Tell whether somebody asked to end the waiting of the step under way."""

    @abstractmethod
    def keep(self, sample: Sampled) -> None:
        """Keep a measurement with the operation."""


class Context:
    """What a step works with.

    Args:
        work: The runner's side.
        step: Name of the step.
        clients: Makes boto3 clients whose changing calls confirm the lease first.
        clock: The clock.
        observer: Is told what happens.

    Attributes:
        clients: As given.
        clock: As given.
        step: As given.
    """

    def __init__(
        self, work: Work, step: str, clients: Clients, clock: Clock, observer: Observer
    ) -> None:
        self._work = work
        self._observer = observer
        self._stopped = threading.Event()
        self.step = step
        self.clients = clients
        self.clock = clock

    @property
    def operation(self) -> Operation:
        """The operation as it is now."""
        return self._work.operation

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Parameters of the plan."""
        return self.operation.plan.parameters

    @property
    def undoing(self) -> bool:
        """Whether the operation is being undone."""
        return self._work.undoing

    @property
    def token(self) -> str:
        """Client token of the step: the same however often it is taken."""
        return f"{self.operation.id}-{self.step}"

    def facts(self, step: str | None = None) -> Facts:
        """Return the facts of a step; of the one under way by default."""
        return self.operation.step(step or self.step).facts

    def note(self, **facts: Any) -> None:
        """Record facts at once, such as the id of something before it is used."""
        self._work.note(facts=facts)

    def guard(self) -> None:
        """Stop here if somebody asked for it; for long work between two calls."""
        self._work.guard()

    def approval(self) -> str:
        """Wait until somebody approves this step; return who did, and why."""
        return self._work.approval()

    def tell(self, text: str, *details: str) -> None:
        """Tell people something."""
        self._emit(Told(operation=self.operation, text=text, details=details))

    def sample(self, **numbers: Any) -> None:
        """Keep a measurement for the live view and the report."""
        at = stamp(self.clock.now())
        sample = Sampled(operation=self.operation, step=self.step, numbers=numbers, at=at)
        self._work.keep(sample)
        self._emit(sample)

    def pause(self, seconds: float, what: str, every: Callable[[], None] | None = None) -> None:
        """Let time pass: what was waited before an interruption counts, by elapsed time.

        Args:
            seconds: How long in all.
            what: For what, for people.
            every: Called at every tick, to look after something meanwhile.
        """
        waited = counted = 0.0 if self.undoing else self.operation.step(self.step).elapsed
        while waited < seconds and not self._work.promoted():
            self.guard()
            self._emit(
                Waiting(
                    operation=self.operation, step=self.step, what=what, seconds=seconds - waited
                )
            )
            began = self.clock.monotonic()
            if every:
                every()
            left = seconds - waited - (self.clock.monotonic() - began)
            self.clock.wait(self._stopped, max(0.0, min(TICK, left)))
            waited += self.clock.monotonic() - began
            if waited - counted >= COUNTED:
                self._work.note(waited=waited)
                counted = waited
        self._work.note(waited=waited)

    def until(
        self,
        condition: Callable[[], Found | None],
        *,
        within: float,
        what: str,
        why_not: Callable[[], str] = str,
        every: float = TICK,
    ) -> Found:
        """Wait until something is so.

        Args:
            condition: Returns something true once it is; may raise to give up.
            within: Seconds that it may take.
            what: What is waited for, for people.
            why_not: Says why it is not so yet, for the error.
            every: Seconds between two looks.

        Raises:
            StepTimeoutError: It was not so in time.
        """
        began = self.clock.monotonic()
        while not (found := condition()):
            left = within - (self.clock.monotonic() - began)
            if left <= 0:
                raise StepTimeoutError(f"{what} took longer than {within:g} s", why=why_not())
            self._emit(Waiting(operation=self.operation, step=self.step, what=what, seconds=left))
            self.guard()
            self.clock.wait(self._stopped, min(every, left))
        return found

    def _emit(self, event: Event) -> None:
        self._observer(event)
