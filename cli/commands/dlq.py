"""`platformctl dlq …`: dead-letter queues."""

from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import options

app = typer.Typer(no_args_is_help=True, help="Look at dead letters, send them back, delete them.")

QueueName = Annotated[
    str | None,
    typer.Argument(metavar="QUEUE", help="Name of the queue; not needed where there is one."),
]


@app.command("list")
def list_(
    environment: options.Environment,
    *,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show how full the dead-letter queues of an environment are.

    [bold]Example[/]

      platformctl dlq list production
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.dlq import show_depths
    from platformctl.operations.queues.letters import depth

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    clients = runtime.clients(environment)
    depths = [depth(clients, queue) for queue in runtime.dead_letter_queues(environment)]
    show_depths(environment, depths, as_json=as_json)


@app.command()
def show(
    environment: options.Environment,
    queue: QueueName = None,
    *,
    most: Annotated[int, typer.Option("--limit", help="Most messages.", min=1)] = 10,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show dead letters: what is in them and why they are there. They stay where they are.

    [bold]Examples[/]

      platformctl dlq show production

      platformctl dlq show production --limit 100 --json > letters.json
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.dlq import show_letters
    from platformctl.operations.queues.find import choose
    from platformctl.operations.queues.letters import peek

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    chosen = choose(runtime.dead_letter_queues(environment), queue)
    show_letters(chosen, peek(runtime.clients(environment), chosen, most), as_json=as_json)


@app.command()
def redrive(
    environment: options.Environment,
    queue: QueueName = None,
    *,
    corrected: Annotated[
        Path | None,
        typer.Option(
            "--with", help="File with corrected records, as `dlq show --json` prints them."
        ),
    ] = None,
    yes: options.Yes = False,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Send dead letters back to where they came from; each is deleted once it is accepted there.

    [bold]Examples[/]

      platformctl dlq redrive staging

      platformctl dlq redrive production user-events-prod-dlq --with letters.json
    """
    import json

    from platformctl.cli.commands.support import confirm
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.dlq import show_outcome
    from platformctl.errors import ResourceError
    from platformctl.operations.queues.find import choose
    from platformctl.operations.queues.redrive import Redrive, corrections

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    chosen = choose(runtime.dead_letter_queues(environment), queue)
    if runtime.is_production(environment):
        confirm(f"Send everything in {chosen.name} back?", environment, yes=yes)
    fixed = corrections(json.loads(corrected.read_text())["messages"]) if corrected else {}
    outcome = Redrive(runtime.clients(environment), chosen, fixed).run()
    show_outcome(chosen, outcome, as_json=as_json)
    if outcome.kept:
        raise ResourceError(
            f"{len(outcome.kept)} messages stay in {chosen.name}",
            why=next(iter(outcome.kept.values())),
            remedy=f"platformctl dlq show {environment} {chosen.name}",
        )


@app.command()
def purge(
    environment: options.Environment,
    queue: QueueName = None,
    *,
    yes: options.Yes = False,
    target: options.Rehearsal = None,
    cwd: options.Directory = None,
) -> None:
    """Delete everything in a dead-letter queue, for good.

    [bold]Example[/]

      platformctl dlq purge staging user-events-staging-dlq --yes
    """
    from platformctl.cli.commands.support import confirm
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.dlq import show_purged
    from platformctl.operations.queues import redrive as operations
    from platformctl.operations.queues.find import choose

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    chosen = choose(runtime.dead_letter_queues(environment), queue)
    confirm(f"Delete every message in {chosen.name} for good?", environment, yes=yes, by_name=True)
    operations.purge(runtime.clients(environment), chosen)
    show_purged(chosen)
