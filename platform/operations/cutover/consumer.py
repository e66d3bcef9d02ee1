"""Cutovers of consumers: from side to side as a whole, for a topic's partitions have one reader.

The new side stands by until it is well. Then the old side is stopped, which finishes its batch and
commits it; only when ECS says that every task has ended with exit code 0 may the new side take
messages in. At no moment do both, so nothing is processed twice; nothing is lost, because what was
not committed is still in the topic.
"""

from collections.abc import Sequence

from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.intake import Intake
from platformctl.operations.cutover.plan import expansion
from platformctl.operations.cutover.steps.consuming import ConsumerWatch, Consuming
from platformctl.operations.cutover.steps.hand_over import HandOver
from platformctl.operations.cutover.steps.preflight import (
    Check,
    Preflight,
    alarms_are_quiet,
    credentials_last,
    old_side_is_well,
    revision_is_there,
    right_account,
    schema_allows_it,
    where_it_was_left,
)
from platformctl.operations.cutover.steps.promote import Promote
from platformctl.operations.cutover.steps.ready import Ready
from platformctl.operations.cutover.steps.start import Start
from platformctl.operations.cutover.steps.take_in import TakeIn
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.step import Context, Step


class StandBy(Start):
    """Start the new side in standby; what it waits for does not decide how many tasks it has."""

    scales = False

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"start {course.after} on {course.new}, standing by"


def can_stand_by(course: Course, _: Surroundings, context: Context) -> None:
    """Refuse where two sides would consume at once, or nobody could tell whether one is well."""
    _intake_parameter = Intake(course.service, context.clients).parameter
    definition = context.clients("ecs", course.service.region).describe_task_definition(
        taskDefinition=course.after.task_definition
    )["taskDefinition"]
    containers = {each["name"]: each for each in definition["containerDefinitions"]}
    container = containers[course.service.container]
    variables = {each["name"]: each["value"] for each in container.get("environment", ())}
    if variables.get("SIDE", "blue") != course.new:
        raise StepFailedError(
            f"the tasks of {course.after} would not know that they are {course.new}",
            why=f"SIDE is {variables.get('SIDE', 'not set')} in {course.after.task_definition}",
            remedy="record the release again by this platformctl",
        )
    if not container.get("healthCheck"):
        raise StepFailedError(
            f"nobody could tell whether {course.new} could take over",
            why=f"container {course.service.container} has no health check",
            remedy="give the application a healthCheck in its app.yaml",
        )


FORWARD: Sequence[Check] = (
    right_account,
    credentials_last,
    where_it_was_left,
    revision_is_there,
    schema_allows_it,
    can_stand_by,
    old_side_is_well,
    alarms_are_quiet,
)
"""What must be so before a consumer is cut over."""
BACK: Sequence[Check] = (right_account, schema_allows_it, revision_is_there, can_stand_by)
"""What must be so before it goes back."""


def steps(course: Course, surroundings: Surroundings) -> Sequence[Step]:
    """Return the steps of a consumer."""
    made: list[Step] = [
        Preflight(course, surroundings, BACK if course.back else FORWARD),
        *expansion(course, surroundings),
        StandBy(course, surroundings),
        Ready(course, surroundings),
        HandOver(course, surroundings),
        TakeIn(course, surroundings),
        Consuming(course, surroundings),
    ]
    if course.timing.bake_seconds and not course.back:
        made.append(ConsumerWatch(course, surroundings))
    return [*made, Promote(course, surroundings)]
