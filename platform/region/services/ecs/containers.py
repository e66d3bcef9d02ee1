"""One container of a task: a process, its output, its health."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformctl.errors import RegionError
from platformctl.region.runtime import SharedMemory
from platformctl.region.services.ecr.contents import Image
from platformctl.region.services.ecs import failures, health, logs
from platformctl.region.services.ecs.health import HealthCheck, HealthCount

if TYPE_CHECKING:
    from platformctl.region.runtime import Process, Runtime

PASSED_ON = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
OUTPUT_SECONDS = 2.0
"""How long the last lines of an ended container may take to arrive."""


@dataclass(frozen=True)
class ContainerPlan:
    """Everything needed to start a container.

    Attributes:
        definition: Container definition, overrides applied.
        image: Its image.
        environment: Its whole environment; holds secrets, so it is never shown.
        process: Name of its process.
        log: File with its output.
        stream: Its log stream, if it has one.
        memory: Bytes it may use, None for as many as it likes.
        shared: Bytes that it has together with the other containers of its task.
    """

    definition: Mapping[str, Any]
    image: Image
    environment: Mapping[str, str] = field(repr=False)
    process: str
    log: Path
    stream: logs.Stream | None
    memory: int | None
    shared: SharedMemory | None = None

    @property
    def command(self) -> list[str]:
        """Program and arguments; `python` is the interpreter that runs the region."""
        entry = list(self.definition.get("entryPoint") or ())
        given = list(self.definition.get("command") or ())
        return interpreted([*entry, *given] if entry or given else list(self.image.command))


def interpreted(command: list[str]) -> list[str]:
    """Replace a leading `python` by the interpreter that runs the region."""
    if command and command[0] in {"python", "python3"}:
        return [sys.executable, *command[1:]]
    return command


class ContainerRun:
    """A container that runs, or has run."""

    def __init__(
        self,
        plan: ContainerPlan,
        runtime: "Runtime",
        shipper: logs.LogShipper,
        probes: asyncio.Semaphore,
        on_change: Callable[[], None],
    ) -> None:
        self.plan = plan
        self.name: str = plan.definition["name"]
        self.essential: bool = plan.definition.get("essential", True)
        self.check = HealthCheck.of(plan.definition)
        self.health = health.UNKNOWN
        self.started = asyncio.Event()
        self.healthy = asyncio.Event()
        self.ended = asyncio.Event()
        self.exit_code: int | None = None
        self.reason = ""
        self.process: Process | None = None
        self._runtime = runtime
        self._shipper = shipper
        self._probes = probes
        self._on_change = on_change
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Start the process.

        Raises:
            TaskStartError: The program cannot be started.
        """
        reader = logs.new_reader()
        try:
            self.process = await self._runtime.processes.start(
                self.plan.process,
                self.plan.command,
                environment=self.plan.environment,
                directory=self.plan.image.folder,
                log=self.plan.log,
                output=reader,
                stop_timeout=self.stop_timeout,
                memory_limit=self.plan.memory,
                shared_memory=self.plan.shared,
            )
        except RegionError as error:
            self.reason = f"CannotStartContainerError: {error}"
            self.ended.set()
            raise failures.TaskStartError(self.reason) from error
        pump = self._runtime.spawn(
            f"{self.plan.process}/output",
            logs.pump(reader, logs.OutputFile(self.plan.log), self.plan.stream, self._runtime),
        )
        self._runtime.spawn(f"{self.plan.process}/end", self._await_end(self.process, pump))
        if self.check is not None:
            self._runtime.spawn(f"{self.plan.process}/health", self._watch_health(self.check))
        self.started.set()
        self._on_change()

    @property
    def stop_timeout(self) -> float:
        """Seconds between SIGTERM and SIGKILL."""
        return float(self.plan.definition.get("stopTimeout") or 30)

    async def _await_end(self, process: "Process", pump: "asyncio.Task[None]") -> None:
        code = await process.wait()
        await logs.finished(pump, OUTPUT_SECONDS)
        # A process that a signal ended has 128 + signal as its exit code, as in a shell.
        self.exit_code = 128 - code if code < 0 else code
        if process.out_of_memory:
            self.reason = failures.OUT_OF_MEMORY
        if self.plan.stream is not None:
            await self._shipper.close(self.plan.stream)
        self.ended.set()
        self._on_change()

    async def stop(self) -> None:
        """Stop the process and wait for its end."""
        self._stopping.set()
        if self.process is not None:
            await self.process.stop(self.stop_timeout)
            await self.ended.wait()
        elif self.plan.stream is not None:
            await self._shipper.close(self.plan.stream)

    async def _watch_health(self, check: HealthCheck) -> None:
        count = HealthCount(check)
        begin = self._runtime.now()
        while True:
            pause = check.pause(count.probes, ever_healthy=count.ever_healthy)
            await health.first(self.ended, self._stopping, seconds=pause)
            if self.ended.is_set() or self._stopping.is_set():
                return
            async with contextlib.AsyncExitStack() as stack:
                if not count.ever_healthy:
                    await stack.enter_async_context(self._probes)
                passed = await self._probe(check)
            status = count.add(passed, self._runtime.now() - begin)
            if status == health.HEALTHY:
                self.healthy.set()
            if status != self.health:
                self.health = status
                self._on_change()

    async def _probe(self, check: HealthCheck) -> bool:
        try:
            probe = await self._runtime.processes.start(
                f"{self.plan.process}/healthcheck",
                interpreted(list(check.command)),
                environment=self.plan.environment,
                directory=self.plan.image.folder,
                log=self.plan.log.with_name(f"{self.name}.healthcheck.log"),
                stop_timeout=0.0,
            )
        except RegionError:
            return False
        try:
            async with asyncio.timeout(check.timeout):
                return await probe.wait() == 0
        except TimeoutError:
            await probe.stop(0.0)
            return False

    def describe(self) -> dict[str, Any]:
        """Return what the API shows of it beyond what never changes."""
        status = "STOPPED" if self.ended.is_set() else "RUNNING" if self.process else "PENDING"
        shown: dict[str, Any] = {"lastStatus": status, "healthStatus": self.health}
        if self.process is not None:
            shown["runtimeId"] = str(self.process.pid)
            shown["imageDigest"] = self.plan.image.digest
        if self.exit_code is not None:
            shown["exitCode"] = self.exit_code
        return {**shown, "reason": self.reason} if self.reason else shown
