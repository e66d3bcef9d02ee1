"""`platformctl init ENV`."""

from typing import Annotated

import typer

from platformctl.cli import options


def init(
    environment: options.Environment,
    *,
    source: Annotated[
        str, typer.Option("--from", help="Environment whose stack file it is made from.")
    ] = "staging",
    region: Annotated[
        str | None, typer.Option(help="AWS region; that of the source without it.")
    ] = None,
    products: Annotated[
        str | None,
        typer.Option(help="Products, separated by commas; those of the source without it."),
    ] = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Write the stack file of a new environment, from one that exists, with its comments.

    [bold]Examples[/]

      platformctl init qa

      platformctl init production-eu --from production --region eu-central-1

      platformctl init demo --from local --products analytics,cloudweave
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.init import show_scaffolded
    from platformctl.config.scaffold import Wanted
    from platformctl.operations.scaffold import write_stack_file

    wanted = Wanted(
        name=environment,
        source=source,
        region=region,
        products=tuple(name.strip() for name in products.split(",")) if products else (),
    )
    path, config = write_stack_file(Runtime(cwd).project, wanted)
    show_scaffolded(environment, path, config, as_json=as_json)
