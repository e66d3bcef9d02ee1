"""`platformctl doctor [ENV]`."""

from typing import Annotated

import typer

from platformctl.cli import options


def doctor(
    environment: Annotated[
        str, typer.Argument(metavar="[ENV]", help="Environment to check for.")
    ] = "local",
    *,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Check the machine, the tools and the configuration before anything starts.

    [bold]Examples[/]

      platformctl doctor

      platformctl doctor production --json
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.doctor import show_findings
    from platformctl.operations.doctor.checks import examine

    runtime = Runtime(cwd)
    findings = examine(runtime.project, environment)
    show_findings(findings, as_json=as_json)
    if any(finding.failed for finding in findings):
        raise typer.Exit(1)
