"""One pod at work: its containers start, are probed and restarted, and stop in order.

Processes are the containers, run by the same code as ECS's; each pod has a loopback address.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformctl.errors import RegionError
from platformctl.kubernetes.quantity import quantity
from platformctl.region.services.ecs import health, images
from platformctl.region.services.ecs.containers import ContainerPlan, ContainerRun, interpreted
from platformctl.region.services.ecs.failures import TaskStartError
from platformctl.region.services.ecs.logs import LogShipper
from platformctl.region.services.ecs.preparation import surroundings
from platformctl.region.services.eks.api.objects import Document, Objects
from platformctl.region.services.eks.controllers import probes
from platformctl.region.services.eks.controllers.environment import Environments, NotYetError
from platformctl.region.services.eks.controllers.probes import Probe

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

FIRST_PAUSE, LONGEST_PAUSE, STEADY_SECONDS = 0.5, 30.0, 60.0
"""Seconds before a container is started again: doubling, and from the beginning once it ran
steadily. Kubernetes begins at 10 s and ends at 5 min, which is long for somebody who watches."""


@dataclass(frozen=True)
class Machine:
    """What pods run on.

    Attributes:
        runtime: The region.
        region: Region name of the cluster.
        cluster: Name of the cluster.
        objects: Its objects.
        shipper: Ends the output of containers.
        slots: Bounds what is started at once.
        environments: Puts environments of containers together.
    """

    runtime: "Runtime"
    region: str
    cluster: str
    objects: Objects
    shipper: LogShipper
    slots: asyncio.Semaphore
    environments: Environments

    def log_folder(self, namespace: str, pod: str) -> Path:
        """Return the folder of a pod's output."""
        return self.runtime.root / "logs" / "eks" / self.region / self.cluster / namespace / pod


