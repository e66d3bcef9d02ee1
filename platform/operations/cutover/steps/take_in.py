"""`take-in`: the new side is told to take messages in, and nobody else."""

from platformctl.errors import ResourceError
from platformctl.operations.cutover.balanced import ALL, told
from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.steps.base import LOOK, CutoverStep, changed_by_others
from platformctl.operations.cutover.steps.shift import READ_BACK_SECONDS, spread
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepTimeoutError
from platformctl.operations.kernel.step import Context, Facts


class TakeIn(CutoverStep):
    """Give the intake to the new side."""

    name = "take-in"

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"have {course.new} take messages in"

    def apply(self, context: Context) -> Facts:
        """Write the parameter and read it back.

        Raises:
            ResourceError: Somebody else has changed it.
        """
        self._give(context, self.course.new, ALL)
        self.new(context).scale(serving=True)
        return {"intake": self.course.new}

    def holds(self, context: Context) -> bool:
        """Tell whether the new side still is the one.

        Raises:
            ResourceError: Somebody else has changed that.
        """
        found = self.weights(context).shares()
        if found != spread(self.course, ALL):
            raise changed_by_others(context, found, told(spread(self.course, ALL)))
        return True

    def undo(self, context: Context) -> None:
        """Take the intake away from the new side, and make sure that it consumes no more."""
        self._give(context, self.course.old, 0)
        new = self.new(context)
        new.stop()
        try:
            context.until(
                lambda: not new.task_arns(),
                within=self.course.timing.deadline_seconds,
                what=f"{self.course.new} finishing what it began",
                every=LOOK,
            )
        except StepTimeoutError as error:
            # It has left its group by now, whatever keeps it: it must not keep the old side.
            context.tell(f"{self.course.new} does not end", str(error))

    def _give(self, context: Context, side: str, share: int) -> None:
        spreading, wanted = self.weights(context), spread(self.course, share)
        found = spreading.shares()
        if found == wanted:
            return
        if found.get(self.course.old if share else self.course.new, 0.0) == 0.0 and any(
            found.values()
        ):
            raise changed_by_others(context, found, told(spread(self.course, ALL - share)))
        spreading.shift(wanted)
        try:
            context.until(
                lambda: spreading.shares() == wanted,
                within=READ_BACK_SECONDS,
                what=f"the intake being given to {side}",
                every=LOOK,
            )
        except StepTimeoutError as error:
            raise ResourceError(
                f"the intake was not given to {side}",
                why=f"{told(spreading.shares())}, although the change was accepted",
                remedy=f"platformctl operation resume {context.operation.plan.environment} "
                f"{context.operation.id}, or abort it",
            ) from error
