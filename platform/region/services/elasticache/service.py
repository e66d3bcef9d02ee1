"""ElastiCache as the region serves it."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from platformctl.errors import RegionError
from platformctl.region.servers.fronts import Fronts
from platformctl.region.services.cloudwatch.service import Monitoring
from platformctl.region.services.elasticache.catalog import CatalogOperations
from platformctl.region.services.elasticache.groups import node_name
from platformctl.region.services.elasticache.keeper import Keeper
from platformctl.region.services.elasticache.upkeep import Upkeep

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime


class Caches(CatalogOperations):
    """Redis replication groups that run."""

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self._keepers: dict[tuple[str, str], Keeper] = {}
        self._fronts = Fronts(runtime, "elasticache", self._listeners)
        self._upkeep: asyncio.Task[Any] | None = None
        self._password = ""
        self._stopping = False

    @property
    def keepers(self) -> dict[tuple[str, str], Keeper]:
        """The tasks that keep each replication group as its record says."""
        return self._keepers

    @property
    def password(self) -> str:
        """Password of the region's own user on every server."""
        return self._password

    async def start(self) -> None:
        """Start every replication group."""
        self._password = self._read_password()
        for region in self.runtime.store.regions("elasticache"):
            if not self.runtime.is_stopped(region):
                await self.start_region(region)
        self._upkeep = self.runtime.spawn("elasticache/upkeep", Upkeep(self).run())

    async def stop(self) -> None:
        """Stop every server; the records say what ran."""
        self._stopping = True
        if self._upkeep is not None:
            self._upkeep.cancel()
        await asyncio.gather(*(keeper.end() for keeper in self._keepers.values()))
        await self._fronts.stop()

    async def stop_region(self, region: str) -> None:
        """Stop the servers of one region."""
        gone = [key for key in self._keepers if key[0] == region]
        await self._fronts.stop_region(region)
        await asyncio.gather(*(self._keepers.pop(key).end() for key in gone))

    async def start_region(self, region: str) -> None:
        """Start the servers of one region."""
        for name in self.table(region, "groups").keys():  # noqa: SIM118  # a table is no dict
            self.engage(region, name)

    def engage(self, region: str, identifier: str) -> None:
        """Have a group's keeper begin, or look at its record again."""
        if self._stopping or self.runtime.is_stopped(region):
            return
        key = (region, identifier)
        if key not in self._keepers:
            self._keepers[key] = Keeper(self, region, identifier)
        self._keepers[key].begin()

    def forget_group(self, region: str, record: Mapping[str, Any]) -> None:
        """Remove a group's record and its addresses."""
        roles = ["primary", "reader", *(node_name(record, number) for number in record["nodes"])]
        for role in roles:
            self.runtime.addresses.release(self.owner(region, record, role))
        self.forget_tags(region, self.arn(region, "replicationgroup", record["id"]))
        del self.table(region, "groups")[record["id"]]
        self._keepers.pop((region, record["id"]), None)

    def record_metric(
        self, region: str, metric: str, dimensions: Mapping[str, str], value: float, unit: str
    ) -> None:
        """Give a figure to CloudWatch, where it runs."""
        with contextlib.suppress(RegionError):
            monitoring = self.runtime.service(Monitoring)
            monitoring.record(region, "AWS/ElastiCache", metric, dimensions, [value], unit)

    # The front.

    def publish(self, region: str) -> None:
        """Have the front of a region follow what runs now."""
        self._fronts.publish(region)

    async def published(self, region: str) -> None:
        """Publish, and wait until the front has followed.

        Raises:
            RegionError: An address cannot be listened on.
        """
        await self._fronts.published(region)

    def _listeners(self, region: str) -> list[dict[str, Any]]:
        listeners = []
        for (where, _), keeper in self._keepers.items():
            record = keeper.record
            if where != region or not keeper.ready or record is None:
                continue
            primary, replicas = keeper.running(), keeper.running(replicas=True)
            behind = {"primary": primary, "reader": replicas or primary}
            for number, node in keeper.nodes.items():
                if node.running and number in record["nodes"]:
                    behind[node_name(record, number)] = [node]
            listeners += [
                self._listener(region, record, role, nodes)
                for role, nodes in behind.items()
                if nodes
            ]
        return listeners

    def _listener(
        self, region: str, record: Mapping[str, Any], role: str, nodes: list[Any]
    ) -> dict[str, Any]:
        shown = self.endpoint(region, record, role)
        listener = {
            "name": f"{record['id']}:{role}",
            "kind": "redis",
            "host": shown["Address"],
            "port": shown["Port"],
            "upstreams": [[node.address.host, node.address.port] for node in nodes],
        }
        if record["transit"]:
            owner = self.owner(region, record, role)
            issued = self.runtime.certificates.issue(owner, [shown["Address"], "localhost"])
            listener.update(certificate=str(issued.certificate), key=str(issued.key))
        return listener

    def _read_password(self) -> str:
        file = self.runtime.root / "elasticache" / "administrator"
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            temporary = file.with_name("administrator.new")
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as writing:
                writing.write(secrets.token_urlsafe(24))
            temporary.replace(file)
        return file.read_text().strip()
