"""The runner: begins operations, takes them up again, and asks things of those under way."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from platformctl.errors import InvocationError, LockedError, StateError
from platformctl.operations.kernel import audit
from platformctl.operations.kernel.execution import Execution
from platformctl.operations.kernel.lease import Leases
from platformctl.operations.kernel.operation import (
    Operation,
    Plan,
    StepRecord,
    make_operation,
    stamp,
)
from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.kernel.step import Step
from platformctl.operations.kernel.tools import Tools

Steps = Callable[[Plan], Sequence[Step]]
"""Makes the steps of a plan; the same plan always gives steps of the same names."""


class Runner:
    """Runs operations of one environment.

    Args:
        tools: What they are run with.
        leases: Who may change what.
        steps: Makes the steps of a plan.
    """

    def __init__(self, tools: Tools, leases: Leases, steps: Steps) -> None:
        self.tools = tools
        self.leases = leases
        self.steps = steps
        self._journal = tools.journal

    def run(
        self, plan: Plan, *, reason: str = "", commit: str = "", follows: str | None = None
    ) -> Operation:
        """Run a plan to its end; one that is open already, with the same plan, is taken up.

        Args:
            plan: The plan; its steps are filled in.
            reason: Why.
            commit: Commit of the project.
            follows: Operation that it answers to.

        Returns:
            The operation as it ended or paused; its state says which.

        Raises:
            LockedError: Another operation is open on the target.
            AuthenticationError: AWS refuses the credentials; the operation pauses.
        """
        steps = self.steps(plan)
        plan = replace(plan, steps=tuple(step.name for step in steps))
        if found := self.open_on(plan.target):
            if found.plan.hash != plan.hash:
                self._note_refusal(plan, reason, f"operation {found.id} is open")
                raise _another_is_open(found)
            return self.resume(found.id)
        operation = make_operation(
            plan,
            self.tools.actor,
            self.tools.clock.now(),
            steps=[
                StepRecord(name=step.name, title=step.title, mutates=step.mutates) for step in steps
            ],
            reason=reason,
            commit=commit,
            follows=follows,
        )
        try:
            lease = self.leases.acquire(
                plan.target, operation.id, self.tools.actor, _purpose(operation)
            )
        except LockedError as error:
            self._note_refusal(plan, reason, str(error))
            raise
        return Execution(self.tools, lease, operation, steps).start()

    def open_on(self, target: str) -> Operation | None:
        """Return the operation that is open on a target, if one is."""
        tenure = self.leases.read(target)
        if tenure is None or tenure.operation is None:
            return None
        operation = self._journal.find(tenure.operation)
        if operation is None or operation.state.is_final:
            # Its process ended between the two writes at the beginning, or those at the end.
            if not self.leases.is_alive(tenure):
                self.leases.free(target)
            return None
        return operation

    def resume(self, name: str) -> Operation:
        """Go on with an operation: forward, or back if it was being undone.

        Where somebody is at work on it, they are told to go on, and the operation is returned as
        it is.

        Raises:
            InvocationError: It has ended.
        """
        operation = self._unfinished(name)
        self._journal.ask(name, pause=False)
        execution = self._take_up(operation)
        return execution.go_on() if execution else self._journal.read(name)

    def abort(self, name: str, reason: str) -> Operation:
        """Undo an operation; where somebody is at work on it, they are told to.

        Raises:
            InvocationError: It has ended, or nothing of it can be undone any more.
        """
        operation = self._unfinished(name)
        for step in self.steps(operation.plan):
            if step.irreversible and operation.step(step.name).state == StepState.DONE:
                raise InvocationError(
                    f"operation {name} cannot be undone any more",
                    why=f"{step.name} is done, and only the way forward is left",
                    remedy=f"platformctl operation resume {operation.plan.environment} {name}",
                )
        why = reason or "no reason given"
        self._journal.ask(name, abort=why)
        execution = self._take_up(operation)
        if execution is None:
            return self._journal.read(name)
        return execution.undo(State.CANCELLED, f"aborted: {why}")

    def pause(self, name: str) -> None:
        """Ask whoever is at work on an operation to hold where it is."""
        self._unfinished(name)
        self._journal.ask(name, pause=True)

    def promote(self, name: str, step: str) -> None:
        """End the waiting of a step, as if its time had passed."""
        self._unfinished(name)
        self._journal.ask(name, promote=step)

    def approve(self, name: str, step: str, reason: str) -> None:
        """Approve what a step waits for."""
        self._unfinished(name).step(step)
        approved = self._journal.controls(name).approved
        self._journal.ask(name, approved={**approved, step: self._by(reason)})

    def skip(self, name: str, step: str, reason: str) -> None:
        """Leave a step out; who and why is recorded.

        Raises:
            InvocationError: It is done already.
        """
        state = self._unfinished(name).step(step).state
        if state in (StepState.DONE, StepState.COMPENSATED):
            raise InvocationError(f"step {step} cannot be skipped", why=f"it is {state}")
        skipped = self._journal.controls(name).skipped
        self._journal.ask(name, skipped={**skipped, step: self._by(reason)})

    def _by(self, reason: str) -> str:
        return f"{self.tools.actor}: {reason}"

    def _unfinished(self, name: str) -> Operation:
        operation = self._journal.read(name)
        if operation.state.is_final:
            raise InvocationError(
                f"operation {name} has ended", why=f"it is {operation.state.words}"
            )
        return operation

    def _take_up(self, operation: Operation) -> Execution | None:
        """Take an operation up; None where somebody is at work on it."""
        steps = self.steps(operation.plan)
        if [step.name for step in steps] != list(operation.plan.steps):
            raise StateError(
                f"operation {operation.id} cannot be taken up",
                why="this platformctl has other steps for it than the one that started it",
                remedy="use the platformctl that started it",
            )
        target = operation.plan.target
        try:
            lease = self.leases.acquire(target, operation.id, self.tools.actor, _purpose(operation))
        except LockedError:
            tenure = self.leases.read(target)
            ended = self._journal.read(operation.id).state.is_final
            if not ended and (tenure is None or tenure.operation != operation.id):
                raise
            return None
        # Read again: until the lease was ours, somebody else may have gone on.
        return Execution(self.tools, lease, self._journal.read(operation.id), steps)

    def _note_refusal(self, plan: Plan, reason: str, why: str) -> None:
        tools = self.tools
        entry = audit.Entry(
            at=stamp(tools.clock.now()),
            actor=tools.actor,
            action=plan.kind,
            target=plan.target,
            outcome="refused",
            reason=reason,
            details={"why": why},
        )
        audit.add(self._journal.table, entry)


def _purpose(operation: Operation) -> str:
    return f"{operation.plan.kind} of {operation.plan.subject}"


def _another_is_open(found: Operation) -> LockedError:
    environment = found.plan.environment
    return LockedError(
        f"operation {found.id} is open on {found.plan.target}",
        why=f"it is {found.state.words} and has another plan than what is asked for now",
        remedy=f"go on with it: platformctl operation resume {environment} {found.id}, or undo it: "
        f"platformctl operation abort {environment} {found.id}",
    )
