"""One service kept at its desired count: look at its tasks, plan, move, tell.

Each round is level-triggered: it starts from the records and from what runs, so a round that was
missed, or a supervisor that was killed between two moves, changes nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from platformctl.region.services.ecs import deployments, failures, health, planner
from platformctl.region.services.ecs.planner import Goal, TaskView
from platformctl.region.services.ecs.task_run import TaskRun

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime, Table
    from platformctl.region.services.ecs.load_balancers import TargetGroups

log = logging.getLogger(__name__)

BUSY_SECONDS, IDLE_SECONDS = 0.25, 1.0
STABLE_SECONDS = 3.0
"""How long a task without any health check must run before it counts as healthy."""
RECOVERED_SECONDS = 10.0
"""How long a task must serve before the failures before it are forgotten."""
FAILURE_CODES = ("TaskFailedToStart", "EssentialContainerExited")
UNABLE = (
    "is unable to consistently start tasks successfully. For more information, see the "
    "Troubleshooting section of the Amazon ECS Developer Guide."
)
BLOCKED = (
    "was unable to stop or start tasks during a deployment because of the service deployment "
    "configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
)

StartTask = Callable[[dict[str, Any], dict[str, Any]], TaskRun]
"""Starts one task of a service: the service's record and the deployment; PlacementError if there is
no room for it.
"""


@dataclass
class Streak:
    """Tasks of one deployment that failed one after the other."""

    deployment: str = ""
    failures: int = 0
    wait_until: float = 0.0

    def failed(self, now: float) -> None:
        """Count a failure; starting waits longer after each."""
        self.failures += 1
        self.wait_until = now + planner.start_delay(self.failures)

    def clear(self) -> None:
        """Forget the failures."""
        self.failures = 0
        self.wait_until = 0.0


class ServiceScheduler:
    """Keeps one service at its desired count."""

    def __init__(
        self,
        runtime: "Runtime",
        table: "Table",
        key: str,
        targets: "TargetGroups",
        start_task: StartTask,
    ) -> None:
        self.runs: dict[str, TaskRun] = {}
        self._deployment_of: dict[str, str] = {}
        self._runtime = runtime
        self._table = table
        self._key = key
        self._targets = targets
        self._start_task = start_task
        self._changed = asyncio.Event()
        self._streak = Streak()
        self._steady = False
        self._blocked = False

    def wake(self) -> None:
        """Plan again at once: something changed."""
        self._changed.set()

    async def run(self) -> None:
        """Work until the service is deleted and its last task has stopped."""
        while True:
            self._changed.clear()
            record = self._table.get(self._key)
            if record is None or record["status"] == "INACTIVE":
                return
            before = (record["status"], str(record["deployments"]), len(record["events"]))
            newest = record["events"][:1]
            self._round(record)
            after = (record["status"], str(record["deployments"]), len(record["events"]))
            if before != after or newest != record["events"][:1]:
                self._table[self._key] = record
            pause = IDLE_SECONDS if self._steady else BUSY_SECONDS
            await health.first(self._changed, seconds=pause)

    def _round(self, record: dict[str, Any]) -> None:
        now = self._runtime.now()
        newest = deployments.primary(record)["id"]
        if newest != self._streak.deployment:
            # What comes next need not wait because of what could not start before it.
            self._streak = Streak(newest)
        self._bury(record, now)
        if record["status"] == "DRAINING":
            self._drain(record)
            return
        views = [self._view(record, run, now) for run in self.runs.values()]
        primary = deployments.primary(record)
        goal = Goal(
            primary["id"],
            record["desiredCount"],
            record["deploymentConfiguration"]["minimumHealthyPercent"],
            record["deploymentConfiguration"]["maximumPercent"],
            frozen=primary["rolloutState"] == deployments.FAILED,
        )
        plan = planner.plan(goal, views)
        self._stop(record, plan.stop, now)
        self._start(record, primary, plan.start, now)
        self._judge(record, primary, plan, now)

    def _bury(self, record: dict[str, Any], now: float) -> None:
        """Take note of tasks that have ended."""
        primary = deployments.primary(record)
        for task_id, run in list(self.runs.items()):
            if not run.finished.is_set():
                continue
            del self.runs[task_id]
            deployment = self._deployment_of.pop(task_id)
            if run.why is None or not _is_failure(run.why):
                continue
            if run.running_since and now - run.running_since > RECOVERED_SECONDS:
                self._streak.clear()
            self._streak.failed(now)
            if deployment == primary["id"]:
                primary["failedTasks"] += 1
            if self._streak.failures in {3, 6, 12} or self._streak.failures % 24 == 0:
                deployments.add_event(record, UNABLE, now)

    def _drain(self, record: dict[str, Any]) -> None:
        for run in self.runs.values():
            run.stop(failures.scaled_in(deployments.primary(record)["id"]))
        if not self.runs:
            record["status"] = "INACTIVE"
            record["deployments"] = []

    def _view(self, record: dict[str, Any], run: TaskRun, now: float) -> TaskView:
        healthy = False
        if not run.stopping and run.running_since is not None:
            healthy = self._is_healthy(record, run, now)
        return TaskView(
            run.task.id,
            self._deployment_of[run.task.id],
            healthy=healthy,
            stopping=run.stopping,
            created=run.record["createdAt"],
        )

    def _is_healthy(self, record: dict[str, Any], run: TaskRun, now: float) -> bool:
        """Say whether a running task serves; stop it where a check has found it broken."""
        age = now - (run.running_since or now)
        judged = age > (record.get("healthCheckGracePeriodSeconds") or 0)
        state = run.health_status()
        if state == health.UNHEALTHY and judged:
            text = f"(task {run.task.id}) failed container health checks."
            deployments.add_event(record, text, now)
            run.stop(failures.UNHEALTHY_CONTAINER)
            return False
        healthy = state == health.HEALTHY or not run.checked
        waiting = not run.checked and not run.registered and age < STABLE_SECONDS
        for group, (host, port) in run.registered.items():
            target = self._targets.health(group, host, port)
            if target is None or target.state == "unused":
                continue
            if target.state == "unhealthy" and judged:
                deployments.add_event(
                    record,
                    f"(task {run.task.id}) (port {port}) is unhealthy in (target-group {group}) "
                    f"due to (reason {target.reason})",
                    now,
                )
                run.stop(failures.unhealthy_target(group))
                return False
            healthy = healthy and target.state == "healthy"
        return healthy and not waiting

    def _stop(self, record: dict[str, Any], task_ids: Sequence[str], now: float) -> None:
        if not task_ids:
            return
        reason = failures.scaled_in(deployments.primary(record)["id"])
        drained = sum(bool(self.runs[task_id].registered) for task_id in task_ids)
        if drained:
            text = f"has begun draining connections on {drained} tasks."
            deployments.add_event(record, text, now)
        named = " ".join(f"(task {task_id})" for task_id in task_ids)
        text = f"has stopped {len(task_ids)} running tasks: {named}."
        deployments.add_event(record, text, now)
        for task_id in task_ids:
            self.runs[task_id].stop(reason)

    def _start(
        self, record: dict[str, Any], primary: dict[str, Any], count: int, now: float
    ) -> None:
        if not count or now < self._streak.wait_until or self._broken(record, primary):
            return
        if self._streak.failures:
            count = 1
        started: list[str] = []
        for _ in range(count):
            try:
                run = self._start_task(record, primary)
            except failures.PlacementError as error:
                deployments.add_event(record, failures.UNPLACED.format(why=error), now)
                self._streak.failed(now)
                break
            self.runs[run.task.id] = run
            self._deployment_of[run.task.id] = primary["id"]
            started.append(run.task.id)
        if started:
            named = " ".join(f"(task {task_id})" for task_id in started)
            deployments.add_event(record, f"has started {len(started)} tasks: {named}.", now)

    def _broken(self, record: dict[str, Any], primary: dict[str, Any]) -> bool:
        """Say whether the circuit breaker has seen enough of the primary deployment."""
        breaker = record["deploymentConfiguration"].get("deploymentCircuitBreaker") or {}
        return (
            bool(breaker.get("enable"))
            and primary["rolloutState"] == deployments.IN_PROGRESS
            and primary["failedTasks"] >= planner.failure_threshold(record["desiredCount"])
        )

    def _judge(
        self, record: dict[str, Any], primary: dict[str, Any], plan: planner.Plan, now: float
    ) -> None:
        """Complete or fail the primary deployment, and tell of a steady state."""
        if self._broken(record, primary):
            breaker = record["deploymentConfiguration"]["deploymentCircuitBreaker"]
            if deployments.fail(record, now, roll_back=bool(breaker.get("rollback"))):
                self._streak.clear()
                self.wake()
            return
        if plan.steady and primary["rolloutState"] == deployments.IN_PROGRESS:
            primary["failedTasks"] = 0
            deployments.complete(record, now)
        self._forget_empty(record)
        if plan.steady and now > self._streak.wait_until + RECOVERED_SECONDS:
            self._streak.clear()
        if plan.steady and not self._steady:
            deployments.add_event(record, "has reached a steady state.", now)
        if plan.blocked and not self._blocked:
            deployments.add_event(record, BLOCKED, now)
        self._steady = plan.steady
        self._blocked = plan.blocked

    def _forget_empty(self, record: dict[str, Any]) -> None:
        """Drop failed deployments of which nothing runs any more."""
        alive = set(self._deployment_of.values())
        record["deployments"] = [
            one
            for one in record["deployments"]
            if one["status"] == deployments.PRIMARY
            or one["id"] in alive
            or one["rolloutState"] != deployments.FAILED
        ]

    def counts(self, deployment: str | None = None) -> tuple[int, int]:
        """Return how many tasks run and how many are about to, of one deployment or of all."""
        running = pending = 0
        for task_id, run in self.runs.items():
            if deployment in {None, self._deployment_of[task_id]} and not run.finished.is_set():
                running += run.status == "RUNNING" and not run.stopping
                pending += run.running_since is None and not run.stopping
        return running, pending


def _is_failure(why: failures.StopReason) -> bool:
    if why.code in FAILURE_CODES or why == failures.UNHEALTHY_CONTAINER:
        return True
    return why.text.startswith("Task failed ELB health checks")
