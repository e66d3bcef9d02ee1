"""`platformctl audit …`: who did what."""

from typing import Annotated

import typer

from platformctl.cli import options

app = typer.Typer(no_args_is_help=True, help="See who did what, when, why, and what came of it.")


@app.command("list")
def list_(
    environment: options.Environment,
    *,
    limit: Annotated[int, typer.Option("--limit", help="Most lines.", min=1)] = 50,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show the audit log of an environment, newest first.

    [bold]Examples[/]

      platformctl audit list production

      platformctl audit list production --limit 1000 --json
    """
    from itertools import islice

    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.operations import show_audit
    from platformctl.operations.kernel import audit

    console = Runtime(cwd, rehearsed=options.rehearsed(environment, target)).console(environment)
    entries = list(islice(audit.entries(console.table), limit))
    show_audit(environment, entries, as_json=as_json)
