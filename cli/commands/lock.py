"""`platformctl lock …`: who may change what."""

from typing import Annotated

import typer

from platformctl.cli import options

app = typer.Typer(no_args_is_help=True, help="See who is at work on what, give it free.")


@app.command()
def status(
    environment: options.Environment,
    *,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show what is held in an environment: by whom, since when, for what.

    [bold]Example[/]

      platformctl lock status production
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.operations import show_locks

    console = Runtime(cwd, rehearsed=options.rehearsed(environment, target)).console(environment)
    show_locks(environment, console.leases.all(), as_json=as_json)


@app.command()
def release(
    environment: options.Environment,
    held: Annotated[
        str, typer.Argument(metavar="TARGET", help="What `lock status` names.", show_default=False)
    ],
    *,
    reason: Annotated[
        str, typer.Option("--reason", help="Why it may be given free; recorded.", metavar="TEXT")
    ],
    yes: options.Yes = False,
    target: options.Rehearsal = None,
    cwd: options.Directory = None,
) -> None:
    """Give a target free whoever holds it; the holder's next change is refused.

    The last resort: an operation that is open can be resumed or aborted, which leaves nothing half
    done.

    [bold]Example[/]

      platformctl lock release production service/analytics-api --reason "its laptop was lost"
    """
    from platformctl.cli.commands.support import confirm
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.terminal import talk
    from platformctl.errors import InvocationError
    from platformctl.operations.kernel import audit

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    console = runtime.console(environment)
    confirm(f"Give {held} free?", environment, yes=yes, by_name=runtime.is_production(environment))
    freed = console.leases.free(held)
    if freed is None:
        raise InvocationError(
            f"{held} is not held", remedy=f"platformctl lock status {environment}"
        )
    audit.note(
        console.table,
        console.actor(),
        "lock release",
        held,
        "done",
        reason=reason,
        details={"operation": freed.operation},
    )
    talk().print(f"{held} is free; operation {freed.operation} is not finished")
    talk().print(
        f"  → platformctl operation show {runtime.project.arguments(environment)} {freed.operation}"
    )
