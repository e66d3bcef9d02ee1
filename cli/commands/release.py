"""`platformctl release …`: what services ran, run, or may run again."""

from typing import Annotated

import typer

from platformctl.cli import options

app = typer.Typer(no_args_is_help=True, help="Look at releases of services, compare them.")

ServiceName = Annotated[
    str, typer.Argument(metavar="SERVICE", help="Service, such as `analytics-api`.")
]
ReleaseName = Annotated[
    str,
    typer.Argument(
        metavar="RELEASE", help="Its name (`r7`), its version, or the beginning of its digest."
    ),
]


@app.command("list")
def list_(
    environment: options.Environment,
    service: Annotated[
        str | None, typer.Argument(metavar="SERVICE", help="Only this service's.")
    ] = None,
    *,
    most: Annotated[int, typer.Option("--limit", help="Most of each service.", min=1)] = 10,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show the releases of services, newest first, and which of them serve.

    [bold]Examples[/]

      platformctl release list production

      platformctl release list production analytics-api --limit 50
    """
    from itertools import islice

    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.release import Row, show_releases
    from platformctl.operations.cutover.standing import standings
    from platformctl.operations.releases.store import Releases
    from platformctl.operations.services.find import choose

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    table = runtime.console(environment).table
    found = runtime.services(environment)
    chosen = [choose(found, service)] if service else found
    standing = {each.service: each for each in standings(table)}
    releases = Releases(table)
    rows = [
        Row(release, standing.get(each.name))
        for each in chosen
        for release in islice(releases.all(each.name), most)
    ]
    show_releases(runtime.project.arguments(environment), rows, as_json=as_json)


@app.command()
def show(
    environment: options.Environment,
    service: ServiceName,
    release: ReleaseName,
    *,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show all that is known about a release: code, configuration, who, when and why.

    [bold]Example[/]

      platformctl release show production analytics-api r7
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.release import Row, show_release
    from platformctl.operations.cutover.standing import read_standing
    from platformctl.operations.releases.store import Releases
    from platformctl.operations.services.find import choose

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    table = runtime.console(environment).table
    chosen = choose(runtime.services(environment), service)
    found = Releases(table).find(chosen.name, release)
    show_release(chosen, Row(found, read_standing(table, chosen.name)), as_json=as_json)


@app.command()
def diff(
    environment: options.Environment,
    service: ServiceName,
    before: ReleaseName,
    after: Annotated[
        str | None,
        typer.Argument(metavar="RELEASE", help="The other release; the newest without it."),
    ] = None,
    *,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show what differs between two releases: code, variables, size. Secrets are never shown.

    [bold]Examples[/]

      platformctl release diff production analytics-api r6 r7

      platformctl release diff production analytics-api r6
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.release import show_differences
    from platformctl.operations.releases.compare import compare
    from platformctl.operations.releases.store import Releases
    from platformctl.operations.services.find import choose

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    chosen = choose(runtime.services(environment), service)
    releases = Releases(runtime.console(environment).table)
    earlier = releases.find(chosen.name, before)
    later = releases.find(chosen.name, after) if after else releases.newest(chosen.name) or earlier
    show_differences(earlier, later, compare(chosen, earlier, later), as_json=as_json)
