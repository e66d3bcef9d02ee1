"""The timeline of an operation: steps as bands, and curves of both sides over the same seconds.

Nothing here draws: places are shares (0 to 1) of the width and values in their units;
`chart.py` draws them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from platformctl.operations.kernel.operation import StepRecord
from platformctl.operations.kernel.states import StepState
from platformctl.operations.report.measurement import Gate, Measurement, Role, SideNumbers
from platformctl.operations.report.report import Report
from platformctl.operations.report.thinning import thinned
from platformctl.operations.report.words import release_words

GAP = 15.0
"""Seconds without a measurement after which a curve is broken, at least."""
MISSED = 3.5
"""Measurements that are missing in a row where a curve is broken, by how often others were made."""
MOST_TICKS = 8
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
ROLES: Sequence[Role] = ("old", "new")
COLOURS: Mapping[Role, str] = {"old": "blue", "new": "green"}
"""Colours of sides that are not called by one, such as a function's versions."""
FAR = 2.0
"""A limit this many times above everything measured is told, not drawn."""

Point = tuple[float, float]
Value = Callable[[SideNumbers, Measurement], float | None]


@dataclass(frozen=True, kw_only=True)
class Band:
    """A step on the timeline.

    Attributes:
        number: Its number in the operation; 0 for the time in which everything is undone.
        name: Its name.
        title: What it does.
        state: How it ended.
        start: Share of the width at which it begins.
        end: Share of the width at which it ends.
        seconds: How long it took.
    """

    number: int
    name: str
    title: str
    state: str
    start: float
    end: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One side's values.

    Attributes:
        role: Which side.
        colour: `blue` or `green`: that of the side of this name, where it has one.
        label: Its name and release.
        pieces: Runs of points without a gap: share of the width, value.
    """

    role: Role
    colour: str
    label: str
    pieces: Sequence[Sequence[Point]]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Curves of one kind of value.

    Attributes:
        title: What they show.
        unit: Unit of the values.
        top: Value at the upper edge; the lower edge is 0.
        curves: Both sides.
        stacked: Whether the values are shares of one whole, drawn as areas.
        limit: What is allowed at most; None if nothing limits it.
        limit_drawn: Whether the limit is near enough to be drawn.
    """

    title: str
    unit: str
    top: float
    curves: Sequence[Curve]
    stacked: bool = False
    limit: float | None = None
    limit_drawn: bool = False


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Everything that is drawn over the seconds of an operation.

    Attributes:
        seconds: How long all of it is.
        ticks: Share of the width → seconds.
        bands: Its steps.
        panels: Its curves.
        moments: Share of the width → what was measured there.
    """

    seconds: float
    ticks: Mapping[float, float]
    bands: Sequence[Band]
    panels: Sequence[Panel]
    moments: Mapping[float, Measurement]


def make_timeline(report: Report) -> Timeline:
    """Return the timeline of an operation."""
    seconds = max(report.seconds, 1.0)
    moments = {
        min(report.at(each.at) / seconds, 1.0): each for each in thinned(report.measurements)
    }
    return Timeline(
        seconds=seconds,
        ticks={tick / seconds: tick for tick in ticks(seconds)},
        bands=_bands(report, seconds),
        panels=[panel for panel in _panels(moments, seconds) if panel.curves],
        moments=moments,
    )


def ticks(seconds: float) -> list[float]:
    """Return the round moments that an axis of so many seconds is labelled with."""
    step = next((step for step in _STEPS if seconds / step <= MOST_TICKS), seconds)
    return [step * count for count in range(int(seconds / step) + 1)]


def _bands(report: Report, seconds: float) -> list[Band]:
    found = []
    for number, step in enumerate(report.operation.steps, 1):
        took = report.step_seconds(step)
        if step.started is None or step.state is StepState.SKIPPED:
            continue
        start = report.at(step.started)
        end = seconds if took is None else start + took
        found.append(
            Band(
                number=number,
                name=step.name,
                title=step.title,
                state=_how(step),
                start=start / seconds,
                end=min(end / seconds, 1.0),
                seconds=end - start,
            )
        )
    undone = [report.at(step.undone) for step in report.operation.steps if step.undone]
    if undone:
        start = max((band.end for band in found), default=0.0)
        end = max(undone) / seconds
        found.append(
            Band(
                number=0,
                name="undo",
                title="everything that was begun is undone",
                state=str(StepState.COMPENSATED),
                start=min(start, end),
                end=min(end, 1.0),
                seconds=max(0.0, end - start) * seconds,
            )
        )
    return found


def _how(step: StepRecord) -> str:
    """Say how a step went before anything was undone."""
    if step.error:
        return str(StepState.FAILED)
    return str(StepState.DONE if step.ended else step.state)


def _panels(moments: Mapping[float, Measurement], seconds: float) -> list[Panel]:
    gates = [gate for each in moments.values() for gate in each.gates]

    def panel(
        title: str,
        unit: str,
        value: Value,
        least_top: float,
        *,
        words: Sequence[str],
    ) -> Panel:
        curves = _curves(moments, value, seconds)
        highest = max((y for curve in curves for run in curve.pieces for _, y in run), default=0)
        limit = _limit(gates, unit, words)
        drawn = limit is not None and limit <= FAR * max(highest, least_top)
        top = _round_up(max(highest, least_top, limit if drawn and limit else 0))
        return Panel(title=title, unit=unit, top=top, curves=curves, limit=limit, limit_drawn=drawn)

    return [
        Panel(title="Traffic", unit="%", top=100.0, curves=_shares(moments, seconds), stacked=True),
        panel("Healthy tasks", "", lambda side, _: side.healthy, 2.0, words=()),
        panel("Requests", "per second", lambda side, _: side.requests, 1.0, words=()),
        panel("Latency, p95", "ms", _latency, 10.0, words=("p95",)),
        panel("Errors", "%", _errors, 1.0, words=("errors",)),
    ]


def _latency(side: SideNumbers, measurement: Measurement) -> float | None:
    return _judged(side, measurement, side.p95, "p95", lambda value: value)


def _errors(side: SideNumbers, measurement: Measurement) -> float | None:
    return _judged(side, measurement, side.errors, "success", lambda value: 100 - value)


def _judged(
    side: SideNumbers,
    measurement: Measurement,
    value: float | None,
    name: str,
    convert: Callable[[float], float],
) -> float | None:
    """Return the worse of what was measured just now, and of what the new side was judged by."""
    values = [] if value is None else [value]
    if side.role == "new":
        judged = [gate.value for gate in measurement.gates if gate.name == name]
        values += [convert(each) for each in judged if each is not None]
    return max(values, default=None)


def _shares(moments: Mapping[float, Measurement], seconds: float) -> list[Curve]:
    """Return who gets how much; the last shares hold until the end, as nobody else changes them."""
    found = []
    for curve in _curves(moments, lambda side, _: side.weight, seconds):
        *others, last = curve.pieces
        found.append(replace(curve, pieces=[*others, [*last, (1.0, last[-1][1])]]))
    return found


def _curves(moments: Mapping[float, Measurement], value: Value, seconds: float) -> list[Curve]:
    found = []
    for role in ROLES:
        labels: dict[str, None] = {}
        colour = COLOURS[role]
        points: list[Point] = []
        for place, measurement in moments.items():
            side = measurement.side(role)
            if side is None:
                continue
            labels[f"{side.key} {release_words(side.version)}".strip()] = None
            colour = side.key if side.key in COLOURS.values() else colour
            number = value(side, measurement)
            if number is not None:
                points.append((place, number))
        if points:
            pieces = _pieces(points, gap(list(moments), seconds))
            label = ", ".join(labels)
            found.append(Curve(role=role, colour=colour, label=label, pieces=pieces))
    return found


def gap(places: Sequence[float], seconds: float) -> float:
    """Return the share of the width without a measurement at which a curve is broken.

    Where production is measured once a minute, a minute is no gap.
    """
    usual = median([after - before for before, after in pairwise(places)] or [0.0])
    return max(GAP / seconds, MISSED * usual)


def _pieces(points: Sequence[Point], longest: float) -> list[list[Point]]:
    """Break a curve where nothing was measured for long."""
    pieces = [[points[0]]]
    for before, point in pairwise(points):
        if point[0] - before[0] > longest:
            pieces.append([])
        pieces[-1].append(point)
    return pieces


def _limit(gates: Sequence[Gate], unit: str, words: Sequence[str]) -> float | None:
    """Return the limit that gates of these words and this unit set on the values of a panel."""
    limits = [
        gate.limit
        for gate in gates
        if gate.unit == unit and gate.comparison == "≤" and gate.name.startswith(tuple(words))
    ]
    if "errors" in words:  # a limit on what succeeds is one on what fails
        limits += [100 - gate.limit for gate in gates if gate.name.startswith("success")]
    return min(limits, default=None)


def _round_up(value: float) -> float:
    """Return the next value that reads well on an axis."""
    scale = 1.0
    while value > 10 * scale:
        scale *= 10
    while value < scale:
        scale /= 10
    return next(
        (step * scale for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * scale >= value), value
    )
