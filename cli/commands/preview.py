"""`platformctl preview ENV`."""

from platformctl.cli import options


def preview(
    environment: options.Environment,
    *,
    diff: options.Diff = False,
    refresh: options.Refresh = False,
    target: options.Target = None,
    max_count: options.MaxCount = None,
    parallel: options.Parallel = None,
    policy_pack: options.PolicyPack = None,
    expect_no_changes: options.ExpectNoChanges = False,
    offline: options.Offline = False,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show what `up` would change; works without a network and without an account.

    [bold]Examples[/]

      platformctl preview local

      platformctl preview local --diff

      platformctl preview local --json | jq .changeSummary

      platformctl preview production --offline   no account, no network, no Pulumi CLI
    """
    from platformctl.cli.runtime import Runtime

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target), most=max_count)
    runtime.prepare_program(environment, offline=offline)
    # Not before it: the program's process imports beside everything that is imported here.
    from platformctl.cli.commands.support import advise, deploy, unexpected_changes
    from platformctl.cli.views.terminal import talk
    from platformctl.deployment.interface import DeploymentOptions

    previewer = runtime.previewer(environment, offline=offline)
    if previewer.note:
        talk().print(previewer.note, style="dim")
    chosen = DeploymentOptions(
        parallel=parallel,
        targets=options.urns(target),
        refresh=refresh,
        policy_packs=tuple(str(pack) for pack in policy_pack or ()),
    )
    verb = previewer.deployer.preview
    outcome = deploy("preview", environment, verb, chosen, as_json=as_json, diff=diff)
    advise(runtime, environment, outcome)
    if expect_no_changes and outcome.changed:
        raise unexpected_changes(environment, outcome)
