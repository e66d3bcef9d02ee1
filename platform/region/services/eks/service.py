"""EKS as the region serves it."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.region.cancellation import end_tasks
from platformctl.region.services.eks.control_plane import ControlPlane
from platformctl.region.services.eks.parts import PartOperations

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

_LOG = logging.getLogger(__name__)
ZONES = "abc"


class KubernetesService(PartOperations):
    """Clusters whose API server answers and whose pods run."""

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self._planes: dict[tuple[str, str], ControlPlane] = {}
        self._work: dict[tuple[str, str], asyncio.Task[Any]] = {}

    async def start(self) -> None:
        """Have every cluster run."""
        for region in self.runtime.store.regions(self.name):
            if not self.runtime.is_stopped(region):
                await self.start_region(region)

    async def stop(self) -> None:
        """Stop everything; the records stay."""
        await self._stop(list(self._planes))

    async def stop_region(self, region: str) -> None:
        """Stop the clusters of one region."""
        await self._stop([key for key in self._planes if key[0] == region])

    async def start_region(self, region: str) -> None:
        """Start the clusters of one region."""
        for record in self.table(region, "clusters").values():
            if record["status"] == "DELETING":
                self.retire(region, record["name"])
            else:
                self.bring_up(region, record["name"])

    def bring_up(self, region: str, name: str) -> None:
        """Have a cluster's API server answer, and the cluster become active."""
        self._do(region, name, self._run(region, name))

    def retire(self, region: str, name: str) -> None:
        """Stop all that runs in a cluster and forget it."""
        self._do(region, name, self._remove(region, name))

    def nodes_changed(self, region: str, cluster: str) -> None:
        """Have the cluster's nodes follow its node groups."""
        plane = self._planes.get((region, cluster))
        if plane is None:
            return
        nodes = []
        for group in self.parts(region, "nodegroups", cluster):
            for number in range(group["scalingConfig"]["desiredSize"]):
                labels = {
                    "eks.amazonaws.com/nodegroup": group["nodegroupName"],
                    "eks.amazonaws.com/capacityType": group["capacityType"],
                    "node.kubernetes.io/instance-type": group["instanceTypes"][0],
                    "topology.kubernetes.io/region": region,
                    "topology.kubernetes.io/zone": f"{region}{ZONES[number % len(ZONES)]}",
                    **group["labels"],
                }
                nodes.append({"name": f"{group['nodegroupName']}-{number}", "labels": labels})
        plane.set_nodes(nodes)

    def _do(self, region: str, name: str, work: Any) -> None:
        """Do something to a cluster after what is done to it already."""
        key = (region, name)
        before = self._work.get(key)

        async def in_turn() -> None:
            if before is not None:
                await asyncio.wait([before])
            await work

        self._work[key] = self.runtime.spawn(f"eks/{region}/{name}/work", in_turn())

    async def _run(self, region: str, name: str) -> None:
        record = self.table(region, "clusters").get(name)
        if record is None or (region, name) in self._planes:
            return
        plane = ControlPlane(self.runtime, region, name, record["version"])
        try:
            await plane.start()
        except OSError as error:
            _LOG.error("cluster %s does not run: %s", name, error)
            record["status"] = "FAILED"
            issue = {"code": "Other", "message": str(error), "resourceIds": []}
            record["health"] = {"issues": [issue]}
        else:
            self._planes[region, name] = plane
            self.nodes_changed(region, name)
            record["status"] = "ACTIVE"
        self.table(region, "clusters")[name] = record

    async def _remove(self, region: str, name: str) -> None:
        plane = self._planes.pop((region, name), None)
        if plane is not None:
            await plane.stop()
            plane.forget()
        group = self.cluster(region, name)["resourcesVpcConfig"]["clusterSecurityGroupId"]
        try:
            await self.runtime.call("ec2", region, "delete_security_group", {"GroupId": group})
        except (BotoCoreError, ClientError) as error:
            _LOG.info("the group of cluster %s stays: %s", name, error)
        for kind in ("addons", "access", "policies"):
            table = self.table(region, kind)
            for key in [key for key in table.keys() if key.startswith(f"{name}/")]:  # noqa: SIM118  # a table is no dict
                del table[key]
        del self.table(region, "clusters")[name]

    async def _stop(self, keys: list[tuple[str, str]]) -> None:
        working = [self._work[key] for key in keys if key in self._work]
        await end_tasks(*working)
        await asyncio.gather(*(self._planes.pop(key).stop() for key in keys))
