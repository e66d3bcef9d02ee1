"""`platformctl load …`: traffic for an environment."""

from typing import Annotated

import typer

from platformctl.cli import options

app = typer.Typer(no_args_is_help=True, help="Send traffic and count what comes out.")

Product = Annotated[str, typer.Option(help="Product whose load to send.")]


@app.command()
def run(
    environment: options.Environment,
    *,
    product: Product = "analytics",
    rate: Annotated[float, typer.Option(help="Events per second.", min=1)] = 500,
    duration: Annotated[str, typer.Option(help="How long: `30s`, `5m`.")] = "30s",
    batch: Annotated[int, typer.Option(help="Events per request.", min=1, max=1000)] = 10,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Send events at a steady rate, then wait until all accepted ones come out of the API.

    [bold]Examples[/]

      platformctl load run local --rate 2000 --duration 30s

      platformctl load run local --rate 1000 --batch 1 --json
    """
    from platformctl.cli.durations import seconds
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.load import run_load

    length = seconds(duration, "--duration")
    run_load(
        Runtime(cwd), environment, product, rate=rate, duration=length, batch=batch, as_json=as_json
    )
