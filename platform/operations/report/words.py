"""Numbers, durations and sides in words, the same on the terminal and on the page."""

from collections.abc import Mapping
from typing import Any

from platformctl.operations.report.measurement import Gate, SideNumbers

LONGEST_DIGEST = 12
"""Letters of a digest that tell it apart."""


def duration(seconds: float, *, whole: bool = False) -> str:
    """Write a duration as people say it: `0.4s`, `12s`, `3m 05s`; a round one without tenths."""
    if seconds < 10 and not (whole and seconds == int(seconds)):
        return f"{seconds:.1f}s"
    if seconds < 60:
        return f"{seconds:.0f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m" if whole and not rest else f"{minutes}m {rest:02d}s"
    return f"{minutes // 60}h {minutes % 60:02d}m"


def number(value: float) -> str:
    """Write a number with as many digits as mean something: `0.25`, `47.3`, `1,200`."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def gate_words(gate: Gate) -> str:
    """Write a gate's numbers: `errors of green 0.4 % (at most 1 %)`."""
    value = "not known" if gate.value is None else measured(gate.value, gate.unit)
    return f"{gate.name} {value} ({allowed(gate.comparison, gate.limit, gate.unit)})"


def allowed(comparison: str, limit: float, unit: str) -> str:
    """Write what is allowed: `at most 1 %`."""
    return f"{'at most' if comparison == '≤' else 'at least'} {measured(limit, unit)}"


def measured(value: float, unit: str) -> str:
    """Write a value with its unit."""
    return f"{number(value)} {unit}".rstrip()


def side_words(side: SideNumbers) -> str:
    """Write a side's numbers in one line; what is not known is left out."""
    healthy = side.healthy if side.healthy is not None else side.running
    parts = [f"{side.key} {release_words(side.version)}".rstrip()]
    if side.weight is not None:
        parts.append(f"{side.weight:.0f} % of the traffic")
    if healthy is not None and side.desired is not None:
        parts.append(f"{healthy}/{side.desired} tasks")
    if side.requests is not None:
        parts.append(f"{side.requests:,.0f} req/s")
    if side.errors is not None:
        parts.append(f"{side.errors:.1f} % errors")
    if side.p95 is not None:
        parts.append(f"p95 {side.p95:,.0f} ms")
    return ", ".join(parts)


def change_words(parameters: Mapping[str, Any]) -> str:
    """Say from which release to which an operation goes: `r6 → r7`; empty if about none."""
    found = (parameters.get(name) for name in ("before", "after"))
    names = [each.get("release") or each.get("version") for each in found if isinstance(each, dict)]
    return " → ".join(map(release_words, filter(None, names)))


def release_words(version: str | None) -> str:
    """Write the name of a release; what was never recorded as one is an image, by its digest."""
    return (version or "").rpartition(":")[2][:LONGEST_DIGEST]
