"""`platformctl destroy ENV`."""

from platformctl.cli import options


def destroy(
    environment: options.Environment,
    *,
    yes: options.Yes = False,
    target: options.Target = None,
    parallel: options.Parallel = None,
    message: options.Message = "",
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Delete everything an environment consists of, and stop its local region.

    [bold]Examples[/]

      platformctl destroy local

      platformctl destroy local --yes                without asking

      platformctl destroy production --target local  its rehearsal only
    """
    from platformctl.cli.commands.support import confirm, deploy
    from platformctl.cli.exclusion import exclusive
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.unfinished import Unfinished
    from platformctl.cli.views.terminal import talk
    from platformctl.deployment.interface import DeploymentOptions

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    deployer = runtime.deployer(environment)
    by_name = runtime.is_production(environment)
    confirm(f"Delete every resource of {environment}?", environment, yes=yes, by_name=by_name)
    targets = options.urns(target)
    whole = runtime.is_local(environment) and not targets
    with exclusive(runtime, environment, "destroy", final=whole) as claim:
        chosen = DeploymentOptions(
            message=message, parallel=parallel, targets=targets, before_change=claim
        )
        deploy("destroy", environment, deployer.destroy, chosen, as_json=as_json, diff=False)
    if not targets:
        Unfinished(runtime.project.data, environment).end()
    if whole and runtime.region.running:
        runtime.region.stop()
        talk().print("[green]✓[/] the local region has stopped; nothing is left running")
