"""Pods: those that are wanted run, those that are deleted stop, and their status says so."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformctl.region.services.ecs.logs import LogShipper
from platformctl.region.services.eks.api.objects import Document, Objects
from platformctl.region.services.eks.api.requests import POD
from platformctl.region.services.eks.controllers.deployments import conditions
from platformctl.region.services.eks.controllers.environment import Environments
from platformctl.region.services.eks.controllers.network import Network
from platformctl.region.services.eks.controllers.owners import leaving
from platformctl.region.services.eks.controllers.pod_run import Machine, PodRun
from platformctl.region.services.eks.controllers.replicas import ready

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

PROBES_AT_ONCE = 4


class Kubelet:
    """Runs the pods of one cluster, on all of its nodes: they are this machine.

    Args:
        runtime: The region.
        region: Region name of the cluster.
        cluster: Name of the cluster.
        objects: Its objects.
        wake: Has the controllers look again.
    """

    def __init__(
        self,
        runtime: "Runtime",
        region: str,
        cluster: str,
        objects: Objects,
        wake: Callable[[], None],
    ) -> None:
        self.runtime = runtime
        self.objects = objects
        self.network = Network(runtime, region, cluster, objects, self.place)
        self._machine = Machine(
            runtime=runtime,
            region=region,
            cluster=cluster,
            objects=objects,
            shipper=LogShipper(runtime),
            slots=asyncio.Semaphore(PROBES_AT_ONCE),
            environments=Environments(runtime, region, objects, self.network.port),
        )
        self._runs: dict[str, PodRun] = {}
        self._stops: dict[str, asyncio.Task[Any]] = {}
        self._wake = wake
        self._round = 0
        self._rounds = asyncio.Condition()

    def place(self, pod: Document, port: int) -> tuple[str, int] | None:
        """Return where a pod listens for a port, None if it does not run."""
        run = self._runs.get(pod["metadata"]["uid"])
        return run.place(port) if run is not None else None

    def log(self, namespace: str, pod: str, container: str) -> Path | None:
        """Return the file with a container's output, of the pod's only one by default."""
        files = sorted(self._machine.log_folder(namespace, pod).glob("*.log"))
        named = [file for file in files if file.stem == container or not container]
        return named[0] if named else None

    def run(self) -> None:
        """Start what is wanted, stop what is deleted, and write what has changed."""
        pods = {pod["metadata"]["uid"]: pod for pod in self.objects.all(POD)}
        for uid, pod in pods.items():
            if uid in self._runs or uid in self._stops:
                continue
            if leaving(pod):
                self._forget(pod)
            elif pod["spec"].get("nodeName"):
                self._start(uid, pod)
        for uid, run in list(self._runs.items()):
            pod = pods.get(uid)
            if (pod is None or leaving(pod)) and uid not in self._stops:
                run.pod = pod or run.pod
                name = f"{run.owner}/stop"
                self._stops[uid] = self.runtime.spawn(name, self._stop(uid, run))
            if pod is not None:
                self._report(pod, run)

    async def after_network(self) -> None:
        """Note that services lead to exactly the pods that are ready now."""
        async with self._rounds:
            self._round += 1
            self._rounds.notify_all()

    def _start(self, uid: str, pod: Document) -> None:
        run = PodRun(self._machine, pod, self._wake)
        self._runs[uid] = run
        self.runtime.spawn(run.owner, run.run())

    async def _stop(self, uid: str, run: PodRun) -> None:
        try:
            await run.stop(lambda: self._drained(run))
        finally:
            self._runs.pop(uid, None)
            self._stops.pop(uid, None)
            self._forget(run.pod)
            self._wake()

    async def _drained(self, run: PodRun) -> None:
        """Wait until no service and no load balancer sends anything to a pod any more."""
        begun = self._round
        self._wake()
        async with self._rounds:
            # The round that goes on now may have looked before the pod was deleted.
            await self._rounds.wait_for(lambda: self._round >= begun + 2)
        await self.network.drained(run.pod, run.finished.is_set)

    def _forget(self, pod: Document) -> None:
        metadata = pod["metadata"]
        live = self.objects.get(POD, metadata["namespace"], metadata["name"])
        if live is not None and live["metadata"]["uid"] == metadata["uid"]:
            self.objects.remove(POD, metadata["namespace"], metadata["name"])

    async def close(self) -> None:
        """Stop every pod at once; their objects stay."""
        for stop in self._stops.values():
            stop.cancel()
        await asyncio.gather(*(run.stop(None) for run in list(self._runs.values())))
        self._runs.clear()
        await self.network.close()

    def _report(self, pod: Document, run: PodRun) -> None:
        """Write what is known about a pod into its status."""
        containers = [one.describe() for one in run.containers]
        running = all("running" in one["state"] for one in containers)
        serving = all(one["ready"] for one in containers) and not run.stopping.is_set()
        was = ready(pod)
        status = {**(pod.get("status") or {})}
        begun = {"phase": "Running" if running or status.get("startTime") else "Pending"}
        if running and not status.get("startTime"):
            status["startTime"] = self.objects.now()
        whole = serving and (was or not self.network.gated(pod))
        rows = (
            ("PodScheduled", ("True", "", "")),
            ("Initialized", ("True", "", "")),
            ("ContainersReady", _state(serving)),
            ("Ready", _state(whole)),
        )
        status |= {
            **begun,
            "podIP": run.host,
            "podIPs": [{"ip": run.host}],
            "containerStatuses": containers,
            "conditions": conditions(pod, rows, self.objects.now()),
        }
        self.objects.status(POD, pod, status)


def _state(fine: bool) -> tuple[str, str, str]:
    return ("True", "", "") if fine else ("False", "ContainersNotReady", "")
