"""Draws a layout as one SVG file that needs nothing else."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from platformctl.operations.graph.layout import BOX_HEIGHT, BOX_WIDTH, Box, Drawing, Line

LAYER_COLOURS = {
    "edge": "#7c5cc4",
    "compute": "#d9730d",
    "streaming": "#b5446e",
    "data": "#2f6fb5",
    "network": "#5b7083",
    "security": "#b23b3b",
    "observability": "#3d7f5a",
}
NAME_LETTER, KIND_LETTER = 6.9, 5.7
"""Width of a letter of a box's first and further lines, in pixels; generous."""
STYLE = """
text { font-family: ui-sans-serif, system-ui, "Segoe UI", Roboto, sans-serif; fill: #1f2933 }
.title { font-size: 18px; font-weight: 600 }
.region { font-size: 15px; font-weight: 600 }
.product { font-size: 13px; font-weight: 600 }
.layer { font-size: 12px; fill: #52606d }
.name { font-size: 12px; font-weight: 600 }
.kind { font-size: 10.5px; fill: #52606d }
.line { fill: none; stroke: #829ab1; stroke-width: 1.2 }
.line:hover { stroke: #d64545; stroke-width: 2.4 }
"""
TITLE = 40


def svg(drawing: Drawing, title: str) -> str:
    """Return a drawing as SVG text."""
    return "\n".join(_elements(drawing, title)) + "\n"


def _elements(drawing: Drawing, title: str) -> Iterator[str]:
    width, height = drawing.width, drawing.height + TITLE
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img">'
    )
    yield f"<title>{escape(title)}</title>"
    yield f"<style>{STYLE}</style>"
    yield (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="6" '
        'markerHeight="6" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#829ab1"/></marker></defs>'
    )
    yield '<rect width="100%" height="100%" fill="#ffffff"/>'
    yield f'<text class="title" x="24" y="34">{escape(title)}</text>'
    yield f'<g transform="translate(0 {TITLE})">'
    for panel in drawing.panels:
        yield (
            f'<rect x="{panel.x:.1f}" y="{panel.y:.1f}" width="{panel.width:.1f}" '
            f'height="{panel.height:.1f}" rx="8" fill="#f5f7fa" stroke="#e4e7eb"/>'
            f'<text class="product" x="{panel.x + 12:.1f}" y="{panel.y + 21:.1f}">'
            f"{escape(panel.title)}</text>"
        )
    for label in drawing.labels:
        kind = "region" if label.heading else "layer"
        place = f'x="{label.x:.1f}" y="{label.y + 5:.1f}"'
        yield f'<text class="{kind}" {place}>{escape(label.text)}</text>'
    for line in drawing.lines:
        yield _line(line)
    for box in drawing.boxes:
        yield _box(box)
    yield "</g></svg>"


def _line(line: Line) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in line.points)
    ends = f"{line.flow.start.rpartition('::')[2]} → {line.flow.end.rpartition('::')[2]}"
    return (
        f'<polyline class="line" points="{points}" marker-end="url(#tip)">'
        f"<title>{escape(ends)}</title></polyline>"
    )


def _box(box: Box) -> str:
    part = box.part
    colour = LAYER_COLOURS[part.layer]
    kind = _fitting(_words(part.kind), KIND_LETTER)
    second = part.fact or f"{part.resources} resources"
    tooltip = (
        f"{part.name}: {part.kind} of {part.product} in {part.region}, {part.resources} resources"
    )
    return (
        f'<g transform="translate({box.x:.1f} {box.y:.1f})"><title>{escape(tooltip)}</title>'
        f'<rect width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5" fill="#ffffff" stroke="{colour}"/>'
        f'<rect width="4" height="{BOX_HEIGHT}" rx="2" fill="{colour}"/>'
        f'<text class="name" x="12" y="17">{escape(_fitting(part.name, NAME_LETTER))}</text>'
        f'<text class="kind" x="12" y="31">{escape(kind)}</text>'
        f'<text class="kind" x="12" y="44">{escape(_fitting(second, KIND_LETTER))}</text></g>'
    )


def _words(kind: str) -> str:
    """Write a class name as words: `FargateService` → `Fargate service`."""
    text = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind)
    return text.strip()[:1].upper() + text.strip()[1:]


def _fitting(text: str, letter: float) -> str:
    longest = int((BOX_WIDTH - 20) / letter)
    return text if len(text) <= longest else text[: longest - 1] + "…"
