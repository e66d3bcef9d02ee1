"""`platformctl state export ENV`."""

import typer

from platformctl.cli import options

app = typer.Typer(no_args_is_help=True, help="The recorded state of an environment.")


@app.command()
def export(environment: options.Environment, *, cwd: options.Directory = None) -> None:
    """Print the checkpoint as `pulumi stack export` prints it; secrets stay encrypted.

    [bold]Example[/]

      platformctl state export local > checkpoint.json
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.terminal import print_json

    print_json(Runtime(cwd).deployer(environment).export())


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
