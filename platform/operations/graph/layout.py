"""Where everything goes: regions below one another, and in each a panel for every product.

Data flows within a product, so each panel is placed by itself, and panels fill lines like words do.
In a panel every layer that the product has is a row, or several. A box stands in a cell of that
grid, so no two overlap. Between rows and between columns is free space, in which every box has a
track of its own for the lines that end at it: down from the start, along below that row, down
between two columns, along above the row of the end, and down to it. So no line crosses a box, and
lines share a track only if they end at the same box.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil

from platformctl.operations.graph.model import LAYERS, SHARED, Flow, Graph, Part

BOX_WIDTH, BOX_HEIGHT = 200, 50
GAP, TRACK, MARGIN = 24, 6, 24
HEADING = 34
LABEL = 96
ASIDE = 12
"""How far left of its box's middle a line leaves, and how far right of it a line ends."""
WIDEST = 5
"""Most boxes of a product side by side in one row; more go into a further row."""
LINE_WIDTH = 2600
"""Widest line of panels side by side."""


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
    """The name of a layer at the left of its panel, or of a region above its panels."""

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
    """Row and column of a part in the grid of its panel."""

    part: Part
    row: int
    column: int


def layout(graph: Graph) -> Drawing:
    """Place a graph."""
    panels: list[Panel] = []
    labels: list[Label] = []
    boxes: list[Box] = []
    lines: list[Line] = []
    top, right = float(MARGIN), 0.0
    for region in dict.fromkeys(part.region for part in graph.parts):
        labels.append(Label(region, MARGIN, top + HEADING / 2, heading=True))
        top += HEADING
        products = [_Product(own, graph.flows) for own in _by_product(graph.parts, region)]
        for line in _fill(products):
            left, height = float(MARGIN), max(product.height for product in line)
            for product in line:
                product.place(left, top)
                panels.append(replace(product.panel, height=height))
                labels += product.labels()
                boxes += product.boxes.values()
                lines += product.lines()
                left += product.width + GAP
            top, right = top + height + GAP, max(right, left - GAP)
    return Drawing(right + MARGIN, top, panels, labels, boxes, lines)


def _by_product(parts: Sequence[Part], region: str) -> Iterator[list[Part]]:
    """Yield the parts of each product in a region; what is shared comes last."""
    here = [part for part in parts if part.region == region]
    for name in sorted({part.product for part in here}, key=lambda name: (name == SHARED, name)):
        yield [part for part in here if part.product == name]


def _fill(products: Sequence["_Product"]) -> Iterator[list["_Product"]]:
    """Yield lines of products that are together no wider than a line may be."""
    line: list[_Product] = []
    for product in products:
        if line and sum(each.width + GAP for each in [*line, product]) > LINE_WIDTH:
            yield line
            line = []
        line.append(product)
    yield line


class _Product:
    """One product in one region: sized when it is made, then placed."""

    def __init__(self, parts: Sequence[Part], flows: Sequence[Flow]) -> None:
        self.title = parts[0].product
        self.cells, self.row_layers = _grid(parts)
        here = {cell.part.urn: cell for cell in self.cells.values()}
        self.flows = [flow for flow in flows if flow.start in here and flow.end in here]
        self._tracks(here)
        self.columns, self.width = self._columns()
        self.rows, self.height = self._rows()
        self.x = self.y = 0.0
        self.boxes: dict[str, Box] = {}

    def place(self, x: float, y: float) -> None:
        """Put the panel's left upper corner there."""
        self.x, self.y = x, y
        self.boxes = {
            urn: Box(cell.part, x + self.columns[cell.column], y + self.rows[cell.row])
            for urn, cell in self.cells.items()
        }

    @property
    def panel(self) -> Panel:
        """The background."""
        return Panel(self.title, self.x, self.y, self.width, self.height)

    def labels(self) -> Iterator[Label]:
        """Yield the name of each layer beside the first of its rows."""
        last = None
        for row, layer in enumerate(self.row_layers):
            if layer != last:
                middle = self.y + self.rows[row] + BOX_HEIGHT / 2
                yield Label(layer, self.x + GAP / 2, middle, heading=False)
            last = layer

    def lines(self) -> Iterator[Line]:
        """Yield the line of each flow."""
        for flow in self.flows:
            start, end = self.boxes[flow.start], self.boxes[flow.end]
            first, last = self.cells[flow.start].row, self.cells[flow.end].row
            leaving, arriving = self._track_y(first, flow.end), self._track_y(last - 1, flow.end)
            out, into = start.middle - ASIDE, end.middle + ASIDE
            points = [(out, start.bottom), (out, leaving)]
            if last != first + 1:
                x = self._track_x(self.cells[flow.end].column, flow.end)
                points += [(x, leaving), (x, arriving)]
            yield Line(flow, [*points, (into, arriving), (into, end.y)])

    def _tracks(self, here: Mapping[str, _Cell]) -> None:
        """Give every end a track in each free space that lines to it go through."""
        self.below: dict[int, list[str]] = {}
        self.beside: dict[int, list[str]] = {}
        for flow in sorted(self.flows, key=lambda flow: here[flow.end].column):
            start, end = here[flow.start], here[flow.end]
            spaces = [self.below.setdefault(start.row, [])]
            if end.row != start.row + 1:
                spaces.append(self.beside.setdefault(end.column, []))
                spaces.append(self.below.setdefault(end.row - 1, []))
            for space in spaces:
                if flow.end not in space:
                    space.append(flow.end)

    def _columns(self) -> tuple[list[float], float]:
        """Return how far right of the panel's edge each column is, and the panel's width."""
        xs, x = [], float(LABEL)
        for column in range(1 + max(cell.column for cell in self.cells.values())):
            x += GAP * bool(column) + TRACK * len(self.beside.get(column, ()))
            xs.append(x)
            x += BOX_WIDTH
        return xs, x + GAP / 2

    def _rows(self) -> tuple[list[float], float]:
        """Return how far below the panel's edge each row is, and the panel's height."""
        ys, y = [], float(HEADING + TRACK * len(self.below.get(-1, ())))
        for row in range(len(self.row_layers)):
            ys.append(y)
            y += BOX_HEIGHT + GAP + TRACK * len(self.below.get(row, ()))
        return ys, y - GAP / 2

    def _track_y(self, row: int, end: str) -> float:
        if row < 0:
            return self.y + self.rows[0] - GAP / 2 - TRACK * self.below[row].index(end)
        track = TRACK * self.below[row].index(end)
        return self.y + self.rows[row] + BOX_HEIGHT + GAP / 2 + track

    def _track_x(self, column: int, end: str) -> float:
        return self.x + self.columns[column] - GAP / 2 - TRACK * self.beside[column].index(end)


def _grid(parts: Sequence[Part]) -> tuple[dict[str, _Cell], list[str]]:
    """Give every part a row and a column; returns also the layer of each row."""
    cells: dict[str, _Cell] = {}
    row_layers: list[str] = []
    for layer in LAYERS:
        own = sorted((part for part in parts if part.layer == layer), key=lambda part: part.name)
        depth = ceil(len(own) / WIDEST)
        for place, part in enumerate(own):
            row, column = divmod(place, ceil(len(own) / depth))
            cells[part.urn] = _Cell(part, len(row_layers) + row, column)
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
