"""`platformctl refresh ENV`."""

from platformctl.cli import options


def refresh(
    environment: options.Environment,
    *,
    diff: options.Diff = False,
    target: options.Target = None,
    parallel: options.Parallel = None,
    message: options.Message = "",
    expect_no_changes: options.ExpectNoChanges = False,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Read what every resource really is, show what drifted, and take it over into the state.

    The next `up` repairs the drift.

    [bold]Examples[/]

      platformctl refresh local

      platformctl refresh local --diff --expect-no-changes   drift detection for CI: status 7
    """
    from platformctl.cli.commands.support import deploy, unexpected_changes
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.terminal import talk
    from platformctl.deployment.interface import DeploymentOptions

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    deployer = runtime.deployer(environment)
    chosen = DeploymentOptions(message=message, parallel=parallel, targets=options.urns(target))
    outcome = deploy("refresh", environment, deployer.refresh, chosen, as_json=as_json, diff=diff)
    if outcome.changed and expect_no_changes:
        raise unexpected_changes(environment, outcome)
    if outcome.changed:
        where = runtime.project.arguments(environment)
        talk().print(f"  → platformctl up {where}   repairs what drifted", style="cyan")
