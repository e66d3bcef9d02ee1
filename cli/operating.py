"""Running an operation for a command: its view, its report, and how the command ends."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from platformctl.cli.runtime import Runtime
from platformctl.cli.views.operation import OperationView, operation_view
from platformctl.cli.views.terminal import talk
from platformctl.errors import CancelledError, InvocationError, PlatformError
from platformctl.operations.kernel.outcome import require_success
from platformctl.operations.report.follow import Follower, is_left
from platformctl.operations.report.write import write_report

if TYPE_CHECKING:
    from platformctl.operations.console import OperationsConsole
    from platformctl.operations.kernel.operation import Operation
    from platformctl.operations.kernel.runner import Runner


def operate(
    runtime: Runtime,
    environment: str,
    work: "Callable[[Runner], Operation]",
    *,
    as_json: bool,
    wanted: type[PlatformError] | None = None,
) -> "Operation":
    """Run an operation, show it, report on it, and end as it did.

    Args:
        runtime: The command's runtime.
        environment: Where.
        work: Runs it.
        as_json: Whether to show it as JSON lines.
        wanted: The end that was asked for, which is no error then, as being undone is of an abort.

    Raises:
        PlatformError: It did not end as it was to.
    """
    console = runtime.console(environment)
    with operation_view(as_json=as_json, rehearsed=runtime.rehearsed is not None) as view:
        operation = work(console.runner(view.on_event))
        if _is_under_way(console, operation):
            operation = _follow(console, operation.id, view)
    error = _unwanted(operation, wanted)
    with suppress(OSError):  # nobody reads any more; how it ended still is the command's status
        view.finish(operation, _report(runtime, console, operation), well=error is None)
    if error is not None:
        raise error
    return operation


def undo(runtime: Runtime, environment: str, name: str, reason: str, *, as_json: bool) -> None:
    """Undo an operation and show it; being undone is no error of it.

    Raises:
        PlatformError: It has ended, or could not be undone.
    """
    operate(
        runtime,
        environment,
        lambda runner: runner.abort(name, reason),
        as_json=as_json,
        wanted=CancelledError,
    )


def follow_operation(
    console: "OperationsConsole", name: str, *, as_json: bool, rehearsed: bool = False
) -> None:
    """Show an operation that another process runs until it ends, and end as it does.

    Raises:
        PlatformError: It did not end as it was to.
    """
    try:
        with operation_view(as_json=as_json, follows=True, rehearsed=rehearsed) as view:
            operation = _follow(console, name, view)
    except KeyboardInterrupt:
        talk().print(f"nobody looks at {name} any more; it goes on")
        return
    error = _unwanted(operation)
    view.finish(operation, well=error is None)
    if error is not None:
        raise error


def _unwanted(
    operation: "Operation", wanted: type[PlatformError] | None = None
) -> PlatformError | None:
    """Return what an operation's end is as an error; None where it is the end that was wanted."""
    try:
        _require_ended(operation)
    except PlatformError as error:
        return None if wanted is not None and isinstance(error, wanted) else error
    return None


def _require_ended(operation: "Operation") -> None:
    """End as an operation did; one that nobody works on any more has not ended.

    Raises:
        PlatformError: It did not end as it was to.
    """
    require_success(operation)
    if operation.state.is_final:
        return
    environment, name = operation.plan.environment, operation.id
    raise PlatformError(
        f"nobody is at work on operation {name}",
        why=f"the process that ran it is gone; it is {operation.state.words}",
        remedy=f"go on with it: platformctl operation resume {environment} {name}, or undo it: "
        f"platformctl operation abort {environment} {name}",
    )


def newest(console: "OperationsConsole") -> str:
    """Return the id of the newest operation.

    Raises:
        InvocationError: There was none yet.
    """
    operation = next(console.journal.all(), None)
    if operation is None:
        raise InvocationError(f"{console.environment} has no operations")
    return operation.id


def _follow(console: "OperationsConsole", name: str, view: OperationView) -> "Operation":
    for event in Follower(console.journal, console.leases, name).events():
        view.on_event(event)
    return console.journal.read(name)


def _is_under_way(console: "OperationsConsole", operation: "Operation") -> bool:
    """Tell whether another process is at work on it."""
    if operation.state.is_final:
        return False
    return not is_left(operation, console.leases.read(operation.plan.target))


def _report(runtime: Runtime, console: "OperationsConsole", operation: "Operation") -> Path | None:
    if not operation.state.is_final:
        return None
    return write_report(console.journal, operation.id, runtime.project.data / "reports")
