"""Every kind of operation, and what makes its steps."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from platformctl.errors import StateError
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.operation import Plan
from platformctl.operations.kernel.runner import Steps
from platformctl.operations.kernel.step import Step

MakeSteps = Callable[[Plan, Surroundings], Sequence[Step]]
KINDS: Mapping[str, str] = {
    "cutover": "platformctl.operations.cutover.plan:steps",
    "deploy": "platformctl.operations.cutover.plan:steps",
    "rollback": "platformctl.operations.cutover.plan:steps",
    "migration": "platformctl.operations.migration.steps:steps",
}
"""Kind → function (plan, surroundings) → steps, imported when it is needed."""


def steps_within(surroundings: Surroundings) -> Steps:
    """Return what makes the steps of any plan in these surroundings."""

    def steps(plan: Plan) -> Sequence[Step]:
        if plan.kind not in KINDS:
            raise StateError(
                f"operations of kind {plan.kind!r} are not known",
                why="a newer platformctl started this one",
                remedy="use the platformctl that started it, or a newer one",
            )
        module, _, name = KINDS[plan.kind].partition(":")
        make: MakeSteps = getattr(import_module(module), name)
        return make(plan, surroundings)

    return steps
