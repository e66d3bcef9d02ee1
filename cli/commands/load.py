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
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Send events at a steady rate, then wait until all accepted ones come out of the API.

    Ctrl-C ends the sending early; what was sent until then is waited for and shown.

    [bold]Examples[/]

      platformctl load run local --rate 2000 --duration 30s

      platformctl load run local --rate 1000 --batch 1 --json
    """
    from platformctl.cli.durations import seconds
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.load import LoadProgress, show_result
    from platformctl.errors import CancelledError, PlatformError
    from platformctl.operations.load.profile import load_profile
    from platformctl.operations.load.run import run_load
    from platformctl.operations.load.waiting import find_waiting

    length = seconds(duration, "--duration")
    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    profile = load_profile(runtime.project.root, product)
    outputs = runtime.deployer(environment).outputs()
    view = LoadProgress(rate * length)
    with view.progress:
        result = run_load(
            profile,
            outputs,
            rate=rate,
            duration=length,
            batch=batch,
            on_progress=view.on_progress,
            on_settling=view.on_settling,
            connect=runtime.connect(environment),
        )
    lost = result.lost > 0
    waiting = find_waiting(profile, outputs, runtime.clients(environment)) if lost else []
    show_result(result, waiting, as_json=as_json)
    if lost:
        raise PlatformError(
            f"{result.lost} accepted events did not come out",
            why="; ".join(
                [f"the API answered {result.answer}", *(figure.sentence for figure in waiting)]
            ),
            remedy=f"platformctl status {environment}; platformctl logs {environment} --since 5m",
        )
    if result.lost < 0:
        raise PlatformError(
            "it cannot be told whether all accepted events came out",
            why=f"{-result.lost:,} more came out than were accepted: somebody else sends, too",
            remedy="run it again while nobody else does",
        )
    if result.ended_early:
        raise CancelledError(
            "the load ended early", why="you pressed Ctrl-C; what is shown was sent until then"
        )


@app.command()
def sample(
    environment: options.Environment,
    *,
    product: Product = "analytics",
    cwd: options.Directory = None,
) -> None:
    """Send a product's sample events and show what the other end says about them.

    [bold]Example[/]

      platformctl load sample local
    """
    from platformctl.cli.commands.support import send_sample_events
    from platformctl.cli.runtime import Runtime

    send_sample_events(Runtime(cwd), environment, product)
