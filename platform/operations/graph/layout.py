"""Where everything goes: regions below one another, products side by side, layers in rows.

A box stands in a cell of a grid, so no two overlap. Between rows and between columns is free space,
in which every line gets a track of its own: down from its start, along below that row, down between
two columns, along above the row of its end, and down to it. So no line crosses a box.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from platformctl.operations.graph.model import LAYERS, SHARED, Flow, Graph, Part

BOX_WIDTH, BOX_HEIGHT = 176, 50
GAP, TRACK, MARGIN = 24, 5, 24
HEADING = 34
LABEL = 96
WIDEST = 4
"""Most boxes of a product side by side in one row; more go into a further row."""


@dataclass(frozen=True)
class Box:
    """A part and its place: left, top."""

    part: Part
    x: float
    y: float

    @property
    def middle(self) -> float:
        """Middle between left and right."""
        return self.x + BOX_WIDTH / 2

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.y + BOX_HEIGHT


@dataclass(frozen=True)
class Panel:
    """The background of one product in one region."""

    title: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Label:
    """The name of a layer, or of a region, at the left."""

    text: str
    x: float
    y: float
    heading: bool


@dataclass(frozen=True)
class Line:
    """A line by its corners."""

    flow: Flow
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Drawing:
    """Everything placed."""

    width: float
    height: float
    panels: Sequence[Panel]
    labels: Sequence[Label]
    boxes: Sequence[Box]
    lines: Sequence[Line]


@dataclass(frozen=True)
class _Cell:
    """Row and column of a part in the grid of its region."""

    part: Part
    row: int
    column: int


def layout(graph: Graph) -> Drawing:
    """Place a graph."""
    panels: list[Panel] = []
    labels: list[Label] = []
    boxes: list[Box] = []
    lines: list[Line] = []
    top, width = float(MARGIN), 0.0
    for region in dict.fromkeys(part.region for part in graph.parts):
        parts = [part for part in graph.parts if part.region == region]
        placed = _Region(region, parts, graph.flows, top)
        panels += placed.panels
        labels += placed.labels
        boxes += placed.boxes
        lines += placed.lines
        top, width = placed.bottom + MARGIN, max(width, placed.right)
    return Drawing(width + MARGIN, top, panels, labels, boxes, lines)


class _Region:
    """One region placed below what is above it."""

    def __init__(self, name: str, parts: Sequence[Part], flows: Sequence[Flow], top: float) -> None:
        self.products = _products(parts)
        self.cells, self.row_layers = _grid(parts, self.products)
        here = {cell.part.urn: cell for cell in self.cells}
        self.flows = [flow for flow in flows if flow.start in here and flow.end in here]
        self._tracks(here)
        self.xs = self._columns()
        self.ys = self._rows(top + 2 * HEADING)
        self.boxes = [
            Box(cell.part, self.xs[cell.column], self.ys[cell.row]) for cell in self.cells
        ]
        self.right = max(box.x for box in self.boxes) + BOX_WIDTH + GAP
        self.bottom = self.ys[-1] + BOX_HEIGHT + GAP
        self.panels = list(self._panels(top))
        self.labels = [Label(name, MARGIN, top + HEADING / 2, heading=True), *self._layer_labels()]
        self.lines = list(self._lines(here))

    def _tracks(self, here: Mapping[str, _Cell]) -> None:
        """Give every line a track in each free space that it goes through."""
        self.below: dict[int, list[Flow]] = {}
        self.beside: dict[int, list[Flow]] = {}
        for flow in self.flows:
            start, end = here[flow.start], here[flow.end]
            self.below.setdefault(start.row, []).append(flow)
            if end.row != start.row + 1:
                self.beside.setdefault(end.column, []).append(flow)
                self.below.setdefault(end.row - 1, []).append(flow)

    def _columns(self) -> list[float]:
        xs, x = [], float(MARGIN + LABEL)
        last = None
        for product, column in self._column_products():
            x += GAP if product != last else 0
            x += GAP + TRACK * len(self.beside.get(column, ()))
            xs.append(x)
            x += BOX_WIDTH
            last = product
        return xs

    def _column_products(self) -> Iterator[tuple[str, int]]:
        column = 0
        for product, count in self.products.items():
            for _ in range(count):
                yield product, column
                column += 1

    def _rows(self, top: float) -> list[float]:
        ys, y = [], top + TRACK * len(self.below.get(-1, ()))
        for row in range(len(self.row_layers)):
            ys.append(y)
            y += BOX_HEIGHT + GAP + TRACK * len(self.below.get(row, ()))
        return ys

    def _panels(self, top: float) -> Iterator[Panel]:
        columns: dict[str, list[int]] = {}
        for product, column in self._column_products():
            columns.setdefault(product, []).append(column)
        for product, own in columns.items():
            left = self.xs[own[0]] - GAP - TRACK * len(self.beside.get(own[0], ()))
            right = self.xs[own[-1]] + BOX_WIDTH + GAP / 2
            y = top + HEADING
            yield Panel(product, left, y, right - left, self.bottom - GAP / 2 - y)

    def _layer_labels(self) -> Iterator[Label]:
        last = None
        for row, layer in enumerate(self.row_layers):
            if layer != last:
                yield Label(layer, MARGIN, self.ys[row] + BOX_HEIGHT / 2, heading=False)
            last = layer

    def _lines(self, here: Mapping[str, _Cell]) -> Iterator[Line]:
        boxes = {box.part.urn: box for box in self.boxes}
        for flow in self.flows:
            start, end = boxes[flow.start], boxes[flow.end]
            row, column = here[flow.end].row, here[flow.end].column
            leaving = self._track_y(here[flow.start].row, flow)
            points = [(start.middle, start.bottom), (start.middle, leaving)]
            if row != here[flow.start].row + 1:
                x, leaving = self._track_x(column, flow), self._track_y(row - 1, flow)
                points += [(x, points[-1][1]), (x, leaving)]
            yield Line(flow, [*points, (end.middle, leaving), (end.middle, end.y)])

    def _track_y(self, row: int, flow: Flow) -> float:
        track = TRACK * self.below[row].index(flow)
        if row < 0:
            return self.ys[0] - GAP / 2 - track
        return self.ys[row] + BOX_HEIGHT + GAP / 2 + track

    def _track_x(self, column: int, flow: Flow) -> float:
        return self.xs[column] - GAP / 2 - TRACK * self.beside[column].index(flow)


def _products(parts: Sequence[Part]) -> dict[str, int]:
    """Return the products with the number of columns that each needs; what is shared comes last."""
    counts: dict[tuple[str, str], int] = {}
    for part in parts:
        counts[part.product, part.layer] = counts.get((part.product, part.layer), 0) + 1
    order = sorted({part.product for part in parts}, key=lambda name: (name == SHARED, name))
    return {
        product: min(WIDEST, max(count for (own, _), count in counts.items() if own == product))
        for product in order
    }


def _grid(parts: Sequence[Part], products: Mapping[str, int]) -> tuple[list[_Cell], list[str]]:
    """Give every part a row and a column; returns also the layer of each row."""
    starts, start = {}, 0
    for product, count in products.items():
        starts[product] = start
        start += count
    cells: list[_Cell] = []
    row_layers: list[str] = []
    for layer in LAYERS:
        own = [part for part in parts if part.layer == layer]
        places: dict[str, int] = dict.fromkeys(products, 0)
        for part in sorted(own, key=lambda part: part.name):
            place = places[part.product]
            places[part.product] += 1
            row, column = divmod(place, products[part.product])
            cells.append(_Cell(part, len(row_layers) + row, starts[part.product] + column))
        depth = max((-(-places[name] // count) for name, count in products.items()), default=0)
        row_layers += [layer] * depth
    return cells, row_layers


def crossings(drawing: Drawing) -> Iterator[tuple[Line, Box]]:
    """Yield every line that goes through a box; there are none."""
    for line in drawing.lines:
        for (x1, y1), (x2, y2) in pairwise(line.points):
            for box in drawing.boxes:
                inside_x = max(x1, x2) > box.x and min(x1, x2) < box.x + BOX_WIDTH
                inside_y = max(y1, y2) > box.y and min(y1, y2) < box.bottom
                if inside_x and inside_y:
                    yield line, box
