"""The states of operations and steps, and which may follow which."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """State of an operation, in the words of ARC Region switch."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED_BY_FAILED_STEP = "paused_by_failed_step"
    PAUSED_BY_OPERATOR = "paused_by_operator"
    WAITING_APPROVAL = "waiting_approval"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    SUCCEEDED = "succeeded"
    SUCCEEDED_WITH_EXCEPTIONS = "succeeded_with_exceptions"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    ROLLED_BACK = "rolled_back"
    ROLLBACK_FAILED = "rollback_failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing follows."""
        return not TRANSITIONS[self]

    @property
    def words(self) -> str:
        """Its name as people read it, such as `paused by operator`."""
        return self.value.replace("_", " ")


class StepState(StrEnum):
    """State of a step."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    COMPENSATED = "compensated"


_HELD = {State.RUNNING, State.CANCELLING, State.FAILED}
_ENDS = {State.SUCCEEDED, State.SUCCEEDED_WITH_EXCEPTIONS}
_UNDONE = {State.CANCELLED, State.ROLLED_BACK, State.TIMED_OUT, State.FAILED}

TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.PENDING: frozenset({State.RUNNING, State.CANCELLING}),
    State.RUNNING: frozenset(
        {
            State.PAUSED_BY_FAILED_STEP,
            State.PAUSED_BY_OPERATOR,
            State.WAITING_APPROVAL,
            State.CANCELLING,
            State.FAILED,
            *_ENDS,
        }
    ),
    State.PAUSED_BY_FAILED_STEP: frozenset(_HELD),
    State.PAUSED_BY_OPERATOR: frozenset(_HELD),
    State.WAITING_APPROVAL: frozenset({*_HELD, State.PAUSED_BY_OPERATOR}),
    State.CANCELLING: frozenset({State.ROLLBACK_FAILED, *_UNDONE}),
    # A rollback that failed may be tried again: nothing else gets the environment out of it.
    State.ROLLBACK_FAILED: frozenset({State.CANCELLING}),
    State.CANCELLED: frozenset(),
    State.SUCCEEDED: frozenset(),
    State.SUCCEEDED_WITH_EXCEPTIONS: frozenset(),
    State.FAILED: frozenset(),
    State.TIMED_OUT: frozenset(),
    State.ROLLED_BACK: frozenset(),
}
STEP_TRANSITIONS: Mapping[StepState, frozenset[StepState]] = {
    StepState.PENDING: frozenset({StepState.RUNNING, StepState.SKIPPED}),
    StepState.RUNNING: frozenset(
        {
            StepState.RUNNING,
            StepState.DONE,
            StepState.FAILED,
            StepState.SKIPPED,
            StepState.COMPENSATED,
        }
    ),
    StepState.FAILED: frozenset({StepState.RUNNING, StepState.SKIPPED, StepState.COMPENSATED}),
    StepState.DONE: frozenset({StepState.RUNNING, StepState.COMPENSATED}),
    StepState.SKIPPED: frozenset({StepState.COMPENSATED}),
    StepState.COMPENSATED: frozenset({StepState.COMPENSATED}),
}
