"""`platformctl rollback`: back to what served before."""

from typing import Annotated

import typer

from platformctl.cli import options
from platformctl.cli.commands import cutting


def rollback(
    environment: options.Environment,
    service: cutting.ServiceName,
    *,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="RELEASE", help="A release by name, instead of the one before."
        ),
    ] = "",
    message: options.Message = "",
    yes: options.Yes = False,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Let the release before serve again: within seconds while its tasks are kept warm.

    A cutover that is under way is undone, a rollback that is under way is gone on with. With --to
    that release is deployed, with all of the traffic at once.

    [bold]Examples[/]

      platformctl rollback production analytics-api

      platformctl rollback production analytics-api --to r7
    """
    from platformctl.cli.operating import operate
    from platformctl.cli.runtime import Runtime
    from platformctl.errors import CancelledError
    from platformctl.operations.cutover.begin import at_once
    from platformctl.operations.cutover.rollback import KIND, roll_back

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    chosen = cutting.service_of(runtime, environment, service)
    cutting.ask(runtime, environment, f"Roll {service} back in {environment}?", yes=yes)
    console = runtime.console(environment)
    if not to:
        timing = runtime.timing(environment)
        operate(
            runtime,
            environment,
            lambda runner: roll_back(
                runner, environment, chosen, timing, console.table, reason=message
            ),
            as_json=as_json,
            wanted=CancelledError,
        )
        return
    deployments = runtime.deployments(environment)
    release = deployments.maker.releases.find(chosen.name, to)
    wishes = deployments.wishes(release, at_once(deployments.timing))
    cutting.deploy_release(
        runtime, deployments, chosen, release, wishes, kind=KIND, reason=message, as_json=as_json
    )
