"""`retire`: the old side is stopped, at once or when the time for a quick way back is over."""

from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.retirement import Retirement
from platformctl.operations.cutover.steps.base import CutoverStep
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.step import Context, Facts


class Retire(CutoverStep):
    """Stop the old side; its requests are finished first."""

    name = "retire"

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self._seconds = 0 if course.back else course.timing.keep_warm_seconds
        later = f"have {course.old} stopped in {self._seconds} s"
        self.title = later if self._seconds else f"stop {course.old} once its requests are done"

    def apply(self, context: Context) -> Facts:
        """Stop it, or have it stopped.

        Raises:
            StepFailedError: It still gets requests.
        """
        weights, old = self.weights(context), self.old(context)
        share = weights.shares()[self.course.old]
        if share:
            raise StepFailedError(
                f"{old.side.name} is not stopped", why=f"it still gets {share:g} % of the requests"
            )
        weights.point_tests(self.course.old)
        self._settle(context)
        if not self._seconds:
            old.stop()
            return {"stopped": self.course.old}
        old.scale(serving=False)
        retirement = Retirement(self.course.service, old.side, context.clients)
        role = self.course.service.retire_role_arn
        at = retirement.plan(self._seconds, role, context.token, context.clock.now())
        return {"stops": self.course.old, "at": at}

    def _settle(self, context: Context) -> None:
        """Make sure that nothing planned before stops the side that serves now."""
        new = self.new(context)
        Retirement(self.course.service, new.side, context.clients).cancel()
        count = max(new.side.minimum_tasks, 1)
        if new.state().desired < count:
            new.begin(self.course.after.task_definition, count)
