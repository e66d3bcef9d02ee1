"""`platformctl bootstrap ENV`."""

from typing import Annotated

import typer

from platformctl.cli import options


def bootstrap(
    environment: options.Environment,
    *,
    repository: Annotated[
        str | None,
        typer.Option(
            help="GitHub repository `owner/name` whose workflows may deploy; by default the one "
            "that `git remote` names.",
            envvar="GITHUB_REPOSITORY",
        ),
    ] = None,
    yes: options.Yes = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan only.")] = False,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Make an AWS account ready: state bucket, keys, deploy role; writes where they are.

    Run again, it repairs what has drifted and otherwise changes nothing. For a local environment
    everything is made in the local region, as a rehearsal, and no file is written.

    [bold]Examples[/]

      platformctl bootstrap production --repository acme/platform

      platformctl bootstrap production --dry-run
    """
    from platformctl.cli.commands.support import confirm
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.bootstrap import bootstrap_view
    from platformctl.operations.bootstrap.remote import repository_of
    from platformctl.operations.bootstrap.run import carry_out, parts, plan

    runtime = Runtime(cwd)
    local = runtime.is_local(environment)
    target = runtime.bootstrap_target(
        environment, repository or repository_of(runtime.project.root)
    )
    wanted = parts(target, runtime.clients(environment), None if local else runtime.project)
    view = bootstrap_view(target, as_json=as_json)
    differences = plan(wanted)
    view.show_plan(differences)
    if dry_run or not differences:
        view.finish([] if dry_run else differences)
        return
    by_name = runtime.is_production(environment)
    confirm(f"Make this for {environment}?", environment, yes=yes, by_name=by_name)
    view.finish(carry_out(wanted, view.on_mended))
