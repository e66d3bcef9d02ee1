"""Draws a timeline: curves as SVG that takes any width, words as HTML that keeps its size."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element

from platformctl.operations.report.markup import element
from platformctl.operations.report.measurement import Measurement
from platformctl.operations.report.timeline import Band, Curve, Panel, Point, Timeline, gap
from platformctl.operations.report.words import duration, number, side_words

WIDTH, HEIGHT = 1000, 100
"""Units of a panel's drawing, which is stretched to the width there is."""


def draw(timeline: Timeline) -> Element:
    """Return a timeline as an element."""
    return element(
        "div",
        _legend(timeline),
        _strip(timeline.bands),
        *(_panel(panel, timeline) for panel in timeline.panels),
        _axis(timeline),
        class_="timeline",
    )


def _legend(timeline: Timeline) -> Element:
    curves = {curve.role: curve for panel in timeline.panels for curve in panel.curves}
    roles = {"old": "served before", "new": "new"}
    items = [
        element(
            "span",
            element("i", class_=f"key {role} {curve.colour}"),
            f"{curve.label} ({roles[role]})",
            class_="legend-item",
        )
        for role, curve in curves.items()
    ]
    return element("p", *items, class_="legend")


def _strip(bands: Sequence[Band]) -> Element:
    """Draw the steps above the curves, each as wide as it took."""
    return element(
        "div",
        element("div", "Steps", class_="name"),
        element("div", *map(_step, bands), class_="plot steps"),
        class_="row",
    )


def _step(band: Band) -> Element:
    label = str(band.number or "↩")
    return element(
        "div",
        element("span", element("b", label), element("span", f" {band.name}", class_="step-name")),
        class_=f"step {band.state}",
        style=f"left:{band.start:.3%};width:{max(band.end - band.start, 0):.3%}",
        title=f"{label} {band.name}: {band.title} ({band.state}, {duration(band.seconds)})",
    )


def _panel(panel: Panel, timeline: Timeline) -> Element:
    unit = f" ({panel.unit})" if panel.unit else ""
    limit = None
    if panel.limit is not None:
        limit = element("small", f"limit {number(panel.limit)} {panel.unit}")
    return element(
        "div",
        element("div", f"{panel.title}{unit} ", limit, class_="name"),
        element(
            "div",
            _drawing(panel, timeline),
            *(
                element(
                    "span",
                    number(value),
                    class_="level",
                    style=f"bottom:{value / panel.top:.3%}",
                )
                for value in (0, panel.top / 2, panel.top)
            ),
            class_="plot",
        ),
        class_="row",
    )


def _drawing(panel: Panel, timeline: Timeline) -> Element:
    return element(
        "svg",
        element("title", f"{panel.title} of both sides over {duration(timeline.seconds)}"),
        *(_shade(band) for at, band in enumerate(timeline.bands) if at % 2 or not band.number),
        *(_level(share) for share in (0.0, 0.5, 1.0)),
        *(_areas(panel) if panel.stacked else _lines(panel)),
        _limit(panel),
        *_hovered(timeline),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="none",
        role="img",
    )


def _shade(band: Band) -> Element:
    return element(
        "rect",
        x=f"{band.start * WIDTH:.2f}",
        y=0,
        width=f"{max(band.end - band.start, 0) * WIDTH:.2f}",
        height=HEIGHT,
        class_="shade" if band.number else "shade undo",
    )


def _level(share: float) -> Element:
    y = HEIGHT * (1 - share)
    return element("line", x1=0, x2=WIDTH, y1=y, y2=y, class_="grid")


def _limit(panel: Panel) -> Element | None:
    if panel.limit is None or not panel.limit_drawn:
        return None
    y = f"{_y(panel.limit, panel.top):.2f}"
    return element("line", x1=0, x2=WIDTH, y1=y, y2=y, class_="limit")


def _lines(panel: Panel) -> Iterator[Element]:
    for curve in reversed(panel.curves):  # the old side's dashes lie on top where both are the same
        for piece in curve.pieces:
            points = [(x * WIDTH, _y(value, panel.top)) for x, value in piece]
            if len(points) == 1:
                points *= 2  # a dot: a line of no length with round ends
            yield element("path", d=_path(points), class_=f"curve {curve.role} {curve.colour}")


def _areas(panel: Panel) -> Iterator[Element]:
    """Draw shares as areas, the old side on top; each holds until the next measurement."""
    for curve in panel.curves:
        for piece in curve.pieces:
            edge = [(x * WIDTH, _share(curve, value)) for x, value in _stairs(piece)]
            floor = 0 if curve.role == "old" else HEIGHT
            corners = [(edge[0][0], floor), *edge, (edge[-1][0], floor)]
            yield element("path", d=_path(corners) + " Z", class_=f"area {curve.colour}")


def _share(curve: Curve, value: float) -> float:
    """Return how far down the edge of a side's area is: the old one hangs, the new one stands."""
    return HEIGHT * value / 100 if curve.role == "old" else HEIGHT * (1 - value / 100)


def _stairs(points: Sequence[Point]) -> list[Point]:
    found = [points[0]]
    for before, point in pairwise(points):
        found += [(point[0], before[1]), point]
    return found


def _path(points: Sequence[Point]) -> str:
    return "M" + " L".join(f"{x:.2f} {y:.2f}" for x, y in points)


def _y(value: float, top: float) -> float:
    return HEIGHT * (1 - value / top)


def _hovered(timeline: Timeline) -> Iterator[Element]:
    """Cover the drawing with what was measured, for whoever points at it."""
    places = list(timeline.moments)
    longest = gap(places, timeline.seconds)
    for at, (place, measurement) in enumerate(timeline.moments.items()):
        following = places[at + 1] if at + 1 < len(places) else 1.0
        width = min(following - place, longest)
        yield element(
            "rect",
            element("title", _numbers(measurement, place * timeline.seconds)),
            x=f"{place * WIDTH:.2f}",
            y=0,
            width=f"{max(width, 0) * WIDTH:.2f}",
            height=HEIGHT,
            class_="hover",
        )


def _numbers(measurement: Measurement, seconds: float) -> str:
    sides = "\n".join(side_words(side) for side in measurement.sides)
    return f"{duration(seconds)}, {measurement.step}\n{sides}"


def _axis(timeline: Timeline) -> Element:
    marks = [
        element("span", duration(seconds, whole=True), style=f"left:{place:.3%}", class_="tick")
        for place, seconds in timeline.ticks.items()
    ]
    return element(
        "div",
        element("div", class_="name"),
        element("div", *marks, class_="plot axis"),
        class_="row",
    )
