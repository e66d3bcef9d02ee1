"""`start`: the new side gets the release and as many tasks as the old one has."""

from dataclasses import replace
from typing import ClassVar

from platformctl.operations.cutover.course import LONGEST_KEPT, Course
from platformctl.operations.cutover.fargate import FargateSide
from platformctl.operations.cutover.retirement import Retirement
from platformctl.operations.cutover.standing import Standing, read_standing, write_standing
from platformctl.operations.cutover.startup import failures, last_lines
from platformctl.operations.cutover.steps.base import CutoverStep
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.operation import stamp
from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.kernel.step import Context, Facts
from platformctl.operations.services.traffic import active


class Start(CutoverStep):
    """Start the new side; nobody's requests reach it yet."""

    name = "start"
    scales: ClassVar[bool] = True
    """Whether autoscaling decides about its tasks before it serves."""

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"start {course.after} on {course.new}"

    def apply(self, context: Context) -> Facts:
        """Give the new side its revision and its tasks."""
        new, facts = self.new(context), context.facts()
        if "count" not in facts:
            events = new.state().events
            context.note(
                count=self._count(context),
                event=events[0].id if events else "",
                warm=self._is_warm(new),
                stopped=new.task_arns(stopped=True),
            )
        count = int(context.facts()["count"])
        # What was to stop this side after an earlier cutover would stop the new release.
        Retirement(self.course.service, self.course.new_side, context.clients).cancel()
        new.begin(self.course.after.task_definition, count)
        new.scale(serving=self.scales)
        return {"taskDefinition": self.course.after.task_definition}

    def holds(self, context: Context) -> bool:
        """Tell whether the new side still has the revision, and tasks."""
        state = self.new(context).state()
        same = state.task_definition == self.course.after.task_definition
        return same and state.desired >= 1

    def undo(self, context: Context) -> None:
        """Stop the new side, after a while in which people can look at it.

        Raises:
            StepFailedError: It still gets requests.
        """
        if self.course.back:
            return  # What was meant to take over is left for the next attempt.
        new = self.new(context)
        share = active(self.course.service, context.clients).shares.get(self.course.new, 0.0)
        if share:
            raise StepFailedError(
                f"{new.side.name} is not stopped", why=f"it still gets {share:g} % of the requests"
            )
        self._tell_why(context)
        if context.operation.ending is not State.CANCELLED:
            self._degrade(context)
        if new.state().running and (kept := self._kept(context)):
            context.pause(kept, f"{self.course.new} keeps running for whoever wants to look at it")
        new.stop()

    def _kept(self, context: Context) -> float:
        """Return for how many seconds the new side keeps running.

        One that never was ready has told why, and is kept only if more than usual was asked for.
        """
        kept = self.course.keep_failed_seconds
        ready = context.operation.step("ready").state is StepState.DONE
        return kept if ready or kept > LONGEST_KEPT else 0

    def _degrade(self, context: Context) -> None:
        """Record that something else was meant to serve, until that is given up or mended."""
        table, course = self.surroundings.table, self.course
        found = read_standing(table, course.service.name)
        standing = found or Standing(
            service=course.service.name, side=course.old, running=course.before
        )
        write_standing(
            table,
            replace(
                standing,
                desired=course.after.release,
                operation=context.operation.id,
                since=stamp(context.clock.now()),
            ),
        )

    def _is_warm(self, new: FargateSide) -> bool:
        """Tell whether it runs what it is to run already, as after a cutover."""
        state = new.state()
        return bool(state.running) and state.task_definition == self.course.after.task_definition

    def _count(self, context: Context) -> int:
        new = self.new(context)
        if self.course.back and self._is_warm(new):
            # It was as many as were needed, and a rollback waits for nothing that can come later.
            return max(1, new.state().desired)
        return max(self.course.new_side.minimum_tasks, self.old(context).state().running)

    def _tell_why(self, context: Context) -> None:
        """Tell why tasks were stopped, and what they logged last."""
        new, known = self.new(context), self.known_stopped(context)
        failed = failures(new, known)
        for failure in failed[:2]:
            lines = last_lines(new, failure.arn, context.clients)
            context.tell(f"{new.side.name}: task {failure.task}: {failure.reason}", *lines)
        running = () if failed else new.task_arns()
        if running and (lines := last_lines(new, running[0], context.clients)):
            context.tell(f"the last lines of {new.side.name}", *lines)
