"""`platformctl cutover …`: a recorded release takes over; hold it, go on or back meanwhile."""

from typing import TYPE_CHECKING, Annotated

import typer

from platformctl.cli import options
from platformctl.cli.commands import cutting

if TYPE_CHECKING:
    from platformctl.cli.runtime import Runtime
    from platformctl.operations.kernel.operation import Operation

app = typer.Typer(
    no_args_is_help=True,
    help="Let a release take over a service; hold it, go on, or go back meanwhile.",
)


@app.command()
def start(
    environment: options.Environment,
    service: cutting.ServiceName,
    *,
    release: Annotated[
        str,
        typer.Option("--release", metavar="RELEASE", help="Which one; the newest by default."),
    ] = "",
    preset: cutting.PresetName = None,
    ignore_alarm: cutting.IgnoredAlarms = None,
    keep_green: cutting.KeepGreen = None,
    message: options.Message = "",
    yes: options.Yes = False,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Let a release that is recorded take over.

    [bold]Example[/]

      platformctl cutover start production analytics-api --release r7
    """
    from platformctl.cli.operating import operate
    from platformctl.cli.runtime import Runtime
    from platformctl.errors import InvocationError

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    runtime.judge(environment)
    chosen = cutting.service_of(runtime, environment, service)
    deployments = runtime.deployments(environment)
    releases = deployments.maker.releases
    found = releases.find(chosen.name, release) if release else releases.newest(chosen.name)
    if found is None:
        raise InvocationError(
            f"nothing of {service} was ever released",
            remedy=f"platformctl deploy {environment} {service}",
        )
    cutting.ask(runtime, environment, f"Let {found} take over in {environment}?", yes=yes)
    wishes = cutting.wishes(
        cutting.preset_timing(deployments.timing, preset),
        ignored=ignore_alarm,
        message=message,
        keep_green=keep_green,
    )
    operate(
        runtime,
        environment,
        lambda runner: deployments.cut_over(runner, chosen, found, wishes, reason=message),
        as_json=as_json,
    )


@app.command()
def status(
    environment: options.Environment,
    service: cutting.ServiceName,
    *,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show the cutover that is under way, or the last one.

    [bold]Example[/]

      platformctl cutover status production analytics-api
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.operation import show_operation
    from platformctl.operations.report.report import read_report

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    console = runtime.console(environment)
    found = _last(runtime, environment, service)
    show_operation(
        read_report(console.journal, found.id),
        as_json=as_json,
        rehearsed=runtime.rehearsed is not None,
        abandoned=console.leases.is_abandoned(found.id, found.plan.target),
    )


@app.command()
def pause(
    environment: options.Environment,
    service: cutting.ServiceName,
    *,
    target: options.Rehearsal = None,
    cwd: options.Directory = None,
) -> None:
    """Hold a cutover where it is: the weights stay as they are.

    [bold]Example[/]

      platformctl cutover pause production analytics-api
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.terminal import talk

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    found = _open(runtime, environment, service)
    runtime.console(environment).runner().pause(found.id)
    talk().print(f"{found.id} will hold where it is")
    talk().print(
        f"  → platformctl cutover resume {runtime.project.arguments(environment)} {service}"
    )


@app.command()
def resume(
    environment: options.Environment,
    service: cutting.ServiceName,
    *,
    max_age: Annotated[
        str,
        typer.Option("--max-age", metavar="TIME", help="Undo it if it began longer ago: `2h`."),
    ] = "",
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Go on with a cutover that holds, or whose process is gone.

    [bold]Examples[/]

      platformctl cutover resume production analytics-api

      platformctl cutover resume production analytics-api --max-age 2h
    """
    from platformctl.cli.durations import seconds
    from platformctl.cli.operating import operate
    from platformctl.cli.runtime import Runtime
    from platformctl.operations.cutover.rollback import resume_or_undo

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    found = _open(runtime, environment, service)
    oldest = seconds(max_age, "--max-age") if max_age else None
    operate(
        runtime, environment, lambda runner: resume_or_undo(runner, found, oldest), as_json=as_json
    )


@app.command()
def promote(
    environment: options.Environment,
    service: cutting.ServiceName,
    *,
    target: options.Rehearsal = None,
    cwd: options.Directory = None,
) -> None:
    """End the waiting that is under way: on to the next weight, or out of the bake.

    [bold]Example[/]

      platformctl cutover promote production analytics-api
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.terminal import talk
    from platformctl.errors import InvocationError
    from platformctl.operations.kernel.states import StepState

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    found = _open(runtime, environment, service)
    waiting = [step for step in found.steps if step.state is StepState.RUNNING]
    if not waiting:
        raise InvocationError(
            f"nothing waits in {found.id}",
            remedy=f"platformctl cutover resume {environment} {service}",
        )
    runtime.console(environment).runner().promote(found.id, waiting[0].name)
    talk().print(f"{waiting[0].name} of {found.id} waits no longer")


@app.command()
def abort(
    environment: options.Environment,
    service: cutting.ServiceName,
    *,
    reason: options.Reason = "",
    yes: options.Yes = False,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Go back: requests first, the new side's tasks after that.

    [bold]Example[/]

      platformctl cutover abort production analytics-api --reason "errors in checkout"
    """
    from platformctl.cli.operating import undo
    from platformctl.cli.runtime import Runtime

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    found = _open(runtime, environment, service)
    cutting.ask(runtime, environment, f"Undo {found.id}?", yes=yes)
    undo(runtime, environment, found.id, reason, as_json=as_json)


def _open(runtime: "Runtime", environment: str, name: str) -> "Operation":
    """Return what is under way on a service.

    Raises:
        InvocationError: Nothing is.
    """
    from platformctl.errors import InvocationError

    service = cutting.service_of(runtime, environment, name)
    found = runtime.console(environment).runner().open_on(service.target)
    if found is None:
        raise InvocationError(
            f"no cutover of {name} is under way",
            remedy=f"platformctl cutover status {environment} {name}",
        )
    return found


def _last(runtime: "Runtime", environment: str, name: str) -> "Operation":
    """Return what is or was done to a service last.

    Raises:
        InvocationError: Nothing ever was.
    """
    from platformctl.errors import InvocationError

    service = cutting.service_of(runtime, environment, name)
    for operation in runtime.console(environment).journal.all():
        if operation.plan.target == service.target:
            return operation
    raise InvocationError(
        f"{name} was never cut over in {environment}",
        remedy=f"platformctl deploy {environment} {name}",
    )
