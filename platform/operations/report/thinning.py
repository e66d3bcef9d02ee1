"""Putting measurements together where there are more of them than can be drawn."""

from collections.abc import Sequence

from platformctl.operations.report.measurement import Measurement, SideNumbers

MOST_POINTS = 600
"""Points of a curve; more are put together, by their worst value."""


def thinned(measurements: Sequence[Measurement]) -> list[Measurement]:
    """Put measurements together where there are too many to draw, keeping the worst values."""
    size = -(-len(measurements) // MOST_POINTS)
    if size <= 1:
        return list(measurements)
    return [
        _together(measurements[first : first + size]) for first in range(0, len(measurements), size)
    ]


def _together(measurements: Sequence[Measurement]) -> Measurement:
    last = measurements[-1]
    sides = []
    for side in last.sides:
        same = [each for one in measurements for each in one.sides if each.key == side.key]
        worst = {
            name: max((v for each in same if (v := getattr(each, name)) is not None), default=None)
            for name in ("errors", "p95", "p99")
        }
        sides.append(SideNumbers(**{**vars(side), **worst}))
    return Measurement(sides=tuple(sides), gates=last.gates, at=last.at, step=last.step)
