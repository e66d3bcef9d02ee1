"""`ready`: every task of the new side takes requests, and stays well for a while."""

from collections.abc import Mapping
from typing import Any

from platformctl.operations.cutover.balanced import HEALTHY, TargetHealth
from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.fargate import SideState, address_of
from platformctl.operations.cutover.startup import require_none, unplaced
from platformctl.operations.cutover.steps.base import LOOK, CutoverStep
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.step import Context, Facts

UNHEALTHY = "unhealthy"
ANSWERING_SECONDS = 10.0
"""Seconds after which a task that answers has had the time to say that it is well."""
_EVENTS = 3
"""Of ECS, told where a deadline passes."""


class Ready(CutoverStep):
    """Wait until the new side is well."""

    name = "ready"
    mutates = False

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"wait until every task of {course.new} is healthy"
        self._first_seen: dict[str, float] = {}
        self._why_not = ""
        self._no_room = False

    def apply(self, context: Context) -> Facts:
        """Wait, and give up as soon as tasks do not start."""
        seconds = 0 if self.course.back else self.course.timing.ready_seconds
        seen: dict[str, Any] = {"tasks": None, "since": 0.0}

        def well_for_long() -> list[str] | None:
            found, now = self._well(context), context.clock.monotonic()
            if found is None or found != seen["tasks"]:
                seen.update(tasks=found, since=now)
            if found is None:
                return None
            self._why_not = f"its tasks have been well for {now - seen['since']:.0f} of {seconds} s"
            return found if now - seen["since"] >= seconds else None

        tasks = context.until(
            well_for_long,
            within=self.course.timing.deadline_seconds + seconds,
            what=f"{self.course.new} becoming healthy",
            why_not=lambda: self._why_not,
            every=LOOK,
        )
        return {"tasks": tasks}

    def holds(self, context: Context) -> bool:
        """Tell whether every task still is well."""
        return self._well(context) is not None

    def _well(self, context: Context) -> list[str] | None:
        """Return the tasks if every one takes requests; None otherwise.

        Raises:
            StepFailedError: They do not start, or ECS went back to another revision.
        """
        new = self.new(context)
        state = new.state()
        self._require_revision(state)
        require_none(new, self.known_stopped(context), context.clients, what="does not start")
        self._tell_unplaced(context, state)
        running = {
            task["taskArn"].rpartition("/")[2]: address_of(task)
            for task in new.tasks()
            if task["lastStatus"] == "RUNNING"
            and task["taskDefinitionArn"] == state.task_definition
        }
        targets = self.weights(context).health(self.course.new_side)
        unwell = {
            task: targets.get(address, TargetHealth(state="unregistered", why="not registered yet"))
            for task, address in running.items()
            if address not in targets or targets[address].state != HEALTHY
        }
        self._why_not = _told(state, len(running), unwell)
        self._require_grace(context, state, unwell)
        well = sorted(running.keys() - unwell.keys())
        if self.course.back and context.facts("start").get("warm"):
            return well or None  # Whoever can take requests is better than where they are now.
        return well if len(well) >= max(1, state.desired) and not unwell else None

    def _tell_unplaced(self, context: Context, state: SideState) -> None:
        """Tell at once that there is no room: ECS goes on trying, and so does who waits for it."""
        known = str(context.facts("start").get("event", ""))
        why = unplaced(state, known)
        if why and not self._no_room:
            context.tell(
                f"ECS finds no room for tasks of {self.course.new_side.name}",
                why,
                "ECS goes on trying; meanwhile every request stays where it is",
            )
        self._no_room = bool(why)

    def _require_revision(self, state: SideState) -> None:
        wanted = self.course.after.task_definition
        if state.task_definition != wanted:
            why = state.events[0].text if state.events else "ECS does not say why"
            raise StepFailedError(
                f"{self.course.new_side.name} runs another revision than it was given",
                why=f"{state.task_definition} instead of {wanted}: {why}",
            )

    def _require_grace(
        self, context: Context, state: SideState, unwell: Mapping[str, TargetHealth]
    ) -> None:
        """Give up on a task that fails its health checks once they count against it."""
        now = context.clock.monotonic()
        for task, health in unwell.items():
            age = now - self._first_seen.setdefault(task, now)
            # Who answers is up, and has failed as often as its target group asks for: with "no".
            grace = min(ANSWERING_SECONDS, state.grace_seconds)
            grace = grace if health.answers else state.grace_seconds
            if health.state == UNHEALTHY and age >= grace:
                raise StepFailedError(
                    f"{self.course.new_side.name} does not become healthy",
                    why=f"task {task}: {health.why or 'it fails its health checks'}",
                    remedy=f"platformctl logs {context.operation.plan.environment} --service "
                    f"{self.course.service.name}",
                )


def _told(state: SideState, running: int, unwell: Mapping[str, TargetHealth]) -> str:
    why = [f"{running} of {state.desired} tasks run"]
    why += [f"task {task}: {health.why or health.state}" for task, health in unwell.items()]
    said = [event.text for event in state.events[:_EVENTS]]
    return "; ".join(dict.fromkeys([*why, *said]))
