"""`platformctl region …`: the local region itself."""

from typing import Annotated

import typer

from platformctl.cli import options

app = typer.Typer(no_args_is_help=True, help="The local region: real servers on loopback.")

Name = Annotated[
    str | None,
    typer.Option("--region", help="Only this AWS region, such as `us-east-1`: a real outage."),
]


@app.command()
def start(
    *,
    region: Name = None,
    port: Annotated[
        int, typer.Option(help="Port of the AWS endpoint.", envvar="PLATFORMCTL_PORT")
    ] = 4566,
    cwd: options.Directory = None,
) -> None:
    """Start the region, or one AWS region in it that was stopped.

    [bold]Examples[/]

      platformctl region start

      platformctl region start --region us-east-1
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.region import say

    runtime = Runtime(cwd)
    runtime.region.start(project=runtime.project.root, port=port)
    if region:
        runtime.region.start_region(region)
        say(f"{region} is back")
    else:
        say(f"the local region answers at {runtime.region.endpoint}")


@app.command()
def stop(*, region: Name = None, cwd: options.Directory = None) -> None:
    """Stop the region and everything in it; its state stays.

    [bold]Examples[/]

      platformctl region stop

      platformctl region stop --region us-east-1    an outage of one AWS region
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.region import say

    client = Runtime(cwd).region
    if region:
        client.stop_region(region)
        say(f"{region} is down; platformctl region start --region {region} brings it back")
    else:
        client.stop()
        say("the local region has stopped; its state stays in .platformctl/")


@app.command("ps")
def processes(*, as_json: options.AsJson = False, cwd: options.Directory = None) -> None:
    """List the processes of the region: address, memory, age.

    [bold]Example[/]

      platformctl region ps
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.region import show_processes

    client = Runtime(cwd).region
    show_processes(client.processes() if client.running else [], as_json=as_json)


@app.command()
def logs(
    name: Annotated[str, typer.Argument(help="Process as `region ps` names it.")] = "supervisor",
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines arrive.")] = False,
    cwd: options.Directory = None,
) -> None:
    """Print the log of a process of the region.

    [bold]Examples[/]

      platformctl region logs

      platformctl region logs rds/us-east-1/analytics-primary --follow
    """
    from platformctl.cli.runtime import Runtime

    for line in Runtime(cwd).region.logs(name, follow=follow):
        typer.echo(line)


@app.command()
def reset(*, yes: options.Yes = False, cwd: options.Directory = None) -> None:
    """Stop the region and delete everything it remembers.

    [bold]Example[/]

      platformctl region reset --yes
    """
    from platformctl.cli.commands.support import confirm
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.region import say

    confirm("Delete all data of the local region?", "the local region", yes=yes)
    Runtime(cwd).region.reset()
    say("the local region is empty; platformctl up local --refresh fills it again")


@app.command()
def environment(*, as_json: options.AsJson = False, cwd: options.Directory = None) -> None:
    """Print the variables that point any AWS client at the region.

    [bold]Example[/]

      eval "$(platformctl region environment)" && aws s3 ls
    """
    import shlex

    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.terminal import print_json

    variables = Runtime(cwd).region.environment()
    if as_json:
        print_json(dict(variables))
        return
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}")
