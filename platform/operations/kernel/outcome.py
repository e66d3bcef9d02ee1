"""How a command ends by how its operation did: one table."""

from collections.abc import Mapping

from platformctl.errors import (
    CancelledError,
    OperationTimeoutError,
    PlatformError,
    ResourceError,
)
from platformctl.operations.kernel.operation import Operation
from platformctl.operations.kernel.states import State

ERRORS: Mapping[State, type[PlatformError]] = {
    State.PAUSED_BY_FAILED_STEP: PlatformError,
    State.PAUSED_BY_OPERATOR: CancelledError,
    State.CANCELLED: CancelledError,
    State.FAILED: ResourceError,
    State.TIMED_OUT: OperationTimeoutError,
    State.ROLLED_BACK: ResourceError,
    State.ROLLBACK_FAILED: PlatformError,
}
"""State → what the command ends with; any other state is no error."""
_UNDONE = (State.CANCELLED, State.FAILED, State.TIMED_OUT, State.ROLLED_BACK)


def require_success(operation: Operation) -> None:
    """End a command as its operation did.

    Raises:
        PlatformError: It did not succeed; says where it stands and how to go on.
    """
    error = ERRORS.get(operation.state)
    if error is None:
        return
    plan, said = operation.plan, _said(operation.state)
    if operation.ending is State.FAILED:
        # It had begun, and there was nothing to go back to: a rollback that failed.
        error, said = PlatformError, "failed; requests stay where they are"
    raise error(
        f"{plan.kind} of {plan.subject} {said}",
        why=operation.outcome,
        remedy=_remedy(operation),
    )


def _said(state: State) -> str:
    words = {
        State.PAUSED_BY_FAILED_STEP: "waits where it is",
        State.PAUSED_BY_OPERATOR: "waits where it is",
        State.CANCELLED: "was undone",
        State.FAILED: "was refused; nothing was changed",
        State.TIMED_OUT: "took too long and was undone",
        State.ROLLED_BACK: "was undone",
        State.ROLLBACK_FAILED: "could not be undone",
    }
    return words[state]


def _remedy(operation: Operation) -> str:
    environment = operation.plan.environment
    if operation.state in _UNDONE:
        return f"platformctl operation report {environment} {operation.id}"
    resume = f"platformctl operation resume {environment} {operation.id}"
    if operation.state is State.ROLLBACK_FAILED:
        return f"mend the cause, then: {resume}"
    return f"{resume}, or undo it: platformctl operation abort {environment} {operation.id}"
