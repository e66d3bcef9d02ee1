"""`promote`: the new side is the one that serves from now on; there is no undo after it."""

from dataclasses import asdict

from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.standing import (
    Standing,
    forget_standing,
    read_standing,
    standing_of,
    write_standing,
)
from platformctl.operations.cutover.steps.base import CutoverStep
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.operation import stamp
from platformctl.operations.kernel.step import Context, Facts
from platformctl.operations.services.traffic import ALL, active


class Promote(CutoverStep):
    """Record what serves now."""

    name = "promote"
    irreversible = True

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"record {course.new} as the side that serves"

    def apply(self, context: Context) -> Facts:
        """Record it.

        Raises:
            StepFailedError: The new side does not get all of the requests.
        """
        share = active(self.course.service, context.clients).shares.get(self.course.new, 0.0)
        if share != ALL:
            raise StepFailedError(
                f"{self.course.new} is not promoted", why=f"it gets {share:g} % of the requests"
            )
        context.guard()
        before = read_standing(self.surroundings.table, self.course.service.name)
        if "before" not in context.facts():
            context.note(before=asdict(before) if before else None)
        write_standing(self.surroundings.table, self._standing(context, before))
        return {"serving": self.course.new}

    def undo(self, context: Context) -> None:
        """Record what served before, as if nothing had been recorded."""
        before = context.facts().get("before")
        if before:
            write_standing(self.surroundings.table, standing_of(before))
        elif "before" in context.facts():
            forget_standing(self.surroundings.table, self.course.service.name)

    def _standing(self, context: Context, before: Standing | None) -> Standing:
        course = self.course
        desired = course.after.release
        if course.back:
            # What was meant to serve still is another release: the environment is degraded.
            desired = (before.desired if before else "") or course.before.release
        return Standing(
            service=course.service.name,
            side=course.new,
            running=course.after,
            other=course.before,
            desired=desired,
            operation=context.operation.id,
            since=stamp(context.clock.now()),
        )
