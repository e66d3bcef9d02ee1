"""`platformctl outputs ENV`."""

from typing import Annotated

import typer

from platformctl.cli import options


def outputs(
    environment: options.Environment,
    name: Annotated[str | None, typer.Argument(help="Print just this output's value.")] = None,
    *,
    show_secrets: options.ShowSecrets = False,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Print an environment's outputs: URLs, endpoints, names.

    [bold]Examples[/]

      platformctl outputs local

      curl "$(platformctl outputs local analytics_api_url)/health"

      platformctl outputs local --json | jq -r .analytics_ingestion_url
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.records import show_output, show_outputs

    values = (
        Runtime(cwd, rehearsed=options.rehearsed(environment, target))
        .deployer(environment)
        .outputs(show_secrets=show_secrets)
    )
    if name is not None:
        show_output(values, name, environment, as_json=as_json)
    else:
        show_outputs(values, as_json=as_json)
