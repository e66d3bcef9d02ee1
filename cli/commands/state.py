"""`platformctl state export|import|cancel ENV`."""

from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import options

app = typer.Typer(no_args_is_help=True, help="The recorded state of an environment.")


@app.command()
def export(
    environment: options.Environment,
    *,
    offline: options.Offline = False,
    cwd: options.Directory = None,
) -> None:
    """Print the checkpoint as `pulumi stack export` prints it; secrets stay encrypted.

    [bold]Example[/]

      platformctl state export local > checkpoint.json
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.terminal import print_json

    print_json(Runtime(cwd).deployer(environment, offline=offline).export())


@app.command("import")
def import_(
    environment: options.Environment,
    file: Annotated[Path, typer.Argument(help="What `pulumi stack export` printed.")],
    *,
    yes: options.Yes = False,
    offline: options.Offline = False,
    cwd: options.Directory = None,
) -> None:
    """Replace the recorded state by a checkpoint; the one before is kept in a file.

    Nothing in the cloud changes. A checkpoint of another project or stack, of a version that is
    not known, or one whose resources refer to others that it does not hold, is refused.

    [bold]Example[/]

      platformctl state import local checkpoint.json
    """
    from platformctl.cli.commands.support import confirm
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.terminal import talk
    from platformctl.deployment.checkpoint import backup, read_checkpoint

    runtime = Runtime(cwd)
    deployer = runtime.deployer(environment, offline=offline)
    document = read_checkpoint(file, project=runtime.project.name, stack=environment)
    by_name = runtime.is_production(environment)
    confirm(f"Replace the state of {environment}?", environment, yes=yes, by_name=by_name)
    kept = backup(deployer, runtime.project.data / "backups", environment)
    deployer.import_(document)
    resources = len(document["deployment"].get("resources") or [])
    talk().print(f"[green]✓[/] {environment} has the state of {file}: {resources} resources")
    if kept is not None:
        talk().print(
            f"  → platformctl state import {environment} {kept}   to go back", style="cyan"
        )


@app.command()
def cancel(environment: options.Environment, *, cwd: options.Directory = None) -> None:
    """Release the lock that a killed operation left on another machine's behalf.

    [bold]Example[/]

      platformctl state cancel local
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.terminal import talk

    Runtime(cwd).deployer(environment).cancel()
    talk().print(f"[green]✓[/] {environment} is not locked")
