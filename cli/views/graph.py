"""How a graph is given: as a picture in a file, or as JSON."""

from dataclasses import asdict
from pathlib import Path

from platformctl.cli.views.terminal import print_json, talk
from platformctl.errors import InvocationError
from platformctl.operations.graph.layout import layout
from platformctl.operations.graph.model import Graph
from platformctl.operations.graph.svg import svg


def print_graph(graph: Graph) -> None:
    """Print parts and flows."""
    print_json({"version": 1, **asdict(graph)})


def write_graph(graph: Graph, file: Path, title: str) -> None:
    """Draw a graph into a file.

    Raises:
        InvocationError: The file cannot be written.
    """
    try:
        file.write_text(svg(layout(graph), title))
    except OSError as error:
        raise InvocationError(f"cannot write {file}", why=str(error)) from error
    talk().print(f"[green]✓[/] {len(graph.parts)} parts, {len(graph.flows)} flows in {file}")
    talk().print(
        f"  → open {file} in a browser; hover over a line to see what it joins", style="cyan"
    )
