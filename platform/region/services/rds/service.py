"""RDS as the region serves it."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformctl.errors import RegionError
from platformctl.region.servers.fronts import Fronts
from platformctl.region.servers.owner import ProgramOwner
from platformctl.region.servers.postgres.cluster import ADMINISTRATOR
from platformctl.region.services.cloudwatch.service import Monitoring
from platformctl.region.services.docdb.clusters import DocumentClusters
from platformctl.region.services.rds.keeper import Keeper
from platformctl.region.services.rds.parameter_groups import static_values
from platformctl.region.services.rds.upkeep import Upkeep

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime


class Databases(DocumentClusters):
    """PostgreSQL instances and document clusters that run."""

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self._keepers: dict[tuple[str, str], Keeper] = {}
        self._fronts = Fronts(runtime, "rds", self._listeners)
        self._documents: dict[tuple[str, str], ProgramOwner] = {}
        self._upkeep: asyncio.Task[Any] | None = None
        self._stopping = False

    @property
    def keepers(self) -> dict[tuple[str, str], Keeper]:
        """The tasks that keep each instance as its record says, by region and identifier."""
        return self._keepers

    @property
    def document_servers(self) -> dict[tuple[str, str], ProgramOwner]:
        """The servers of document clusters that run, by region and cluster."""
        return self._documents

    @property
    def password_file(self) -> Path:
        """File with the administrator's password, for the region's own use."""
        return self.runtime.root / "rds" / "administrator"

    async def start(self) -> None:
        """Start every instance that was running."""
        self._make_password()
        for region in self.runtime.store.regions("rds"):
            if not self.runtime.is_stopped(region):
                await self.start_region(region)
        self._upkeep = self.runtime.spawn("rds/upkeep", Upkeep(self).run())

    async def stop(self) -> None:
        """Stop every server; the records say what ran."""
        self._stopping = True
        if self._upkeep is not None:
            self._upkeep.cancel()
        await asyncio.gather(*(keeper.end() for keeper in self._keepers.values()))
        await self._fronts.stop()
        await asyncio.gather(*(server.stop() for server in self._documents.values()))

    async def stop_region(self, region: str) -> None:
        """Stop the servers of one region."""
        gone = [key for key in self._keepers if key[0] == region]
        await self._fronts.stop_region(region)
        await asyncio.gather(*(self._keepers.pop(key).end() for key in gone))
        clusters = [key for key in self._documents if key[0] == region]
        await asyncio.gather(*(self._documents.pop(key).stop() for key in clusters))

    async def start_region(self, region: str) -> None:
        """Start the servers of one region."""
        self.resume_copies(region)
        for name in self.table(region, "instances").keys():  # noqa: SIM118  # a table is no dict
            self.engage(region, name)
        for name in self.table(region, "document-clusters").keys():  # noqa: SIM118  # as above
            self.engage_cluster(region, name)

    def engage(self, region: str, identifier: str) -> None:
        """Have an instance's keeper begin, or look at its record again."""
        if self._stopping or self.runtime.is_stopped(region):
            return
        key = (region, identifier)
        if key not in self._keepers:
            self._keepers[key] = Keeper(self, region, identifier)
        self._keepers[key].begin()

    def running(self, region: str, identifier: str) -> Keeper | None:
        """Return an instance's keeper if clients can be let in."""
        keeper = self._keepers.get((region, identifier))
        return keeper if keeper is not None and keeper.ready and keeper.cluster else None

    async def forget_instance(self, region: str, record: dict[str, Any], *, keep: bool) -> None:
        """Remove an instance's record, and its backups unless they are to be kept."""
        shape = record["shape"]
        name = shape["DBInstanceIdentifier"]
        await self.forget_password(region, shape)
        self.forget_tags(region, shape["DBInstanceArn"])
        self.runtime.addresses.release(self.owner(region, record))
        if keep and shape["BackupRetentionPeriod"]:
            retained = {**record, "deleted": self.runtime.now(), "work": [], "upstream": None}
            self.table(region, "retained")[shape["DbiResourceId"]] = retained
        else:
            for snapshot in self.automated_snapshots(region, shape["DbiResourceId"]):
                await self.remove_snapshot(region, snapshot["shape"]["DBSnapshotIdentifier"])
        del self.table(region, "instances")[name]
        self._keepers.pop((region, name), None)

    def restorable_until(self, region: str, record: Mapping[str, Any]) -> float | None:
        """Return the latest time an instance can be restored to.

        A running instance archives on demand, so it is the present; else its last change that
        was archived.
        """
        keeper = self._keepers.get((region, record["shape"]["DBInstanceIdentifier"]))
        if keeper is not None and keeper.ready and record["upstream"] is None:
            return self.runtime.now()
        archive = self.folder(region, record["shape"]["DbiResourceId"], "wal")
        times = [segment.stat().st_mtime for segment in archive.glob("*.gz")]
        return max(times, default=None)

    def static_parameters(self, region: str, record: Mapping[str, Any]) -> dict[str, str]:
        """Return the values of an instance's group that only a restart applies."""
        group = self.parameter_group(region, record["parameter_group"])
        known = self.known_parameters(group["DBParameterGroupFamily"])
        return static_values(known, group["values"])

    def record_metric(
        self, region: str, metric: str, dimensions: Mapping[str, str], value: float, unit: str
    ) -> None:
        """Give a figure to CloudWatch, where it runs."""
        with contextlib.suppress(RegionError):
            monitoring = self.runtime.service(Monitoring)
            monitoring.record(region, "AWS/RDS", metric, dimensions, [value], unit)

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
        ready: dict[str, Keeper] = {}
        for (where, name), keeper in self._keepers.items():
            record = keeper.record
            if where == region and keeper.ready and keeper.cluster and record is not None:
                ready[name] = keeper
                required = self.must_encrypt(region, record)
                owner = self.owner(region, record)
                listeners.append(
                    self._listener(f"db:{name}", owner, record["address"], keeper, required)
                )
        for proxy in self.table(region, "proxies").values():
            target = ready.get(proxy["targets"][0]) if proxy["targets"] else None
            if target is not None:
                shape, pool = proxy["shape"], proxy["group"]["pool"]
                owner = f"rds/{region}/{shape['DBProxyName']}"
                listeners.append(
                    {
                        **self._listener(
                            f"proxy:{shape['DBProxyName']}",
                            owner,
                            proxy["address"],
                            target,
                            shape["RequireTLS"],
                        ),
                        "idle_seconds": shape["IdleClientTimeout"],
                        "limit": self.proxy_limit(region, proxy),
                        "borrow_seconds": pool["ConnectionBorrowTimeout"],
                    }
                )
        return listeners

    def _listener(
        self, name: str, owner: str, address: list[Any], keeper: Keeper, required: bool
    ) -> dict[str, Any]:
        assert keeper.cluster is not None  # noqa: S101  # it is ready
        host, port = address
        certificate = self.runtime.certificates.issue(owner, [host, "localhost"])
        return {
            "name": name,
            "kind": "postgres",
            "host": host,
            "port": port,
            "upstreams": [[keeper.cluster.address.host, keeper.cluster.address.port]],
            "certificate": str(certificate.certificate),
            "key": str(certificate.key),
            "require_tls": required,
        }

    def _make_password(self) -> None:
        file = self.password_file
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            temporary = file.with_name("administrator.new")
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as writing:
                writing.write(f"*:*:*:{ADMINISTRATOR}:{secrets.token_urlsafe(24)}\n")
            temporary.replace(file)
