"""What the task behind one instance asks of the service it belongs to."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from platformctl.region.runtime import Runtime, Table
from platformctl.region.servers.postgres.cluster import Cluster


class Running(Protocol):
    """An instance as others see it."""

    @property
    def cluster(self) -> Cluster | None:
        """Its server."""
        ...

    @property
    def ready(self) -> bool:
        """Clients can be let in."""
        ...


class Host(Protocol):
    """The service, `platformctl.region.services.rds.service.Databases`."""

    runtime: Runtime

    @property
    def password_file(self) -> Path:
        """File with the administrator's password."""
        ...

    def running(self, region: str, identifier: str) -> Running | None:
        """Return an instance's server if clients can be let in."""
        ...

    def table(self, region: str, kind: str) -> Table:
        """Return the records of one kind."""
        ...

    def folder(self, region: str, *parts: str) -> Path:
        """Return a folder below the service's own."""
        ...

    def owner(self, region: str, record: Mapping[str, Any]) -> str:
        """Return the name under which an instance has its addresses."""
        ...

    def put_instance(self, region: str, record: dict[str, Any]) -> None:
        """Write an instance's record."""
        ...

    def event(self, region: str, source: str, kind: str, message: str, *categories: str) -> None:
        """Record what happened."""
        ...

    def parameter_values(self, region: str, record: Mapping[str, Any]) -> dict[str, str]:
        """Return what an instance's parameter group sets."""
        ...

    def static_parameters(self, region: str, record: Mapping[str, Any]) -> dict[str, str]:
        """Return the part of it that only a restart applies."""
        ...

    def apply_pending(self, region: str, record: dict[str, Any]) -> None:
        """Let what waited for a reboot take effect."""
        ...

    def publish(self, region: str) -> None:
        """Have the front follow what runs."""
        ...

    async def published(self, region: str) -> None:
        """Publish, and wait until the front has followed."""
        ...

    async def take_snapshot(self, region: str, name: str, source: Cluster) -> None:
        """Copy a running server into a snapshot whose record exists."""
        ...

    async def automated_backup(self, region: str, instance: dict[str, Any]) -> None:
        """Take the snapshot from which a recovery to a point in time starts."""
        ...

    def snapshot_failed(self, region: str, name: str) -> None:
        """Mark a snapshot that could not be taken."""
        ...

    async def forget_instance(self, region: str, record: dict[str, Any], *, keep: bool) -> None:
        """Remove an instance's record, and its backups unless they are to be kept."""
        ...
