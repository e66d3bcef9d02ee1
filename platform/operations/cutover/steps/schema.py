"""`schema`: after the expansion, both releases can run on what the database is."""

from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.steps.base import CutoverStep
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.step import Context, Facts
from platformctl.operations.migration.compatible import incompatible


class Schema(CutoverStep):
    """Judge the schema by what the expansion reported."""

    name = "schema"
    mutates = False

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"make sure that {course.after} and what serves can both use the schema"

    def apply(self, context: Context) -> Facts:
        """Judge both releases.

        Raises:
            StepFailedError: One of them cannot run on it.
        """
        facts = context.facts("expand")
        for version in (self.course.after, self.course.before):
            why = incompatible(version.migration_head, facts["migrations"])
            if why and version.migration_head:
                raise StepFailedError(f"{version} cannot run on the schema", why=why)
        # What a newer source has brought stays there, whichever source was asked last.
        newest = max((facts["head"], *(each["number"] for each in facts["migrations"])))
        if self.course.after.migration_head > newest:
            raise StepFailedError(
                f"{self.course.after} needs migrations that were not deployed",
                why=f"it knows {self.course.after.migration_head}, the deployed migrations end "
                f"with {newest}",
                remedy=f"platformctl up {context.operation.plan.environment}, then deploy again",
            )
        return {"head": facts["head"]}
