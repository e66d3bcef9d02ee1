"""What the task behind one replication group asks of the service it belongs to."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from platformctl.region.runtime import Runtime, Table


class Host(Protocol):
    """The service, `platformctl.region.services.elasticache.service.Caches`."""

    runtime: Runtime

    @property
    def password(self) -> str:
        """Password of the region's own user on every server."""
        ...

    def table(self, region: str, kind: str) -> Table:
        """Return the records of one kind."""
        ...

    def folder(self, region: str, *parts: str) -> Path:
        """Return a folder below the service's own."""
        ...

    def owner(self, region: str, record: Mapping[str, Any], role: str) -> str:
        """Return the name under which an endpoint has its address."""
        ...

    def endpoint(self, region: str, record: Mapping[str, Any], role: str) -> dict[str, Any]:
        """Return where clients reach a node."""
        ...

    def applied_parameters(self, region: str, name: str) -> dict[str, str]:
        """Return what the servers of a parameter group are given."""
        ...

    def snapshotting_node(self, record: Mapping[str, Any]) -> int:
        """Return which node snapshots are taken of."""
        ...

    def dump_file(self, region: str, name: str) -> Path:
        """Return where a snapshot's data is, or will be."""
        ...

    def complete_snapshot(self, region: str, name: str, status: str) -> None:
        """Note that a snapshot is there, or cannot be."""
        ...

    def expire_snapshots(self, region: str, group: Mapping[str, Any]) -> None:
        """Remove automated snapshots beyond the group's limit."""
        ...

    def event(self, region: str, source: str, message: str) -> None:
        """Record what happened."""
        ...

    def publish(self, region: str) -> None:
        """Have the front follow what runs."""
        ...

    async def published(self, region: str) -> None:
        """Publish, and wait until the front has followed."""
        ...

    def forget_group(self, region: str, record: Mapping[str, Any]) -> None:
        """Remove a group's record and its addresses."""
        ...
