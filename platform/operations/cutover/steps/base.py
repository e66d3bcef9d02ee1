"""What the steps of a cutover have in common."""

from platformctl.errors import ResourceError
from platformctl.operations.cutover.balanced import told
from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.fargate import FargateSide
from platformctl.operations.cutover.spreading import Spreading, spreading_of
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.states import State
from platformctl.operations.kernel.step import Context, Step

LOOK = 0.25
"""Seconds between two looks at tasks that start."""


class CutoverStep(Step):
    """A step of a cutover.

    Args:
        course: What is moved.
        surroundings: What is needed besides AWS's API.
    """

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        self.course = course
        self.surroundings = surroundings
        if course.back:
            # There is nothing to go back to from a rollback: it has failed, and may be tried again.
            self.ending = State.FAILED

    def weights(self, context: Context) -> Spreading:
        """Return how the work of the service is spread."""
        return spreading_of(self.course.service, context.clients)

    def old(self, context: Context) -> FargateSide:
        """Return the side that served when the cutover began."""
        return FargateSide(self.course.service, self.course.old_side, context.clients)

    def new(self, context: Context) -> FargateSide:
        """Return the side that serves when it has ended."""
        return FargateSide(self.course.service, self.course.new_side, context.clients)

    def known_stopped(self, context: Context) -> list[str]:
        """Return the tasks of the new side that were stopped before it was started."""
        return list(context.facts("start").get("stopped", ()))


def changed_by_others(context: Context, found: dict[str, float], expected: str) -> ResourceError:
    """Return the error of weights that somebody else has set."""
    environment, name = context.operation.plan.environment, context.operation.id
    return ResourceError(
        "the weights were changed behind this operation's back",
        why=f"requests go {told(found)}; the journal says {expected}",
        remedy="set them back and go on: platformctl operation resume "
        f"{environment} {name}; or go back: platformctl operation abort {environment} {name}",
    )
