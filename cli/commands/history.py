"""`platformctl history ENV`."""

from typing import Annotated

import typer

from platformctl.cli import options


def history(
    environment: options.Environment,
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Newest so many.", min=1)] = 20,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """List what was done to an environment: when, what, by whom, why, how it ended.

    [bold]Examples[/]

      platformctl history local

      platformctl history local --json | jq '.[0]'
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.records import show_history

    show_history(
        Runtime(cwd, rehearsed=options.rehearsed(environment, target))
        .deployer(environment)
        .history()[:limit],
        as_json=as_json,
    )
