"""`platformctl graph ENV`."""

from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import options


def graph(
    environment: options.Environment,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write it; ENV.svg."),
    ] = None,
    supporting: Annotated[
        bool, typer.Option("--all", help="Draw certificates, DNS records and repositories, too.")
    ] = False,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Draw what an environment consists of, by product and layer, as an SVG file.

    [bold]Examples[/]

      platformctl graph production

      platformctl graph production --json | jq '.parts[].name'
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.graph import print_graph, write_graph
    from platformctl.operations.graph.model import graph as draw

    runtime = Runtime(cwd)
    steps = runtime.offline_preview(environment).steps
    drawn = draw(
        steps,
        runtime.products(environment),
        runtime.aws_region(environment),
        supporting=supporting,
    )
    if as_json:
        print_graph(drawn)
    else:
        write_graph(drawn, output or Path(f"{environment}.svg"), environment)
