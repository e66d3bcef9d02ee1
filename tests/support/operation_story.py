"""The events of a deploy as the kernel tells them, with the times they would have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from platformctl.operations.kernel.audit import Entry
from platformctl.operations.kernel.events import (
    Event,
    OperationChanged,
    Sampled,
    StepChanged,
    Told,
    Waiting,
)
from platformctl.operations.kernel.operation import Actor, Operation, Plan, StepRecord, stamp
from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.report.measurement import (
    Gate,
    Measurement,
    SideNumbers,
    read_measurement,
)
from platformctl.operations.report.report import Report

BEGAN = datetime(2026, 11, 21, 12, tzinfo=UTC)
ACTOR = Actor(
    arn="arn:aws:sts::000000000000:assumed-role/operators/ada", user="ada", host="console"
)
TITLES = {
    "preflight": "make sure that it may begin",
    "expand": "add what the new release needs to the schema",
    "start": "start the idle side",
    "ready": "wait until every task of it takes requests",
    "smoke": "check it on the test listener",
    "shift-10": "give the new side 10 % of the requests",
    "analyse-10": "compare both sides",
    "shift-50": "give the new side 50 % of the requests",
    "analyse-50": "compare both sides",
    "shift-100": "give the new side all requests",
    "bake": "watch the new side with all requests",
    "promote": "make the new side the one that serves",
}
MUTATING = frozenset({"expand", "start", "shift-10", "shift-50", "shift-100", "promote"})
SECONDS = {"start": 3.0, "ready": 6.0, "smoke": 1.0}
ANALYSIS = 12.0


@dataclass
class Story:
    """Tells what happens in an operation; its clock is turned as it goes on.

    Attributes:
        fails: Step whose gate says no; None for a deploy that succeeds.
        parameters: Parameters of the plan.
        reason: Why somebody began it.
    """

    fails: str | None = None
    parameters: Mapping[str, Any] = field(
        default_factory=lambda: {"before": {"release": "r6"}, "after": {"release": "r7"}}
    )
    reason: str = "grouping by page"
    elapsed: float = 0.0
    operation: Operation = field(init=False)

    def __post_init__(self) -> None:
        plan = Plan(
            kind="deploy",
            environment="staging",
            target="service/analytics-api",
            parameters=self.parameters,
            steps=tuple(TITLES),
        )
        self.operation = Operation(
            id="20261121T120000-deploy-analytics-api-5a3c",
            plan=plan,
            steps=tuple(
                StepRecord(name=name, title=title, mutates=name in MUTATING)
                for name, title in TITLES.items()
            ),
            actor=ACTOR,
            reason=self.reason,
            commit="1f0c9a7",
            created=stamp(BEGAN),
        )

    def clock(self) -> float:
        """Return the seconds that have passed."""
        return self.elapsed

    def now(self) -> datetime:
        """Return the time of day."""
        return BEGAN + timedelta(seconds=self.elapsed)

    def events(self, until: str | None = None) -> Iterator[Event]:
        """Yield the events, as far as the middle of a step."""
        yield self._to(State.RUNNING)
        for name in TITLES:
            yield self._step(name, StepState.RUNNING, started=stamp(self.now()), attempt=1)
            yield from self._work(name)
            if name == until:
                return
            if name == self.fails:
                yield from self._back(name)
                return
            yield self._step(name, StepState.DONE, ended=stamp(self.now()))
        yield self._to(State.SUCCEEDED, ended=stamp(self.now()))

    def _work(self, name: str) -> Iterator[Event]:
        if name.startswith("analyse") or name == "bake":
            for second in range(int(ANALYSIS)):
                left = ANALYSIS - second
                yield Waiting(
                    operation=self.operation, step=name, what="12 s of requests", seconds=left
                )
                self.elapsed += 1
                yield self._sampled(name)
            return
        self.elapsed += SECONDS.get(name, 0.4)
        if name == "ready":
            yield Told(
                operation=self.operation,
                text="a task of green was started again",
                details=("HealthCheck: no answer on /health",),
            )

    def _back(self, name: str) -> Iterator[Event]:
        why = "green fails too often: 5.2 % of its requests (at most 1 %)"
        yield self._step(name, StepState.FAILED, ended=stamp(self.now()), error=why)
        yield self._to(State.CANCELLING, outcome=why, ending=State.ROLLED_BACK)
        done = [step.name for step in self.operation.steps if step.attempt and step.mutates]
        for each in reversed(done):
            if each == "start":
                yield Waiting(
                    operation=self.operation, step=each, what="green being looked at", seconds=3
                )
            self.elapsed += 0.2
            yield self._step(each, StepState.COMPENSATED, undone=stamp(self.now()))
        yield self._to(State.ROLLED_BACK, ended=stamp(self.now()))

    def _sampled(self, name: str) -> Event:
        weight = 100.0 if name == "bake" else float(name.rpartition("-")[2])
        broken = name == self.fails
        measurement = Measurement(
            sides=(
                SideNumbers(
                    key="blue",
                    role="old",
                    version="r6",
                    desired=2,
                    running=2,
                    healthy=2,
                    weight=100 - weight,
                    requests=3.0 * (100 - weight),
                    errors=0.0,
                    p95=41 + self.elapsed % 3,
                ),
                SideNumbers(
                    key="green",
                    role="new",
                    version="r7",
                    desired=2,
                    running=2,
                    healthy=2,
                    weight=weight,
                    requests=3.0 * weight,
                    errors=5.2 if broken else 0.1,
                    p95=44 + self.elapsed % 4,
                ),
            ),
            gates=(
                Gate(
                    name="success",
                    value=94.8 if broken else 99.9,
                    limit=99,
                    comparison="≥",
                    unit="%",
                    passed=not broken,
                ),
                Gate(name="p95", value=47, limit=500, unit="ms", passed=True),
                Gate(
                    name="requests",
                    value=12,
                    limit=50,
                    comparison="≥",
                    passed=None,
                ),
            ),
        )
        at = stamp(self.now())
        return Sampled(operation=self.operation, step=name, numbers=measurement.document(), at=at)

    def _step(self, name: str, state: StepState, **changes: Any) -> Event:
        record = self.operation.step(name).to(state, **changes)
        self.operation = self.operation.with_step(record)
        return StepChanged(operation=self.operation, step=record, title=record.title)

    def _to(self, state: State, **changes: Any) -> Event:
        self.operation = self.operation.to(state, **changes)
        return OperationChanged(operation=self.operation)


def samples(events: Sequence[Event]) -> list[Mapping[str, Any]]:
    """Return the samples among events as the journal keeps them."""
    return [
        {"at": event.at, "step": event.step, **event.numbers}
        for event in events
        if isinstance(event, Sampled)
    ]


def told(story: Story) -> Report:
    """Return the report of a story, told to its end."""
    measurements = (read_measurement(sample) for sample in samples(list(story.events())))
    ends = ("pending", "running", str(story.operation.state))
    return Report(
        operation=story.operation,
        measurements=tuple(each for each in measurements if each),
        entries=tuple(
            Entry(
                at=stamp(story.now()),
                actor=ACTOR,
                action="deploy",
                target=story.operation.plan.target,
                outcome=outcome,
                reason=story.reason,
                details={"operation": story.operation.id},
            )
            for outcome in ends
        ),
    )
