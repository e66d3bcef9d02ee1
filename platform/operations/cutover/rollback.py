"""Going back: out of a cutover that is under way, or to what served before the last one."""

from datetime import datetime

from platformctl.config.cutover import CutoverConfig
from platformctl.operations.cutover.begin import back
from platformctl.operations.cutover.plan import make_plan
from platformctl.operations.cutover.standing import read_standing
from platformctl.operations.kernel.operation import Operation
from platformctl.operations.kernel.runner import Runner
from platformctl.operations.kernel.states import StepState
from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.services.model import Service

KIND = "rollback"


def roll_back(
    runner: Runner,
    environment: str,
    service: Service,
    timing: CutoverConfig,
    table: OperationsTable,
    *,
    reason: str,
    commit: str = "",
) -> Operation:
    """Let serve what served before.

    A cutover that is under way is undone. One that is past the point of no return is finished
    first: from then on going back is an operation of its own, which follows it.

    Args:
        runner: Runs it.
        environment: Where.
        service: The service.
        timing: Deadlines.
        table: The operations table.
        reason: Why.
        commit: Commit of the project.

    Raises:
        InvocationError: There is nothing to go back to.
    """
    found = runner.open_on(service.target)
    if found and found.plan.kind == KIND:
        return runner.resume(found.id)
    if found and not is_past_return(found):
        return runner.abort(found.id, reason or "rolled back")
    if found:
        finished = runner.resume(found.id)
        if not finished.state.is_final:
            return finished
    plan = make_plan(KIND, environment, back(service, timing, table))
    standing = read_standing(table, service.name)
    follows = standing.operation if standing else None
    return runner.run(plan, reason=reason, commit=commit, follows=follows)


def is_past_return(operation: Operation) -> bool:
    """Tell whether a cutover can only go forward."""
    promoted = [step for step in operation.steps if step.name == "promote"]
    return any(step.state is StepState.DONE for step in promoted)


def resume_or_undo(runner: Runner, operation: Operation, oldest: float | None) -> Operation:
    """Go on with a cutover, or undo it where it began too long ago to be meant any more.

    Args:
        runner: Runs it.
        operation: The cutover.
        oldest: Seconds after which it is undone; None to go on with any.
    """
    began = datetime.fromisoformat(operation.created)
    age = (runner.tools.clock.now() - began).total_seconds()
    if oldest is not None and age > oldest and not is_past_return(operation):
        return runner.abort(operation.id, f"it began {age:.0f} s ago, {oldest:.0f} s is the most")
    return runner.resume(operation.id)
