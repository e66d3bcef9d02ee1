"""Whether a side is good enough to get more requests: its figures against limits. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from platformctl.config.cutover import AnalysisConfig
from platformctl.operations.cutover.figures import Figures
from platformctl.operations.report.measurement import Gate

NOTICED_MILLISECONDS = 50.0
"""How much slower than the old side an answer may be at least: nobody would notice less."""
_PERCENT = 100.0


class Verdict(StrEnum):
    """What the figures say. Not knowing is never a pass."""

    PASS = "pass"  # noqa: S105  # no password
    FAIL = "fail"
    NO_DATA = "no data"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the figures say, and why.

    Attributes:
        verdict: What they say.
        gates: Each limit with what was measured against it.
        requests: Requests that were judged by.
    """

    verdict: Verdict
    gates: Sequence[Gate]
    requests: float

    @property
    def why(self) -> str:
        """The limits that were not kept, one clause."""
        return "; ".join(told(gate) for gate in self.gates if gate.passed is False)


def judge(new: Figures, old: Figures | None, limits: AnalysisConfig) -> Judgement:
    """Judge the new side.

    Args:
        new: What was measured of it.
        old: What was measured of the old side; None where it gets no requests any more.
        limits: What it has to keep.
    """
    gates = [*_absolute(new, limits)]
    if old is not None and old.requests >= limits.minimum_requests:
        gates += _relative(new, old, limits)
    if new.requests < limits.minimum_requests:
        unsure = [Gate(**{**vars(gate), "passed": None}) for gate in gates]
        return Judgement(verdict=Verdict.NO_DATA, gates=unsure, requests=new.requests)
    if any(gate.passed is False for gate in gates):
        verdict = Verdict.FAIL
    elif all(gate.passed for gate in gates):
        verdict = Verdict.PASS
    else:
        verdict = Verdict.NO_DATA
    return Judgement(verdict=verdict, gates=gates, requests=new.requests)


def told(gate: Gate) -> str:
    """Return a gate as people read it."""
    value = "not known" if gate.value is None else f"{gate.value:.4g} {gate.unit}"
    return f"{gate.name} {value} (limit {gate.comparison} {gate.limit:.4g} {gate.unit})"


def _absolute(new: Figures, limits: AnalysisConfig) -> Iterator[Gate]:
    errors = new.error_percent
    success = None if errors is None else _PERCENT - errors
    yield Gate(
        name="success",
        value=success,
        limit=limits.success_percent,
        comparison="≥",
        unit="%",
        passed=None if success is None else success >= limits.success_percent,
    )
    latencies = (
        ("p50", new.p50, limits.p50_milliseconds),
        ("p95", new.p95, limits.p95_milliseconds),
        ("p99", new.p99, limits.p99_milliseconds),
    )
    for name, value, limit in latencies:
        if limit is not None:
            yield _at_most(name, value, limit, "ms")


def _relative(new: Figures, old: Figures, limits: AnalysisConfig) -> Iterator[Gate]:
    before = old.error_percent
    if limits.relative_error_percent is not None and before is not None:
        limit = before + limits.relative_error_percent
        yield _at_most("errors against the old side", new.error_percent, limit, "%")
    if limits.relative_latency_percent is not None and old.p95 is not None:
        relative = old.p95 * (1 + limits.relative_latency_percent / _PERCENT)
        limit = max(relative, old.p95 + NOTICED_MILLISECONDS)
        yield _at_most("p95 against the old side", new.p95, limit, "ms")


def _at_most(name: str, value: float | None, limit: float, unit: str) -> Gate:
    passed = None if value is None else value <= limit
    return Gate(name=name, value=value, limit=limit, unit=unit, passed=passed)
