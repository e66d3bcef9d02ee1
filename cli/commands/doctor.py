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
    """Check everything that an environment needs before anything starts.

    Of a local one that is the machine, its programs and the configuration; of one in an AWS account
    the configuration, the Pulumi CLI, credentials, the state, its key, and the account's quotas.

    [bold]Examples[/]

      platformctl doctor

      platformctl doctor production --json

      platformctl doctor --install    also get the Pulumi CLI, which deploying to AWS needs
    """
    from functools import partial

    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.doctor import show_findings
    from platformctl.cli.views.terminal import talk
    from platformctl.deployment.pulumi.installation import install as install_cli
    from platformctl.deployment.pulumi.installation import is_installed
    from platformctl.operations.doctor.examine import examine_account, examine_local

    runtime = Runtime(cwd)
    if install and not is_installed():
        with talk().status("installing the Pulumi CLI"):
            version = install_cli()
        talk().print(f"[green]✓[/] Pulumi CLI {version} is installed")
    with talk().status("looking"):
        if runtime.is_local(environment):
            findings = examine_local(runtime.project, environment)
        else:
            findings = examine_account(
                runtime.project,
                environment,
                runtime.aws_region(environment),
                partial(runtime.clients, environment),
                partial(runtime.planned, environment),
            )
    show_findings(findings, as_json=as_json)
    if any(finding.failed for finding in findings):
        raise typer.Exit(1)
