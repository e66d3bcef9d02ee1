"""`platformctl preview ENV`."""

from platformctl.cli import options


def preview(
    environment: options.Environment,
    *,
    diff: options.Diff = False,
    refresh: options.Refresh = False,
    target: options.Target = None,
    parallel: options.Parallel = None,
    policy_pack: options.PolicyPack = None,
    expect_no_changes: options.ExpectNoChanges = False,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show what `up` would change; works without a network and without an account.

    [bold]Examples[/]

      platformctl preview local

      platformctl preview local --diff

      platformctl preview local --json | jq .changeSummary
    """
    from platformctl.cli.commands.support import deploy, unexpected_changes
    from platformctl.cli.runtime import Runtime
    from platformctl.deployment.interface import DeploymentOptions

    runtime = Runtime(cwd)
    runtime.prepare_program()
    deployer = runtime.deployer(environment)
    chosen = DeploymentOptions(
        parallel=parallel,
        targets=tuple(target or ()),
        refresh=refresh,
        policy_packs=tuple(str(pack) for pack in policy_pack or ()),
    )
    outcome = deploy("preview", environment, deployer.preview, chosen, as_json=as_json, diff=diff)
    if expect_no_changes and outcome.changed:
        raise unexpected_changes(environment, outcome)
