"""What is measured while an operation moves a service from one side to the other.

A step hands it to its context, `context.sample(**measurement.document())`; the live view and the
report read it again. None is "not known" everywhere, never zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

Role = Literal["old", "new"]
Comparison = Literal["≤", "≥"]


@dataclass(frozen=True, kw_only=True)
class SideNumbers:
    """One side of a service at one moment.

    Attributes:
        key: Its name, such as `blue`; a function's version.
        role: `old` for the side that served when the operation began, all the time.
        version: Release that it runs, such as `r7`.
        desired: Tasks that it shall have.
        running: Tasks that it has.
        healthy: Tasks that take requests.
        weight: Share of the requests that it is to get, in percent.
        requests: Requests per second that it really got.
        errors: How many of them failed, in percent.
        p95: Milliseconds in which 95 of 100 were answered.
        p99: Milliseconds in which 99 of 100 were answered.
    """

    key: str
    role: Role
    version: str | None = None
    desired: int | None = None
    running: int | None = None
    healthy: int | None = None
    weight: float | None = None
    requests: float | None = None
    errors: float | None = None
    p95: float | None = None
    p99: float | None = None


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A limit, and what was measured against it.

    Attributes:
        name: What is limited, such as `errors of green`.
        value: What was measured.
        limit: What is allowed.
        comparison: How the value must stand to the limit.
        unit: Unit of both, such as `%` or `ms`.
        passed: Whether it does; None while that cannot be said, which is no pass.
    """

    name: str
    value: float | None
    limit: float
    comparison: Comparison = "≤"
    unit: str = ""
    passed: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One sample of an operation.

    Attributes:
        sides: The sides of the service.
        gates: The limits that decide whether it goes on.
        at: When, ISO 8601; set by the kernel.
        step: Step that measured; set by the kernel.
    """

    sides: Sequence[SideNumbers] = ()
    gates: Sequence[Gate] = ()
    at: str = ""
    step: str = ""

    def side(self, role: Role) -> SideNumbers | None:
        """Return the numbers of a side."""
        return next((side for side in self.sides if side.role == role), None)

    def document(self) -> dict[str, Any]:
        """Return it as a sample holds it: without what the kernel adds, and what is not known."""
        return {
            "sides": {side.key: _known(side, "key") for side in self.sides},
            "gates": [asdict(gate) for gate in self.gates],
        }


def read_measurement(sample: Mapping[str, Any]) -> Measurement | None:
    """Read a sample; None if something else was measured, such as a migration's rows."""
    if "sides" not in sample:
        return None
    return Measurement(
        sides=tuple(
            SideNumbers(key=key, **_taken(SideNumbers, numbers))
            for key, numbers in sample["sides"].items()
        ),
        gates=tuple(Gate(**_taken(Gate, gate)) for gate in sample.get("gates", ())),
        at=sample.get("at", ""),
        step=sample.get("step", ""),
    )


def _known(numbers: SideNumbers, *without: str) -> dict[str, Any]:
    return {
        name: value
        for name, value in asdict(numbers).items()
        if value is not None and name not in without
    }


def _taken(kind: type, document: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what only a newer platformctl measures."""
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in document.items() if name in names}
