"""ECS as the region serves it: the operations, and when the fleet runs.

From a request to a process: an operation changes a record (`records.py`) and tells the fleet
(`fleet.py`), which makes what runs follow the records.
"""

from platformctl.region.services.ecs.clusters import ClusterOperations
from platformctl.region.services.ecs.definitions import TaskDefinitionOperations
from platformctl.region.services.ecs.services import ServiceOperations
from platformctl.region.services.ecs.tagging import TagOperations
from platformctl.region.services.ecs.tasks import TaskOperations


class ContainerService(
    ClusterOperations, TaskDefinitionOperations, ServiceOperations, TaskOperations, TagOperations
):
    """Clusters, task definitions, services and tasks."""

    async def start(self) -> None:
        """Start the tasks of every active service again, once all services are there."""
        self.fleet.start()

    async def stop(self) -> None:
        """Stop every task gracefully; the records stay."""
        await self.fleet.stop()

    async def stop_region(self, region: str) -> None:
        """Stop the tasks of one region name, as an outage of it would."""
        await self.fleet.stop_region(region)

    async def start_region(self, region: str) -> None:
        """Start the tasks of one region name again."""
        await self.fleet.recover(region)
