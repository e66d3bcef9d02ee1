"""What tasks use, as CloudWatch metrics: AWS/ECS and ECS/ContainerInsights."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from platformctl.region.services.cloudwatch.service import Monitoring
from platformctl.region.services.ecs import fargate
from platformctl.region.services.ecs.task_run import TaskRun

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

SAMPLE_SECONDS = 5.0
ServiceKey = tuple[str, str, str]
"""Region, cluster, service."""


@dataclass
class Usage:
    """Shares of the reserved CPU and memory that the tasks of one service use."""

    processors: list[float]
    memory: list[float]
    running: int = 0


RunsOf = Callable[[], Iterable[tuple[ServiceKey, TaskRun]]]
"""Returns the tasks that run now, with the service of each."""


class TaskMetrics:
    """Samples the processes of tasks."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._seconds: dict[tuple[str, int], float] = {}
        self._sampled_at = 0.0

    async def run(self, runs: RunsOf) -> None:
        """Sample for ever.

        Args:
            runs: Returns the tasks that run now, with the service of each.
        """
        while True:
            # Walking the process table is slow enough to be kept off the event loop.
            found = list(runs())
            usage = await asyncio.to_thread(self._sample, found, self._runtime.now())
            self._record(usage)
            await asyncio.sleep(SAMPLE_SECONDS)

    def _sample(
        self, runs: list[tuple[ServiceKey, TaskRun]], now: float
    ) -> dict[ServiceKey, Usage]:
        elapsed = now - self._sampled_at
        usage: dict[ServiceKey, Usage] = defaultdict(lambda: Usage([], []))
        seen: dict[tuple[str, int], float] = {}
        for key, run in runs:
            seconds, resident = self._read(run, seen)
            usage[key].running += 1
            cpu = fargate.units(str(run.definition.get("cpu") or "1024")) or 1024
            memory = fargate.mebibytes(str(run.definition.get("memory") or "512")) or 512
            if self._sampled_at and seconds is not None:
                # A Fargate task cannot use more than it has; a process here can.
                share = seconds / elapsed / (cpu / 1024) * 100
                usage[key].processors.append(min(100.0, max(0.0, share)))
            usage[key].memory.append(resident / (memory * 1024 * 1024) * 100)
        self._seconds = seen
        self._sampled_at = now
        return usage

    def _read(self, run: TaskRun, seen: dict[tuple[str, int], float]) -> tuple[float | None, int]:
        """Return the CPU seconds since the last sample (None for a new task) and the memory."""
        used: float | None = None
        resident = 0
        for container in run.containers:
            if container.process is None or container.ended.is_set():
                continue
            seconds, memory = _tree(container.process.pid)
            resident += memory
            key = (run.task.id, container.process.pid)
            seen[key] = seconds
            if key in self._seconds:
                used = (used or 0.0) + max(0.0, seconds - self._seconds[key])
        return used, resident

    def _record(self, usage: dict[ServiceKey, Usage]) -> None:
        monitoring = self._runtime.service(Monitoring)
        for (region, cluster, service), used in usage.items():
            dimensions = {"ClusterName": cluster, "ServiceName": service}
            for name, values in (
                ("CPUUtilization", used.processors),
                ("MemoryUtilization", used.memory),
            ):
                if values:
                    monitoring.record(region, "AWS/ECS", name, dimensions, values, "Percent")
            monitoring.record(
                region,
                "ECS/ContainerInsights",
                "RunningTaskCount",
                dimensions,
                [float(used.running)],
                "Count",
            )


def _tree(pid: int) -> tuple[float, int]:
    """Return CPU seconds and resident bytes of a process and everything below it."""
    seconds, resident = 0.0, 0
    try:
        leader = psutil.Process(pid)
        members = [leader, *leader.children(recursive=True)]
    except psutil.Error:
        return seconds, resident
    for member in members:
        try:
            with member.oneshot():
                times = member.cpu_times()
                seconds += times.user + times.system
                resident += member.memory_info().rss
        except psutil.Error:
            continue
    return seconds, resident
