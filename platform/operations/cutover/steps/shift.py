"""`shift-N`: N percent of the requests go to the new side."""

from collections.abc import Mapping
from dataclasses import replace

from platformctl.errors import ResourceError
from platformctl.operations.cutover.balanced import ALL, told
from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.retirement import Retirement
from platformctl.operations.cutover.spreading import Spreading
from platformctl.operations.cutover.steps.base import LOOK, CutoverStep, changed_by_others
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.cutover.version import Version
from platformctl.operations.kernel.failures import StepFailedError, StepTimeoutError
from platformctl.operations.kernel.states import StepState
from platformctl.operations.kernel.step import Context, Facts
from platformctl.operations.report.measurement import Measurement, SideNumbers

PREFIX = "shift-"
READ_BACK_SECONDS = 30.0
"""Within which a rule must say what it was told."""


class Shift(CutoverStep):
    """Give the new side a share of the requests.

    Args:
        course: What is moved.
        surroundings: What is needed besides AWS's API.
        weight: Percent of the requests.
        before: Percent of the step before.
    """

    def __init__(
        self, course: Course, surroundings: Surroundings, weight: int, before: int
    ) -> None:
        super().__init__(course, surroundings)
        self.name = f"{PREFIX}{weight}"
        self.title = f"send {weight} % of the requests to {course.new}"
        self.weight = weight
        self.before = before

    def apply(self, context: Context) -> Facts:
        """Set the weights and read them back.

        Raises:
            ResourceError: Somebody else has changed them.
            StepFailedError: A side that is to get requests has nobody to answer them.
        """
        weights = self.weights(context)
        found, wanted = weights.shares(), spread(self.course, self.weight)
        if found != wanted:
            # A rollback is the way out of wherever the weights are.
            if not self.course.back and found != spread(self.course, self.before):
                expected = told(spread(self.course, self.before))
                raise changed_by_others(context, found, expected)
            require_healthy(self.course, weights, wanted)
            weights.shift(wanted)
        read_back(context, weights, wanted)
        sample_shares(self.course, context, wanted)
        return {"shares": wanted}

    def holds(self, context: Context) -> bool:
        """Tell whether the weights still are what the last shift left.

        Raises:
            ResourceError: Somebody else has changed them.
        """
        allowed = expected_shares(context, self.course)
        found = self.weights(context).shares()
        if found not in allowed:
            raise changed_by_others(context, found, " or ".join(map(told, allowed)))
        return True

    def undo(self, context: Context) -> None:
        """Give every request back to the side that served before.

        Raises:
            StepFailedError: It cannot take them; they stay where more of them are answered.
        """
        go_back(self, context)


def spread(course: Course, weight: int) -> dict[str, int]:
    """Return the shares of the sides at a weight of the new one."""
    return {key: weight if key == course.new else ALL - weight for key in course.service.sides}


def expected_shares(context: Context, course: Course) -> list[dict[str, int]]:
    """Return what the weights may be by the journal: two things while a shift is under way."""
    before, allowed = 0, [spread(course, 0)]
    for record in context.operation.steps:
        if not record.name.startswith(PREFIX) or record.attempt == 0:
            continue
        weight = int(record.name.removeprefix(PREFIX))
        allowed = [spread(course, weight)]
        if record.state != StepState.DONE:
            allowed.append(spread(course, before))
        before = weight
    return allowed


def require_healthy(course: Course, weights: Spreading, wanted: Mapping[str, int]) -> None:
    """Make sure that whoever is to get requests has somebody to answer them.

    Raises:
        StepFailedError: A side has no healthy target.
    """
    for key, share in wanted.items():
        side = course.service.sides[key]
        if share and not weights.healthy(side):
            targets = weights.health(side)
            why = "; ".join(f"{at}: {each.why or each.state}" for at, each in targets.items())
            raise StepFailedError(
                f"{side.name} gets no requests: it has no healthy target",
                why=why or "its target group is empty",
            )


def read_back(context: Context, weights: Spreading, wanted: Mapping[str, int]) -> None:
    """Wait until the rule says what it was told.

    Raises:
        ResourceError: It does not.
    """
    try:
        context.until(
            lambda: weights.shares() == wanted,
            within=READ_BACK_SECONDS,
            what="the rule taking its new weights",
            every=LOOK,
        )
    except StepTimeoutError as error:
        # Whether it takes them later cannot be known: nothing else may happen until somebody looks.
        raise ResourceError(
            "the rule does not take the weights that it accepted",
            why=f"it says {told(weights.shares())} instead of {told(wanted)}",
            remedy=f"platformctl operation resume {context.operation.plan.environment} "
            f"{context.operation.id}, or abort it",
        ) from error


def sample_shares(course: Course, context: Context, shares: Mapping[str, float]) -> None:
    """Keep who gets how much, where nothing else is measured."""
    sides = [
        SideNumbers(key=course.old, role="old", version=_named(course.before)),
        SideNumbers(key=course.new, role="new", version=_named(course.after)),
    ]
    shared = [replace(side, weight=shares.get(side.key, 0)) for side in sides]
    context.sample(**Measurement(sides=shared).document())


def _named(version: Version) -> str | None:
    return version.release or version.version or None


def go_back(step: CutoverStep, context: Context) -> None:
    """Give every request to the old side; where it cannot take them, to whoever answers any.

    Raises:
        StepFailedError: The old side cannot take them.
    """
    course, weights = step.course, step.weights(context)
    wanted, found = spread(course, 0), weights.shares()
    if found == wanted:
        return
    Retirement(course.service, course.old_side, context.clients).cancel()
    if not weights.healthy(course.old_side):
        if weights.healthy(course.new_side):
            weights.shift(spread(course, ALL))
        _revive(step, context, weights)
    weights.shift(wanted)
    read_back(context, weights, wanted)
    sample_shares(course, context, wanted)


def _revive(step: CutoverStep, context: Context, weights: Spreading) -> None:
    """Start the old side again and wait until it has somebody to answer requests.

    Raises:
        StepFailedError: It does not become healthy.
    """
    course, old = step.course, step.old(context)
    state = old.state()
    old.begin(state.task_definition, max(course.old_side.minimum_tasks, state.desired))
    try:
        context.until(
            lambda: weights.healthy(course.old_side),
            within=course.timing.deadline_seconds,
            what=f"{course.old} becoming healthy again",
            every=LOOK,
        )
    except StepTimeoutError as error:
        raise StepFailedError(
            f"{course.old_side.name} cannot take the requests back",
            why=f"it has no healthy target; requests go {told(weights.shares())}",
            remedy="mend it and go on: platformctl operation resume "
            f"{context.operation.plan.environment} {context.operation.id}",
        ) from error
