"""`smoke`: the new side answers requests of ours before it gets anybody else's."""

from platformctl.operations.cutover import probe
from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.steps.base import CutoverStep
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.step import Context, Facts


class Smoke(CutoverStep):
    """Ask the new side through the test listener."""

    name = "smoke"
    mutates = False

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"ask {course.new} through the test listener"

    def apply(self, context: Context) -> Facts:
        """Ask everything; one wrong answer is enough.

        Raises:
            StepFailedError: An answer is wrong.
        """
        self.weights(context).point_tests(self.course.new)
        wanted = probe.checks(self.course)
        mistakes = probe.run_checks(self.course, self.surroundings)
        if mistakes:
            raise StepFailedError(
                f"{self.course.new_side.name} answers wrongly", why="; ".join(mistakes)
            )
        return {"checks": [check.name for check in wanted]}
