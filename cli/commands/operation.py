"""`platformctl operation …`: what runs, what ran, and taking it up again."""

from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import options

app = typer.Typer(
    no_args_is_help=True, help="Look at operations, go on with them, undo them, report on them."
)

Name = Annotated[str, typer.Argument(metavar="ID", help="The operation's id.")]
NewestByDefault = Annotated[
    str | None, typer.Argument(metavar="ID", help="The operation's id; the newest by default.")
]
StepName = Annotated[str, typer.Argument(metavar="STEP", help="Name of the step.")]


@app.command("list")
def list_(
    environment: options.Environment,
    *,
    limit: Annotated[int, typer.Option("--limit", help="Most operations.", min=1)] = 20,
    open_only: Annotated[
        bool, typer.Option("--open", help="Only those that have not ended.")
    ] = False,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show the operations of an environment, newest first.

    [bold]Examples[/]

      platformctl operation list production

      platformctl operation list production --open
    """
    from itertools import islice

    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.operations import show_operations

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    found = (
        operation
        for operation in runtime.console(environment).journal.all()
        if not (open_only and operation.state.is_final)
    )
    show_operations(
        environment,
        list(islice(found, limit)),
        as_json=as_json,
        open_only=open_only,
        rehearsed=runtime.rehearsed is not None,
    )


@app.command()
def show(
    environment: options.Environment,
    operation: NewestByDefault = None,
    *,
    follow: Annotated[
        bool,
        typer.Option("--follow", "-f", help="Go on showing it until it ends; end as it does."),
    ] = False,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show an operation: its sides, steps and limits, what happens next and how to stop it.

    [bold]Examples[/]

      platformctl operation show production

      platformctl operation show production --follow     what another process is doing just now

      platformctl operation show production 20261121T091500-deploy-analytics-api-3f9c --json
    """
    from platformctl.cli.operating import follow_operation, newest
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.operation import show_operation
    from platformctl.operations.report.report import read_report

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    console, rehearsed = runtime.console(environment), runtime.rehearsed is not None
    name = operation or newest(console)
    if follow:
        follow_operation(console, name, as_json=as_json, rehearsed=rehearsed)
    else:
        found = read_report(console.journal, name)
        gone = console.leases.is_abandoned(name, found.operation.plan.target)
        show_operation(found, as_json=as_json, rehearsed=rehearsed, abandoned=gone)


@app.command()
def report(
    environment: options.Environment,
    operation: NewestByDefault = None,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write: a page, or JSON if it ends in .json."),
    ] = None,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Write the report of an operation: a page with its timeline, limits, steps and audit log.

    [bold]Examples[/]

      platformctl operation report production

      platformctl operation report production --output report.html

      platformctl operation report production --json | jq .gates
    """
    from platformctl.cli.operating import newest
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.terminal import print_json
    from platformctl.operations.report.report import read_report
    from platformctl.operations.report.write import write_file, write_report

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    console = runtime.console(environment)
    name = operation or newest(console)
    if as_json:
        print_json(read_report(console.journal, name).document())
    elif output:
        typer.echo(write_file(read_report(console.journal, name), output))
    else:
        typer.echo(write_report(console.journal, name, runtime.project.data / "reports"))


@app.command()
def resume(
    environment: options.Environment,
    operation: Name,
    *,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Go on with an operation that was paused, or whose process is gone.

    Where somebody is at work on it, they are told to go on, and it is followed.

    [bold]Example[/]

      platformctl operation resume production 20261121T091500-deploy-analytics-api-3f9c
    """
    from platformctl.cli.operating import operate
    from platformctl.cli.runtime import Runtime

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    operate(runtime, environment, lambda runner: runner.resume(operation), as_json=as_json)


@app.command()
def abort(
    environment: options.Environment,
    operation: Name,
    *,
    reason: options.Reason = "",
    yes: options.Yes = False,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Undo an operation: traffic first, everything else after it.

    [bold]Example[/]

      platformctl operation abort production 20261121T091500-deploy-analytics-api-3f9c
    """
    from platformctl.cli.commands.support import confirm
    from platformctl.cli.operating import undo
    from platformctl.cli.runtime import Runtime

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    confirm(f"Undo {operation}?", environment, yes=yes)
    undo(runtime, environment, operation, reason, as_json=as_json)


@app.command()
def approve(
    environment: options.Environment,
    operation: Name,
    step: StepName,
    *,
    reason: options.Reason = "",
    target: options.Rehearsal = None,
    cwd: options.Directory = None,
) -> None:
    """Approve what a step waits for.

    [bold]Example[/]

      platformctl operation approve production 20261121T091500-deploy-analytics-api-3f9c bake
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.terminal import talk

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    runtime.console(environment).runner().approve(operation, step, reason)
    talk().print(f"{step} of {operation} is approved")


@app.command()
def skip(
    environment: options.Environment,
    operation: Name,
    step: StepName,
    *,
    reason: Annotated[
        str, typer.Option("--reason", help="Why it may be left out; recorded.", metavar="TEXT")
    ],
    target: options.Rehearsal = None,
    cwd: options.Directory = None,
) -> None:
    """Leave out a step that failed; who did and why is recorded.

    [bold]Example[/]

      platformctl operation skip production 20261121T091500-deploy-analytics-api-3f9c \
analyse-10 --reason "no traffic at night; looked at by hand"
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.terminal import talk

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    runtime.console(environment).runner().skip(operation, step, reason)
    talk().print(f"{step} of {operation} will be left out")
    where = runtime.project.arguments(environment)
    talk().print(f"  → platformctl operation resume {where} {operation}")
