"""The records of clusters, task definitions, services and tasks."""

from typing import TYPE_CHECKING, Any

from platformctl.region.services.base import ServiceError
from platformctl.region.services.ecs.names import last

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime, Table

KEPT_STOPPED = 200
"""Stopped tasks that are remembered, in all of a region."""


class Records:
    """What the region remembers of ECS."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime

    def clusters(self, region: str) -> "Table":
        """Return the records of all clusters, by name."""
        return self._runtime.store.table("ecs", region, "clusters")

    def active_cluster(self, region: str, name: str) -> dict[str, Any]:
        """Return an active cluster.

        Raises:
            ServiceError: There is none.
        """
        record = self.clusters(region).get(name)
        if record is None or record["status"] != "ACTIVE":
            raise ServiceError("ClusterNotFoundException", "Cluster not found.")
        return record

    def definitions(self, region: str) -> "Table":
        """Return the records of all task definitions, by `family:revision`."""
        return self._runtime.store.table("ecs", region, "task-definitions")

    def definition(self, region: str, reference: str) -> dict[str, Any]:
        """Return a task definition by ARN, `family:revision`, or `family` (newest active one).

        Raises:
            ServiceError: There is none.
        """
        key = last(reference)
        if ":" not in key:
            active = [
                record
                for record in self.definitions(region).values()
                if record["family"] == key and record["status"] == "ACTIVE"
            ]
            if active:
                return max(active, key=lambda record: record["revision"])
        elif (record := self.definitions(region).get(key)) is not None:
            return record
        raise ServiceError("ClientException", "Unable to describe task definition.")

    def active_definition(self, region: str, reference: str) -> dict[str, Any]:
        """Return a task definition that may be started.

        Raises:
            ServiceError: There is none, or it was deregistered.
        """
        try:
            record = self.definition(region, reference)
        except ServiceError as error:
            raise ServiceError("ClientException", "TaskDefinition not found.") from error
        if record["status"] != "ACTIVE":
            raise ServiceError("ClientException", "TaskDefinition is inactive")
        return record

    def services(self, region: str) -> "Table":
        """Return the records of all services, by `cluster/service`."""
        return self._runtime.store.table("ecs", region, "services")

    def tasks(self, region: str) -> "Table":
        """Return the records of all tasks, by id."""
        return self._runtime.store.table("ecs", region, "tasks")

    def forget_stopped(self, region: str) -> list[dict[str, Any]]:
        """Forget the oldest stopped tasks beyond those kept, and return them."""
        table = self.tasks(region)
        stopped = [record for record in table.values() if record["lastStatus"] == "STOPPED"]
        stopped.sort(key=lambda record: record["stoppedAt"])
        forgotten = stopped[:-KEPT_STOPPED]
        for record in forgotten:
            del table[last(record["taskArn"])]
        return forgotten
