"""What is recorded about an operation: its frozen plan, its steps, and how far it is."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from platformctl.errors import StateError
from platformctl.operations.kernel.states import STEP_TRANSITIONS, TRANSITIONS, State, StepState

FORMAT = 1
"""Of the recorded document; a higher one was written by a newer platformctl."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does something.

    Attributes:
        arn: Caller's ARN as STS tells it.
        user: Name on the machine.
        host: The machine.
    """

    arn: str
    user: str
    host: str

    def __str__(self) -> str:
        return f"{self.user}@{self.host} ({self.arn})"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an operation is going to do; a change of configuration does not change it any more.

    Attributes:
        kind: What it is, such as `deploy`.
        environment: Where.
        target: What it holds alone, such as `service/analytics-api`.
        parameters: All that its steps need, as JSON has it; nothing secret.
        steps: Names of its steps, in order.
    """

    kind: str
    environment: str
    target: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    steps: Sequence[str] = ()

    @property
    def hash(self) -> str:
        """Digest of everything in it."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def subject(self) -> str:
        """What it is about, such as `analytics-api`."""
        return self.target.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    """One step of an operation.

    Attributes:
        name: Its name, unique in the operation.
        title: What it does, one clause, for people.
        mutates: Whether there is anything to undo once it has begun.
        state: How far it is.
        attempt: How often it was begun.
        started: When it was begun last, ISO 8601.
        ended: When it ended.
        undone: When it was undone.
        elapsed: Seconds it has waited, counted while somebody was there to count.
        facts: What it found and did, as JSON has it.
        error: Why it failed.
        by: Who skipped or approved it, and why.
    """

    name: str
    title: str = ""
    mutates: bool = True
    state: StepState = StepState.PENDING
    attempt: int = 0
    started: str | None = None
    ended: str | None = None
    undone: str | None = None
    elapsed: float = 0.0
    facts: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    by: str | None = None

    def to(self, state: StepState, **changes: Any) -> "StepRecord":
        """Return the record in its next state.

        Raises:
            ValueError: That state cannot follow.
        """
        if state not in STEP_TRANSITIONS[self.state]:
            raise ValueError(f"step {self.name} cannot go from {self.state} to {state}")
        return replace(self, state=state, **changes)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """An operation as it is recorded.

    Attributes:
        id: Its id; ids sort by the time they were made.
        plan: What it does.
        state: How far it is.
        steps: Its steps.
        actor: Who started it.
        reason: Why.
        commit: Commit of the project it was started from.
        created: When, ISO 8601.
        ended: When it came to its end.
        outcome: How it ended, or why it is being undone or waits, one sentence.
        ending: State that it is going to have when everything is undone.
        follows: The operation that it answers to, as a rollback does.
        version: Number of times it was written.
    """

    id: str
    plan: Plan
    state: State = State.PENDING
    steps: Sequence[StepRecord] = ()
    actor: Actor
    reason: str = ""
    commit: str = ""
    created: str = ""
    ended: str | None = None
    outcome: str = ""
    ending: State | None = None
    follows: str | None = None
    version: int = 0

    def to(self, state: State, **changes: Any) -> "Operation":
        """Return the operation in its next state; the state it is in already is no transition.

        Raises:
            ValueError: That state cannot follow.
        """
        if state != self.state and state not in TRANSITIONS[self.state]:
            raise ValueError(f"operation {self.id} cannot go from {self.state} to {state}")
        return replace(self, state=state, **changes)

    def step(self, name: str) -> StepRecord:
        """Return the record of a step."""
        return next(step for step in self.steps if step.name == name)

    def with_step(self, record: StepRecord) -> "Operation":
        """Return the operation with another record of one of its steps."""
        steps = tuple(record if step.name == record.name else step for step in self.steps)
        return replace(self, steps=steps)

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"format": FORMAT, **asdict(self), "planHash": self.plan.hash}


def make_operation(
    plan: Plan,
    actor: Actor,
    now: datetime,
    *,
    steps: Sequence[StepRecord],
    reason: str = "",
    commit: str = "",
    follows: str | None = None,
) -> Operation:
    """Return a new operation of these steps that has not begun."""
    moment = now.astimezone(UTC)
    time = f"{moment:%Y%m%dT%H%M%S}{moment.microsecond // 1000:03d}"
    return Operation(
        id=f"{time}-{plan.kind}-{plan.subject}-{secrets.token_hex(2)}",
        plan=plan,
        steps=tuple(steps),
        actor=actor,
        reason=reason,
        commit=commit,
        created=stamp(moment),
        follows=follows,
    )


def stamp(moment: datetime) -> str:
    """Return a moment as it is recorded: ISO 8601, UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_operation(text: str, name: str) -> Operation:
    """Read a recorded operation.

    Args:
        text: The document.
        name: The operation's id, for messages.

    Raises:
        StateError: It is corrupt, was changed, or was written by a newer platformctl.
    """
    try:
        document = json.loads(text)
        written = document.pop("format")
        if written > FORMAT:
            raise StateError(
                f"the record of operation {name} cannot be read",
                why=f"it has format {written}, this platformctl knows {FORMAT}",
                remedy="use the platformctl that wrote it, or a newer one",
            )
        expected = document.pop("planHash")
        operation = _read(document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _corrupt(name, repr(error)) from error
    if operation.plan.hash != expected:
        raise _corrupt(name, "its plan is not the one it was started with")
    return operation


def _read(document: dict[str, Any]) -> Operation:
    ending = document.pop("ending")
    plan = Plan(**document.pop("plan"))
    return Operation(
        **document
        | {
            "plan": replace(plan, steps=tuple(plan.steps)),
            "state": State(document["state"]),
            "ending": State(ending) if ending else None,
            "actor": Actor(**document["actor"]),
            "steps": tuple(
                StepRecord(**step | {"state": StepState(step["state"])})
                for step in document["steps"]
            ),
        }
    )


def _corrupt(name: str, why: str) -> StateError:
    return StateError(
        f"the record of operation {name} cannot be read",
        why=why,
        remedy="see what is running with platformctl status ENV, bring it in order, then give the "
        "target free: platformctl lock release ENV TARGET --reason '…'",
    )