class ContainerLife:
    """A container through its restarts.

    Attributes:
        state: As the pod's status shows it: `waiting`, `running` or `terminated`.
        ready: Whether it may serve.
    """

    def __init__(self, pod: "PodRun", container: Mapping[str, Any]) -> None:
        self.name: str = container["name"]
        self.restarts = 0
        self.ready = False
        self.state: Document = {"waiting": {"reason": "ContainerCreating"}}
        self.last: Document = {}
        self.run: ContainerRun | None = None
        self._pod = pod
        self._container = container
        self._alive = asyncio.Event()
        self._sick = asyncio.Event()
        self._started = 0.0

    async def live(self) -> None:
        """Run the container, again and again, until the pod stops."""
        pause = FIRST_PAUSE
        while not self._pod.stopping.is_set():
            try:
                plan = await self._pod.plan(self._container)
                await self._once(plan)
            except NotYetError as error:
                self._wait("CreateContainerConfigError", str(error))
            except TaskStartError as error:
                reason = "ErrImagePull" if "Cannot" in error.reason.text else "RunContainerError"
                self._wait(reason, error.reason.text)
            except RegionError as error:
                self._wait("RunContainerError", str(error))
            if self._pod.stopping.is_set():
                return
            if self._pod.now() - self._started > STEADY_SECONDS:
                pause = FIRST_PAUSE
            await health.first(self._pod.stopping, seconds=pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _wait(self, reason: str, message: str) -> None:
        self.ready = False
        self.state = {"waiting": {"reason": reason, "message": message}}
        self._pod.changed()

    async def _once(self, plan: ContainerPlan) -> None:
        """Run the container from its start to its end."""
        machine = self._pod.machine
        run = ContainerRun(plan, machine.runtime, machine.shipper, machine.slots, self._pod.changed)
        self.run, self._sick = run, asyncio.Event()
        await run.start()
        self._started = self._pod.now()
        self.state = {"running": {"startedAt": machine.objects.now()}}
        self.ready = not self._container.get("readinessProbe")
        self._pod.changed()
        watching = self._watch(run)
        await health.first(run.ended, self._pod.stopping, self._sick)
        if self._sick.is_set() and not run.ended.is_set():
            await run.stop()
        if self._pod.stopping.is_set():
            await self._pod.may_stop.wait()
            await run.stop()
        for task in watching:
            task.cancel()
        self._ended(run)

    def _watch(self, run: ContainerRun) -> list["asyncio.Task[None]"]:
        """Begin to probe; return the tasks."""
        found: list[asyncio.Task[None]] = []
        for kind, heard in (("livenessProbe", self._lives), ("readinessProbe", self._serves)):
            said = self._container.get(kind)
            if said:
                work = probes.watch(
                    Probe.of(said),
                    self._check(said),
                    heard,
                    run.ended,
                    self._pod.stopping,
                    early=kind == "readinessProbe",
                )
                found.append(self._pod.machine.runtime.spawn(f"{run.plan.process}/{kind}", work))
        return found

    def _check(self, said: Mapping[str, Any]) -> probes.Check:
        http, tcp = said.get("httpGet"), said.get("tcpSocket")
        if http:
            place = self._pod.place(self._number(http["port"]))
            headers = {one["name"]: one["value"] for one in http.get("httpHeaders") or ()}
            return lambda: probes.http_get(*place, http.get("path", "/"), headers)
        if tcp:
            place = self._pod.place(self._number(tcp["port"]))
            return lambda: probes.tcp_connect(*place)
        command: list[str] = list((said.get("exec") or {}).get("command") or ())
        return lambda: self._execute(command)

    def _number(self, port: int | str) -> int:
        named = {
            one.get("name"): one["containerPort"] for one in self._container.get("ports") or ()
        }
        return port if isinstance(port, int) else named[port]

    async def _execute(self, command: list[str]) -> bool:
        assert self.run is not None  # noqa: S101  # it is probed while it runs
        plan = self.run.plan
        try:
            process = await self._pod.machine.runtime.processes.start(
                f"{plan.process}/probe",
                interpreted(command),
                environment=plan.environment,
                directory=plan.image.folder,
                log=plan.log.with_name(f"{self.name}.probe.log"),
                stop_timeout=0.0,
            )
        except RegionError:
            return False
        return await process.wait() == 0

    def _lives(self, passed: bool) -> None:
        if not passed:
            self._sick.set()

    def _serves(self, passed: bool) -> None:
        self.ready = passed
        self._pod.changed()

    def _ended(self, run: ContainerRun) -> None:
        reason = "Completed" if run.exit_code == 0 else "Error"
        if run.process is not None and run.process.out_of_memory:
            reason = "OOMKilled"
        code = run.exit_code if run.exit_code is not None else 0
        finished = {
            "exitCode": code,
            "reason": reason,
            "finishedAt": self._pod.machine.objects.now(),
        }
        self.ready = False
        self.last = {"terminated": finished}
        if self._pod.stopping.is_set():
            self.state = {"terminated": finished}
        else:
            self.restarts += 1
            self.state = {"waiting": {"reason": "CrashLoopBackOff", "message": reason}}
        self._pod.changed()

    def describe(self) -> Document:
        """Return the container as the pod's status shows it."""
        running = "running" in self.state
        return {
            "name": self.name,
            "image": self._container["image"],
            "imageID": self.run.plan.image.digest if self.run else "",
            "ready": self.ready and running,
            "started": running,
            "restartCount": self.restarts,
            "state": self.state,
            "lastState": self.last,
        }


class PodRun:
    """A pod at work."""

    def __init__(self, machine: Machine, pod: Document, changed: Callable[[], None]) -> None:
        self.machine = machine
        self.pod = pod
        self.stopping = asyncio.Event()
        self.may_stop = asyncio.Event()
        self.finished = asyncio.Event()
        self.changed = changed
        self.containers = [ContainerLife(self, one) for one in pod["spec"]["containers"]]
        metadata = pod["metadata"]
        self.owner = f"eks/{machine.region}/{machine.cluster}/pod/{metadata['uid']}"
        self.host = machine.runtime.addresses.allocate(self.owner, self._first_port()).host

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return self.machine.runtime.now()

    def _first_port(self) -> int:
        for container in self.pod["spec"]["containers"]:
            for port in container.get("ports") or ():
                return port["containerPort"]
        return 0

    def place(self, port: int) -> tuple[str, int]:
        """Return where the pod listens for a port."""
        address = self.machine.runtime.addresses.allocate(self.owner, port)
        return address.host, address.port

    async def run(self) -> None:
        """Run the pod to its end."""
        try:
            await asyncio.gather(*(container.live() for container in self.containers))
        finally:
            self.machine.runtime.addresses.release(self.owner)
            self.finished.set()
            self.changed()

    async def stop(self, drain: Callable[[], Any] | None) -> None:
        """Let requests in flight finish, ask the containers to stop, and wait for their end.

        Args:
            drain: Waits until nobody sends requests any more; None stops at once.
        """
        self.stopping.set()
        if drain is not None:
            grace = self.pod["metadata"].get("deletionGracePeriodSeconds", 30)
            try:
                async with asyncio.timeout(grace):
                    await drain()
                    await self._before_stop()
            except TimeoutError:
                pass  # the grace period is over; it is stopped as it is
        self.may_stop.set()
        await self.finished.wait()

    async def _before_stop(self) -> None:
        hooks = [
            (container.get("lifecycle") or {}).get("preStop") or {}
            for container in self.pod["spec"]["containers"]
        ]
        seconds = max(((hook.get("sleep") or {}).get("seconds", 0) for hook in hooks), default=0)
        ended = [one.run.ended for one in self.containers if one.run is not None]
        if seconds and ended:
            await health.first(*ended, seconds=seconds)

    async def plan(self, container: Mapping[str, Any]) -> ContainerPlan:
        """Return everything needed to start a container.

        Raises:
            NotYetError: Something that it needs does not exist yet.
            TaskStartError: There is no such image.
        """
        machine, metadata = self.machine, self.pod["metadata"]
        await machine.environments.mount(self.pod)
        said = machine.environments.variables(self.pod, container, self.host)
        image = await images.pull(machine.runtime, machine.region, container["image"])
        ports = container.get("ports") or ()
        port = ports[0]["containerPort"] if ports else image.port or 0
        address = machine.runtime.addresses.allocate(self.owner, port)
        limit = ((container.get("resources") or {}).get("limits") or {}).get("memory")
        folder = machine.log_folder(metadata["namespace"], metadata["name"])
        return ContainerPlan(
            definition={
                "name": container["name"],
                "entryPoint": container.get("command"),
                "command": container.get("args"),
                "stopTimeout": self.pod["spec"].get("terminationGracePeriodSeconds", 30),
            },
            image=image,
            environment={
                **surroundings(machine.runtime, machine.region, address),
                "HOSTNAME": metadata["name"],
                "TMPDIR": os.environ.get("TMPDIR", "/tmp"),  # noqa: S108  # processes share it
                **said,
            },
            process=f"eks/{machine.region}/{machine.cluster}/{metadata['namespace']}"
            f"/{metadata['name']}/{container['name']}",
            log=folder / f"{container['name']}.log",
            stream=None,
            memory=int(quantity(limit)) if limit else None,
        )
