"""One cluster that runs: its API server, its controllers, its pods."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from platformctl.region.cancellation import end_tasks
from platformctl.region.services.eks.api.objects import Document, Objects
from platformctl.region.services.eks.api.requests import NAMESPACE, Verbs
from platformctl.region.services.eks.api.server import ApiServer
from platformctl.region.services.eks.clusters import PORT
from platformctl.region.services.eks.controllers.deployments import Deployments
from platformctl.region.services.eks.controllers.kubelet import Kubelet
from platformctl.region.services.eks.controllers.network import TARGET_SECONDS
from platformctl.region.services.eks.controllers.owners import Collector
from platformctl.region.services.eks.controllers.replicas import NODE, ReplicaSets

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

_LOG = logging.getLogger(__name__)
NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
_MOST_ROUNDS = 50
_LONGEST_WAIT = 30.0


class ControlPlane:
    """A cluster at work.

    Args:
        runtime: The region.
        region: Region name of the cluster.
        name: Name of the cluster.
        version: Its Kubernetes version.
    """

    def __init__(self, runtime: "Runtime", region: str, name: str, version: str) -> None:
        self._runtime = runtime
        self._owner = f"eks/{region}/{name}"
        self.objects = Objects(runtime, region, name)
        self.verbs = Verbs(self.objects, version)
        self._woken = asyncio.Event()
        self._kubelet = Kubelet(runtime, region, name, self.objects, self._woken.set)
        self._api = ApiServer(name, self.verbs, self._kubelet.log)
        self._deployments = Deployments(self.objects, runtime.now)
        self._replica_sets = ReplicaSets(self.verbs)
        self._collector = Collector(self.verbs)
        self._work: asyncio.Task[Any] | None = None

    async def start(self) -> None:
        """Answer requests, and bring everything in line.

        Raises:
            OSError: The address cannot be listened on.
        """
        for name in NAMESPACES:
            if self.objects.get(NAMESPACE, "", name) is None:
                document = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
                self.verbs.create(NAMESPACE, "", document, "kube-apiserver")
        address = self._runtime.addresses.allocate(self._owner, PORT)
        names = [address.host, "kubernetes", "kubernetes.default.svc", "localhost"]
        certificate = self._runtime.certificates.issue(self._owner, names)
        await self._api.listen(address.host, address.port, certificate)
        self.objects.listen(self._woken.set)
        self._work = self._runtime.spawn(f"{self._owner}/controllers", self._control())

    async def stop(self) -> None:
        """Stop everything; the objects stay."""
        if self._work is not None:
            await end_tasks(self._work)
        await self._api.close()
        await self._kubelet.close()

    def forget(self) -> None:
        """Forget all objects and addresses: the cluster is deleted."""
        self.objects.clear()
        self._runtime.addresses.release(self._owner)

    def set_nodes(self, nodes: Sequence[Mapping[str, Any]]) -> None:
        """Have exactly these nodes: name, labels, capacity."""
        wanted = {node["name"]: node for node in nodes}
        for node in list(self.objects.all(NODE)):
            if node["metadata"]["name"] not in wanted:
                self.objects.remove(NODE, "", node["metadata"]["name"])
        for name, node in wanted.items():
            live = self.objects.get(NODE, "", name)
            document = _node(name, node["labels"], self.verbs.version)
            document["metadata"] = (
                {**live["metadata"], "labels": document["metadata"]["labels"]}
                if live
                else self.objects.new_metadata(document)
            )
            self.objects.put(NODE, document)
        self._woken.set()

    async def _control(self) -> None:
        """Look again whenever something changed."""
        while True:
            self._woken.clear()
            await self._settle()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience()):
                    await self._woken.wait()

    async def _settle(self) -> None:
        """Run every controller until none has anything left to do."""
        for _ in range(_MOST_ROUNDS):
            before = self.objects.version
            self._collector.run()
            self._deployments.run()
            self._replica_sets.run()
            self._kubelet.run()
            await self._kubelet.network.run()
            await self._kubelet.after_network()
            if self.objects.version == before:
                return
        _LOG.warning("%s does not come to rest", self._owner)

    def _patience(self) -> float:
        """Return the seconds after which to look again although nothing changed."""
        if self._kubelet.network.waits():
            return TARGET_SECONDS
        deadline = self._deployments.deadline()
        if deadline is None:
            return _LONGEST_WAIT
        return min(max(deadline - self._runtime.now() + 0.05, 0.05), _LONGEST_WAIT)


def _node(name: str, labels: Mapping[str, str], version: str) -> Document:
    capacity = {"cpu": "2", "memory": "8Gi", "pods": "110"}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "local"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, **labels}},
        "spec": {},
        "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "conditions": [ready],
            "nodeInfo": {"kubeletVersion": f"v{version}.0-platformctl"},
        },
    }
