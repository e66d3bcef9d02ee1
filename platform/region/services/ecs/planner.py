"""What a service needs next: from its tasks to tasks to start and to stop, as a pure function.

A rolling deployment keeps two promises: never more tasks than `maximum`, never fewer healthy ones
than `minimum` by its own doing. Between them it starts the new and stops the old.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

BREAKER_FEWEST, BREAKER_MOST = 3, 200
FIRST_DELAY, LONGEST_DELAY = 0.5, 60.0


@dataclass(frozen=True)
class TaskView:
    """A task as the planner sees it.

    Attributes:
        id: Task id.
        deployment: Id of the deployment it belongs to.
        healthy: It serves: running, and every health check it has is passing.
        stopping: It has been told to stop.
        created: Seconds since the epoch.
    """

    id: str
    deployment: str
    healthy: bool = False
    stopping: bool = False
    created: float = 0.0


@dataclass(frozen=True)
class Goal:
    """What a service ought to be.

    Attributes:
        deployment: Id of its primary deployment.
        desired: Tasks it ought to have.
        minimum_healthy_percent: Share of `desired` that stays healthy during a deployment.
        maximum_percent: Share of `desired` that may exist during a deployment.
        frozen: The primary deployment failed: start nothing more of it.
    """

    deployment: str
    desired: int
    minimum_healthy_percent: int = 100
    maximum_percent: int = 200
    frozen: bool = False

    @property
    def minimum(self) -> int:
        """Healthy tasks that must stay (rounded up, as ECS does)."""
        return math.ceil(self.desired * self.minimum_healthy_percent / 100)

    @property
    def maximum(self) -> int:
        """Tasks that may exist (rounded down, as ECS does)."""
        return math.floor(self.desired * self.maximum_percent / 100)


@dataclass(frozen=True)
class Plan:
    """The next moves.

    Attributes:
        start: How many tasks of the primary deployment to start.
        stop: Ids of tasks to stop.
        steady: Nothing is left to do, and all that is desired is healthy.
        blocked: Something is left to do, but the percentages, rounded to whole tasks, allow
            neither a start nor a stop: it stays so until the service is changed.
    """

    start: int
    stop: tuple[str, ...]
    steady: bool
    blocked: bool = False


def plan(goal: Goal, tasks: Sequence[TaskView]) -> Plan:
    """Return the next moves of a service; doing them and planning again converges."""
    live = [task for task in tasks if not task.stopping]
    new = [task for task in live if task.deployment == goal.deployment]
    old = [task for task in live if task.deployment != goal.deployment]

    surplus = _worst_first(new)[: max(0, len(new) - goal.desired)]
    kept = [task for task in new if task not in surplus]
    stop = [*surplus, *_old_to_stop(goal, kept, old)]

    # As in ECS, tasks on their way out count neither for the maximum nor against steadiness.
    room = max(goal.maximum, 1 if goal.desired else 0) - len(live)
    start = 0 if goal.frozen else max(0, min(goal.desired - len(kept), room))
    healthy = sum(task.healthy for task in kept)
    steady = not stop and not start and healthy == goal.desired and len(live) == len(kept)
    blocked = (
        not (goal.frozen or stop or start)
        and len(kept) < goal.desired
        and all(task.healthy for task in live)
    )
    return Plan(start, tuple(task.id for task in stop), steady, blocked)


def _worst_first(tasks: Sequence[TaskView]) -> list[TaskView]:
    """Order tasks by how little is lost with them: not yet healthy first, then the newest."""
    return sorted(tasks, key=lambda task: (task.healthy, -task.created, task.id))


def _old_to_stop(goal: Goal, new: Sequence[TaskView], old: Sequence[TaskView]) -> list[TaskView]:
    """Choose tasks of earlier deployments that may go now."""
    new_healthy = sum(task.healthy for task in new)
    if goal.frozen:
        # Nothing will replace them: keep what is needed to serve the desired count.
        superfluous = len(old) + new_healthy - goal.desired
    else:
        superfluous = max(len(old) + new_healthy - goal.desired, 0)
        # Where the maximum leaves no room for new tasks, old ones make way as the minimum allows.
        missing = goal.desired - len(new)
        crowded = len(new) + len(old) + min(missing, 1) - max(goal.maximum, 1)
        if missing > 0 and crowded > 0:
            superfluous = max(superfluous, min(missing, len(old)))
    spare_healthy = sum(task.healthy for task in old) + new_healthy - goal.minimum
    chosen: list[TaskView] = []
    for task in _worst_first(old):
        if len(chosen) >= superfluous:
            break
        if task.healthy:
            if spare_healthy <= 0:
                break
            spare_healthy -= 1
        chosen.append(task)
    return chosen


def failure_threshold(desired: int) -> int:
    """Return how many tasks may fail before the deployment circuit breaker opens."""
    return min(max(math.ceil(desired / 2), BREAKER_FEWEST), BREAKER_MOST)


def start_delay(failures: int) -> float:
    """Return the seconds to wait before the next start after failures in a row."""
    if failures == 0:
        return 0.0
    return min(FIRST_DELAY * 2.0 ** min(failures - 1, 20), LONGEST_DELAY)
