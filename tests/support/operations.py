"""The operations kernel under test: a journal in a real table, a clock that is turned, kills."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from platformctl.operations.kernel.events import Event
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.lease import Leases
from platformctl.operations.kernel.operation import Actor, Plan
from platformctl.operations.kernel.runner import Runner
from platformctl.operations.kernel.step import Context, Facts, Step
from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.kernel.tools import Patience, Tools

ACTOR = Actor(arn="arn:aws:sts::000000000000:assumed-role/x/y", user="ada", host="console")
SHORT = 0.05
"""Seconds that leases last, where a test waits for one to be lost."""


def create_table(client: Any, name: str) -> None:
    """Create a table as the stacks make the operations table."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )


class TurnedClock:
    """A clock whose time passes only where somebody waits, and whose hands tests turn."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 11, 21, 12, tzinfo=UTC)
        self.elapsed = 0.0

    def now(self) -> datetime:
        """Return the wall clock's time."""
        return self.wall

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        return self.elapsed

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Let time pass."""
        self.elapsed += seconds
        self.wall += timedelta(seconds=seconds)
        return event.is_set()


class Killed(BaseException):
    """The process is no more: nothing catches it."""


class Killer:
    """Ends the process at its n-th moment; a dead process reaches nothing any more.

    Moments are right before and right after each write and each effect.
    """

    def __init__(self, at: int | None = None) -> None:
        self.moments = 0
        self._at = at
        self._main = threading.get_ident()
        self.dead = False

    def moment(self) -> None:
        """Pass a moment."""
        main = threading.get_ident() == self._main
        if self.dead:
            raise Killed if main else ConnectionAbortedError("the process is no more")
        if main:  # how often the thread of a lease renews it is not determined
            self.moments += 1
            if self.moments == self._at:
                self.dead = True
                raise Killed

    def around(self, work: Callable[[], Any]) -> Any:
        """Work between two moments."""
        self.moment()
        found = work()
        self.moment()
        return found


@dataclass(frozen=True)
class KilledTable(OperationsTable):
    """The operations table as a process sees it that is going to be killed."""

    killer: Killer = field(default_factory=Killer)

    def _call(self, action: str, **arguments: Any) -> Any:
        if action in ("get_item", "query"):
            return super()._call(action, **arguments)
        return self.killer.around(lambda: super(KilledTable, self)._call(action, **arguments))


@dataclass
class World:
    """What operations change.

    Attributes:
        values: It, by name.
        effects: How often each was changed.
    """

    values: dict[str, Any] = field(default_factory=dict)
    effects: list[tuple[str, Any]] = field(default_factory=list)

    def set(self, name: str, value: Any) -> None:
        """Change something."""
        self.values[name] = value
        self.effects.append((name, value))


class SetStep(Step):
    """Sets a value; waits before it; fails if it is told to."""

    def __init__(
        self, world: World, killer: Killer, name: str, *, waits: float = 0, fails: bool = False
    ) -> None:
        self.name, self.title = name, f"set {name}"
        self._world, self._killer, self._waits, self._fails = world, killer, waits, fails

    def observe(self, context: Context) -> Facts | None:
        return {"seen": True} if self._world.values.get(self.name) == "new" else None

    def apply(self, context: Context) -> Facts:
        if self._waits:
            context.pause(self._waits, "its time")
        if self._fails:
            raise StepFailedError(f"{self.name} said no")
        self._killer.around(lambda: self._world.set(self.name, "new"))
        return {"waited": self._waits}

    def undo(self, context: Context) -> None:
        if self._world.values.get(self.name) == "new":
            self._killer.around(lambda: self._world.set(self.name, "old"))

    def holds(self, context: Context) -> bool:
        return self._world.values.get(self.name) == "new"


MakeSteps = Callable[[Killer], Sequence[Step]]


@dataclass
class Console:
    """A place where operations are run; each `runner` is a process of its own.

    Attributes:
        client: DynamoDB client.
        table: Name of the operations table.
        make: Makes the steps.
        clock: The clock.
        events: What was told.
        lease: Seconds that leases last.
    """

    client: Any
    table: str
    make: MakeSteps
    clock: TurnedClock = field(default_factory=TurnedClock)
    events: list[Event] = field(default_factory=list)
    lease: float = SHORT
    patience: Patience = field(default_factory=lambda: Patience(errors=2, pause=1, look=2))

    def runner(self, killer: Killer | None = None) -> Runner:
        """Return a runner in a process that a killer may end."""
        killer = killer or Killer()
        table = KilledTable(self.client, self.table, killer)
        tools = Tools(
            journal=Journal(table),
            clients=lambda service, region: self.client,
            actor=ACTOR,
            observer=self.events.append,
            clock=self.clock,
            patience=self.patience,
        )
        return Runner(tools, Leases(table, duration=self.lease), lambda plan: self.make(killer))

    @property
    def journal(self) -> Journal:
        """The journal as anybody reads it."""
        return Journal(OperationsTable(self.client, self.table))

    @property
    def leases(self) -> Leases:
        """The leases as anybody sees them."""
        return Leases(OperationsTable(self.client, self.table), duration=self.lease)


def plan(target: str = "service/web", **parameters: Any) -> Plan:
    """Return a plan; its steps are the console's."""
    return Plan(kind="deploy", environment="local", target=target, parameters=parameters)


def states(steps: Sequence[Any]) -> Mapping[str, str]:
    """Return the states of steps by name."""
    return {step.name: str(step.state) for step in steps}
