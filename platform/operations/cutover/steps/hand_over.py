"""`hand-over`: the side that takes messages in finishes what it began, commits it, and ends."""

from collections.abc import Mapping, Sequence
from typing import Any

from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.steps.base import LOOK, CutoverStep, changed_by_others
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.step import Context, Facts

STOPPED = "STOPPED"
_MOST_TASKS = 100
"""Tasks that one DescribeTasks takes."""


class HandOver(CutoverStep):
    """Stop the old side, and believe only its exit codes that everything it had begun is done."""

    name = "hand-over"

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"let {course.old} finish what it began"

    def apply(self, context: Context) -> Facts:
        """Stop the old side and wait until each of its tasks has ended well.

        Raises:
            ResourceError: Somebody else has changed who takes messages in.
            StepFailedError: The new side could not take over, or a task ended otherwise.
        """
        self._require_intake(context)
        self._require_successor(context)
        old = self.old(context)
        if "count" not in context.facts():
            # Noted before they are told to end: whoever goes on after a crash has to know them.
            context.note(
                count=max(1, old.state().desired),
                before=old.task_arns(stopped=True),
                tasks=old.task_arns(),
            )
        old.stop()
        ended = context.until(
            lambda: self._ended(context),
            within=self.course.timing.deadline_seconds,
            what=f"{self.course.old} finishing what it began",
            why_not=lambda: f"{len(old.task_arns())} of its tasks still run",
            every=LOOK,
        )
        if undrained := [why for task in ended if (why := _not_drained(task))]:
            raise StepFailedError(
                f"{self.course.old_side.name} did not finish what it began",
                why="; ".join(undrained),
                remedy="what was not committed is consumed again; see why it was not stopped in "
                f"order: platformctl logs ENV {self.course.service.name}",
            )
        return {"ended": [_id(task) for task in ended]}

    def holds(self, context: Context) -> bool:
        """Tell whether the old side still has no tasks."""
        return self.old(context).state().desired == 0 and not self.old(context).task_arns()

    def undo(self, context: Context) -> None:
        """Start the old side again; it is its turn as long as nobody else's was told.

        Raises:
            StepFailedError: It does not get well.
        """
        old = self.old(context)
        state = old.state()
        count = int(context.facts().get("count", max(1, state.desired)))
        old.begin(state.task_definition, count)
        old.scale(serving=True)
        context.until(
            lambda: self.weights(context).healthy(self.course.old_side) >= count,
            within=self.course.timing.deadline_seconds,
            what=f"{self.course.old} taking messages in again",
            why_not=lambda: "; ".join(event.text for event in old.state().events[:1]),
            every=LOOK,
        )

    def _require_intake(self, context: Context) -> None:
        found = self.weights(context).shares()
        if found.get(self.course.old, 0.0) == 0.0:
            raise changed_by_others(context, found, f"{self.course.old} takes messages in")

    def _require_successor(self, context: Context) -> None:
        if not self.weights(context).healthy(self.course.new_side):
            health = self.weights(context).health(self.course.new_side)
            raise StepFailedError(
                f"{self.course.new_side.name} could not take over",
                why="; ".join(each.why for each in health.values()) or "it has no running task",
            )

    def _ended(self, context: Context) -> Sequence[Mapping[str, Any]] | None:
        """Return how the tasks of the old side ended, once all have; None before.

        That includes tasks which ECS started while it was being told to start none any more.
        """
        old, facts = self.old(context), context.facts()
        if old.task_arns():
            return None
        late = set(old.task_arns(stopped=True)) - {*facts["before"], *facts["tasks"]}
        ended = self._described(context, [*facts["tasks"], *sorted(late)])
        return ended if all(task["lastStatus"] == STOPPED for task in ended) else None

    def _described(self, context: Context, arns: Sequence[str]) -> list[Mapping[str, Any]]:
        ecs = context.clients("ecs", self.course.service.region)
        found: list[Mapping[str, Any]] = []
        for first in range(0, len(arns), _MOST_TASKS):
            answer = ecs.describe_tasks(
                cluster=self.course.service.cluster, tasks=arns[first : first + _MOST_TASKS]
            )
            found += answer["tasks"]
            # An hour after its end ECS does not know a task any more.
            found += [
                {"taskArn": failure["arn"], "lastStatus": STOPPED, "stoppedReason": "forgotten"}
                for failure in answer.get("failures", ())
            ]
        return found


def _not_drained(task: Mapping[str, Any]) -> str:
    """Return why it is not certain that a task finished what it began; "" if it is."""
    containers = task.get("containers")
    if containers is None:
        return f"how task {_id(task)} ended is not known to ECS any more"
    if task.get("startedAt") is None:
        return ""  # It never ran, and so began nothing.
    codes = {each["name"]: each.get("exitCode") for each in containers}
    bad = {name: code for name, code in codes.items() if code != 0}
    if not bad:
        return ""
    name, code = next(iter(bad.items()))
    how = "ended with no exit code" if code is None else f"exited with {code}"
    return f"container {name} of task {_id(task)} {how}: {task.get('stoppedReason', '')}".rstrip(
        ": "
    )


def _id(task: Mapping[str, Any]) -> str:
    return str(task["taskArn"]).rpartition("/")[2]
