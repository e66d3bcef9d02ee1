"""`platformctl up ENV`."""

from typing import TYPE_CHECKING, Annotated

import typer

from platformctl.cli import options

if TYPE_CHECKING:
    from platformctl.cli.runtime import Runtime


def up(
    environment: options.Environment,
    *,
    yes: options.Yes = False,
    diff: options.Diff = False,
    refresh: options.Refresh = False,
    target: options.Target = None,
    max_count: options.MaxCount = None,
    parallel: options.Parallel = None,
    message: options.Message = "",
    policy_pack: options.PolicyPack = None,
    expect_no_changes: options.ExpectNoChanges = False,
    sample: Annotated[
        bool, typer.Option("--sample", help="Send the products' sample events afterwards.")
    ] = False,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Make an environment what its program and stack file describe.

    [bold]Examples[/]

      platformctl up local                      start the local region and deploy into it

      platformctl up local --diff               show every changed property

      platformctl up local --expect-no-changes  end with status 7 if anything would change

      platformctl up production                 preview, advice, question, then AWS

      platformctl up production --target local --max-count 2   rehearse it on this machine
    """
    from platformctl.cli.runtime import Runtime

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target), most=max_count)
    runtime.prepare_program(environment)
    # Not before it: the program's process imports beside everything that is imported here.
    from dataclasses import replace

    from platformctl.cli.commands.support import (
        confirm,
        deploy,
        judge_settled,
        propose,
        refuse_changes,
        send_sample_events,
    )
    from platformctl.cli.exclusion import exclusive
    from platformctl.cli.unfinished import Unfinished
    from platformctl.cli.views.next_steps import show_next_steps
    from platformctl.deployment.interface import DeploymentOptions

    local = runtime.is_local(environment)
    if not local:
        runtime.judge(environment)  # a file that does not even say what it is for is none of AWS's
    deployer = runtime.deployer(environment)
    chosen = DeploymentOptions(
        message=message,
        parallel=parallel,
        targets=options.urns(target),
        refresh=refresh,
        policy_packs=tuple(str(pack) for pack in policy_pack or ()),
    )
    if expect_no_changes:
        refuse_changes(deployer, environment, chosen)
    unfinished = Unfinished(runtime.project.data, environment)
    if local and not runtime.region.running:
        unfinished.begin()
    if not local:
        runtime.clients(environment)  # says so when there are no credentials
        preview = runtime.previewer(environment).deployer.preview
        propose(runtime, environment, preview, chosen, as_json=as_json, diff=diff)
        by_name = runtime.is_production(environment)
        confirm(f"Change {environment}?", environment, yes=yes, by_name=by_name)
    due = unfinished.is_marked
    with exclusive(runtime, environment, "up") as claim:

        def before_change() -> None:
            claim()
            unfinished.begin()

        changing = replace(chosen, before_change=before_change)
        outcome = deploy("up", environment, deployer.up, changing, as_json=as_json, diff=diff)
    if outcome.changed or due:
        _follow(runtime, environment, as_json=as_json)
    unfinished.end()
    if sample:
        for product in runtime.sampled_products(environment):
            send_sample_events(runtime, environment, product)
    if not as_json:
        show_next_steps(runtime, environment, outcome.outputs)
    if not local:
        judge_settled(runtime, environment)


def _follow(runtime: "Runtime", environment: str, *, as_json: bool) -> None:
    """Have what runs follow what was deployed: databases, services, their sides."""
    from platformctl.cli.rollout import await_health, expand_schemas, roll_out, scale

    operated = runtime.is_operated(environment)
    if operated:
        expand_schemas(runtime, environment)
        scale(runtime, environment)
    if runtime.is_local(environment):
        await_health(runtime, environment)
    if operated:
        roll_out(runtime, environment, as_json=as_json)
