"""What an operation came to, as plain data: the source of the JSON document and of the page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from platformctl.operations.kernel import audit
from platformctl.operations.kernel.audit import Entry
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.operation import Operation, StepRecord
from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.report.measurement import Gate, Measurement, read_measurement
from platformctl.operations.report.redaction import redacted

VERSION = 1
"""Of the document; `report.schema.json` describes it."""
SUCCEEDED = frozenset({State.SUCCEEDED, State.SUCCEEDED_WITH_EXCEPTIONS})


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """What a limit said during one step.

    Attributes:
        step: The step.
        name: What is limited.
        unit: Unit of the figures.
        comparison: How values must stand to the limit.
        limit: What is allowed.
        last: The value that decided.
        worst: The value farthest on the wrong side, or nearest to it.
        passed: What the last one said; None if that could not be said.
        measured: How often it was measured.
        refused: How often it said no.
    """

    step: str
    name: str
    unit: str
    comparison: str
    limit: float
    last: float | None
    worst: float | None
    passed: bool | None
    measured: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """An operation with everything that is known about it.

    Attributes:
        operation: As it is recorded.
        measurements: What was measured, oldest first.
        entries: Its lines of the audit log, oldest first.
    """

    operation: Operation
    measurements: Sequence[Measurement] = ()
    entries: Sequence[Entry] = ()

    @property
    def seconds(self) -> float:
        """How long it took, or has taken until what was last recorded."""
        return self.at(self.operation.ended or self._last())

    def at(self, moment: str) -> float:
        """Return the seconds from its beginning to a recorded moment."""
        began = datetime.fromisoformat(self.operation.created)
        return max(0.0, (datetime.fromisoformat(moment) - began).total_seconds())

    def step_seconds(self, step: StepRecord) -> float | None:
        """Return how long a step took; None where it never began, or did not end."""
        ended = step.ended or step.undone
        if step.started is None or ended is None or step.state is StepState.SKIPPED:
            return None
        return max(0.0, self.at(ended) - self.at(step.started))

    def gates(self) -> list[GateResult]:
        """Return what each limit said, in the order in which they were first measured."""
        found: dict[tuple[str, str], list[Gate]] = {}
        for measurement in self.measurements:
            for gate in measurement.gates:
                found.setdefault((measurement.step, gate.name), []).append(gate)
        return [_result(step, gates) for (step, _), gates in found.items()]

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it; nothing in it is secret."""
        return redacted(
            {
                "version": VERSION,
                "operation": self._operation(),
                "steps": [self._step(step) for step in self.operation.steps],
                "gates": [asdict(gate) for gate in self.gates()],
                "measurements": [_measured(each) for each in self.measurements],
                "audit": [asdict(entry) for entry in self.entries],
            }
        )

    def _operation(self) -> Mapping[str, Any]:
        operation = self.operation
        plan = operation.plan
        return {
            "id": operation.id,
            "kind": plan.kind,
            "environment": plan.environment,
            "target": plan.target,
            "subject": plan.subject,
            "state": str(operation.state),
            "succeeded": operation.state in SUCCEEDED,
            "outcome": operation.outcome,
            "reason": operation.reason,
            "actor": asdict(operation.actor),
            "commit": operation.commit,
            "created": operation.created,
            "ended": operation.ended,
            "seconds": round(self.seconds, 3),
            "follows": operation.follows,
            "parameters": plan.parameters,
            "planHash": plan.hash,
        }

    def _step(self, step: StepRecord) -> Mapping[str, Any]:
        seconds = self.step_seconds(step)
        return asdict(step) | {
            "state": str(step.state),
            "seconds": None if seconds is None else round(seconds, 3),
        }

    def _last(self) -> str:
        moments = [self.operation.created, *(each.at for each in self.measurements)]
        for step in self.operation.steps:
            moments += [at for at in (step.started, step.ended, step.undone) if at]
        return max(moments)


def read_report(journal: Journal, name: str) -> Report:
    """Read all that is known about an operation.

    Raises:
        InvocationError: There is no operation of that id.
    """
    operation = journal.read(name)
    measurements = (read_measurement(sample) for sample in journal.samples(name))
    return Report(
        operation=operation,
        measurements=tuple(each for each in measurements if each),
        entries=tuple(reversed(list(_entries(journal, operation)))),
    )


def _entries(journal: Journal, operation: Operation) -> Iterator[Entry]:
    """Yield the lines about it: its own, and whoever was refused on its target meanwhile."""
    for entry in audit.entries(journal.table, since=operation.created):
        own = entry.details.get("operation") == operation.id
        meanwhile = operation.ended is None or entry.at <= operation.ended
        refused = entry.outcome == "refused" and entry.target == operation.plan.target
        if own or (refused and meanwhile):
            yield entry


def _result(step: str, gates: Sequence[Gate]) -> GateResult:
    last = gates[-1]
    values = [gate.value for gate in gates if gate.value is not None]
    extreme = max if last.comparison == "≤" else min
    return GateResult(
        step=step,
        name=last.name,
        unit=last.unit,
        comparison=last.comparison,
        limit=last.limit,
        last=last.value,
        worst=extreme(values) if values else None,
        passed=last.passed,
        measured=len(gates),
        refused=sum(gate.passed is False for gate in gates),
    )


def _measured(measurement: Measurement) -> Mapping[str, Any]:
    return {"at": measurement.at, "step": measurement.step, **measurement.document()}
