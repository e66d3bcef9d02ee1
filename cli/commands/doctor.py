"""`platformctl doctor [ENV]`."""

from typing import Annotated

import typer

from platformctl.cli import options


def doctor(
    environment: Annotated[
        str, typer.Argument(metavar="[ENV]", help="Environment to check for.")
    ] = "local",
    *,
    install: Annotated[
        bool, typer.Option("--install", help="Install the Pulumi CLI first, if it is missing.")
    ] = False,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Check the machine, the tools and the configuration before anything starts.

    [bold]Examples[/]

      platformctl doctor

      platformctl doctor production --json

      platformctl doctor --install    also get the Pulumi CLI, which deploying to AWS needs
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.doctor import show_findings
    from platformctl.cli.views.terminal import talk
    from platformctl.deployment.pulumi.installation import install as install_cli
    from platformctl.deployment.pulumi.installation import is_installed
    from platformctl.operations.doctor.checks import examine

    runtime = Runtime(cwd)
    if install and not is_installed():
        with talk().status("installing the Pulumi CLI"):
            version = install_cli()
        talk().print(f"[green]✓[/] Pulumi CLI {version} is installed")
    findings = examine(runtime.project, environment)
    show_findings(findings, as_json=as_json)
    if any(finding.failed for finding in findings):
        raise typer.Exit(1)
