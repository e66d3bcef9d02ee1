"""The task behind one instance: does what its record plans, then keeps the server running.

What is planned is done in order, and is taken off the record only when it is done; so whatever
was under way when the region was killed is done again, and every piece of work can be repeated.
"""

import asyncio
import logging
import shutil
from typing import Any

import psycopg

from platformctl.errors import PlatformError
from platformctl.region.cancellation import end_tasks
from platformctl.region.runtime import Address
from platformctl.region.servers.postgres.cluster import Cluster
from platformctl.region.servers.postgres.installation import installation_for
from platformctl.region.services.rds import building
from platformctl.region.services.rds.engine import major_of
from platformctl.region.services.rds.host import Host

_LOG = logging.getLogger(__name__)
_LONGEST_PAUSE = 10.0
FAILURES = (PlatformError, psycopg.Error, OSError)


class Keeper:
    """Keeps one instance as its record says.

    Attributes:
        ready: Clients can be let in.
        replicating: It is a replica and receives changes.
    """

    def __init__(self, host: Host, region: str, identifier: str) -> None:
        self.host = host
        self.region = region
        self.identifier = identifier
        self.ready = False
        self.replicating = False
        self.cluster: Cluster | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[Any] | None = None
        self._pause = 0.0

    # What others call.

    def begin(self) -> None:
        """Begin, or look at the record again."""
        self._wake.set()
        if self._task is None or self._task.done():
            name = f"rds/{self.region}/{self.identifier}/keeper"
            self._task = self.host.runtime.spawn(name, self._run())

    async def end(self) -> None:
        """Stop the server and the task; the record stays as it is."""
        if self._task is not None:
            await end_tasks(self._task)
        await self._down()

    @property
    def record(self) -> dict[str, Any] | None:
        """The instance's record, None when it is deleted."""
        return self.host.table(self.region, "instances").get(self.identifier)

    def status(self, status: str) -> None:
        """Set the status that `DescribeDBInstances` shows."""
        record = self.record
        if record is not None:
            record["shape"]["DBInstanceStatus"] = status
            self.host.put_instance(self.region, record)

    def say(self, message: str, *categories: str) -> None:
        """Record an event of the instance."""
        self.host.event(self.region, self.identifier, "db-instance", message, *categories)

    # The task.

    async def _run(self) -> None:
        while (record := self.record) is not None:
            self._wake.clear()
            if record["work"]:
                await self._work(record["work"][0])
            elif record["wanted"] == "running" and not self._running:
                await self._revive(record)
            else:
                await self._watch()

    @property
    def _running(self) -> bool:
        return self.cluster is not None and self.cluster.running

    async def _work(self, item: dict[str, Any]) -> None:
        try:
            await _WORK[item["kind"]](self, item)
        except FAILURES as error:
            await self._failed(item, error)
        record = self.record
        if record is not None:
            record["work"] = [other for other in record["work"] if other is not item]
            self.host.put_instance(self.region, record)

    async def _failed(self, item: dict[str, Any], error: Exception) -> None:
        _LOG.error("%s of rds/%s/%s failed: %s", item["kind"], self.region, self.identifier, error)
        self.say(f"{item['kind']} failed: {error}", "failure")
        if item["kind"] == "create":
            origin = (self.record or {}).get("origin", {}).get("kind", "new")
            self.status("failed" if origin in {"new", "replica"} else "incompatible-restore")
            record = self.record
            if record is not None:
                record["wanted"] = "stopped"
                self.host.put_instance(self.region, record)
            await self._down()
        elif item["kind"] == "snapshot":
            self.host.snapshot_failed(self.region, item["snapshot"])
            self.status("available" if self.ready else "stopped")
        else:
            self.status("available" if self._running else "failed")

    async def _watch(self) -> None:
        """Wait until there is something to do, or the server ends by itself."""
        waiting: list[asyncio.Task[Any]] = [asyncio.create_task(self._wake.wait())]
        process = self.cluster.process if self.cluster is not None else None
        if process is not None and process.returncode is None:
            waiting.append(asyncio.create_task(process.wait()))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def _revive(self, record: dict[str, Any]) -> None:
        """Start a server that ought to run: after a crash, or a start of the region."""
        if self.host.runtime.is_stopped(self.region):
            await self._wake.wait()
            return
        crashed = self.cluster is not None
        if self.ready:
            self.ready = False
            self.host.publish(self.region)
        if crashed:
            self.say("Recovery of the DB instance has started.", "recovery")
        try:
            await self.up(record)
        except FAILURES as error:
            self._pause = min(max(self._pause * 2, 0.2), _LONGEST_PAUSE)
            _LOG.warning("rds/%s/%s does not start: %s", self.region, self.identifier, error)
            self.say(f"The DB instance could not be started: {error}", "failure")
            await asyncio.sleep(self._pause)
            return
        self._pause = 0.0
        if crashed:
            self.say("DB instance restarted", "availability")
            self.say("Recovery of the DB instance is complete.", "recovery")

    # Pieces that the work is made of.

    def make_cluster(self, record: dict[str, Any]) -> Cluster:
        """Return the instance's server, not started."""
        host = self.host
        exactly = record["major"] is not None
        major = record["major"] or major_of(record["shape"]["EngineVersion"])
        installation = installation_for(major, exactly=exactly)
        private = host.runtime.addresses.allocate(host.owner(self.region, record), 0)
        return Cluster(
            host.runtime,
            f"rds/{self.region}/{self.identifier}",
            host.folder(self.region, record["shape"]["DbiResourceId"]),
            Address(record["address"][0], private.port),
            installation,
            host.password_file,
        )

    async def up(self, record: dict[str, Any]) -> None:
        """Start the server with the configuration that the record says, let clients in."""
        if self.cluster is None:
            self.cluster = self.make_cluster(record)
        values = self.host.parameter_values(self.region, record)
        upstream = building.upstream(self.host, record)
        await asyncio.to_thread(self.cluster.configure, values, upstream=upstream)
        await self.cluster.start()
        record["applied"] = self.host.static_parameters(self.region, record)
        record["parameter_status"] = "in-sync"
        self.host.put_instance(self.region, record)
        await self.open_door()

    async def open_door(self) -> None:
        """Let clients in, and wait until they can come."""
        self.ready = True
        await self.host.published(self.region)

    async def _down(self) -> None:
        if self.ready:
            self.ready = False
            self.host.publish(self.region)
        if self.cluster is not None:
            await self.cluster.stop()

    async def _create(self, _item: dict[str, Any]) -> None:
        record = self.record
        assert record is not None  # noqa: S101  # it has this work
        self.cluster = self.make_cluster(record)
        await self.cluster.stop()
        await building.build(self.host, self.region, record, self.cluster)
        now = self.host.runtime.now()
        record["shape"]["InstanceCreateTime"] = now
        record["shape"]["DbInstancePort"] = 0
        record["major"] = self.cluster.installation.major
        record["verifier"] = None
        self.host.put_instance(self.region, record)
        await self.open_door()
        self.say("DB instance created", "creation")
        await self._first_backup(record)
        self.status("available")

    async def _first_backup(self, record: dict[str, Any]) -> None:
        if record["shape"]["BackupRetentionPeriod"] and record["upstream"] is None:
            self.status("backing-up")
            await self.host.automated_backup(self.region, record)

    async def _snapshot(self, item: dict[str, Any]) -> None:
        self.status("backing-up")
        assert self.cluster is not None  # noqa: S101  # only a running instance gets this work
        await self.host.take_snapshot(self.region, item["snapshot"], self.cluster)
        self.status("available")

    async def _backup(self, _item: dict[str, Any]) -> None:
        record = self.record
        if record is not None and self._running:
            await self._first_backup(record)
            self.status("available")

    async def _parameters(self, _item: dict[str, Any]) -> None:
        """Let dynamic parameters take effect; static ones wait for a reboot."""
        record = self.record
        if record is None or self.cluster is None or not self.cluster.running:
            return
        values = self.host.parameter_values(self.region, record)
        upstream = building.upstream(self.host, record)
        await asyncio.to_thread(self.cluster.configure, values, upstream=upstream)
        self.cluster.reload()
        static = self.host.static_parameters(self.region, record)
        record["parameter_status"] = "in-sync" if static == record["applied"] else "pending-reboot"
        self.host.put_instance(self.region, record)
        await self.host.published(self.region)

    async def _modify(self, item: dict[str, Any]) -> None:
        record = self.record
        assert record is not None  # noqa: S101  # it has this work
        if "verifier" in item and self.cluster is not None:
            await building.set_password(self.cluster, record, item["verifier"])
            self.say("The master credentials were reset", "configuration change")
        await self._parameters(item)
        if item.get("restart"):
            await self._down()
            await self.up(record)
        self.status("available")

    async def _reboot(self, _item: dict[str, Any]) -> None:
        record = self.record
        assert record is not None  # noqa: S101  # it has this work
        await self._down()
        self.say("DB instance shutdown", "availability")
        self.host.apply_pending(self.region, record)
        await self.up(record)
        self.say("DB instance restarted", "availability")
        self.status("available")

    async def _stop(self, _item: dict[str, Any]) -> None:
        await self._down()
        self.say("DB instance stopped", "notification")
        self.status("stopped")

    async def _start(self, _item: dict[str, Any]) -> None:
        record = self.record
        assert record is not None  # noqa: S101  # it has this work
        await self.up(record)
        self.say("DB instance started", "notification")
        self.status("available")

    async def _promote(self, item: dict[str, Any]) -> None:
        """Make a replica a primary of its own."""
        record = self.record
        assert record is not None  # noqa: S101  # it has this work
        if self.cluster is None or not self.cluster.running:
            await self.up(record)
        assert self.cluster is not None  # noqa: S101  # it is up
        await building.promote(self.cluster)
        source = record["upstream"]
        record["upstream"] = None
        record["shape"]["BackupRetentionPeriod"] = item["retention"]
        self.host.put_instance(self.region, record)
        values = self.host.parameter_values(self.region, record)
        await asyncio.to_thread(self.cluster.configure, values)
        self.cluster.reload()
        if source is not None:
            await building.drop_slot(self.host, source, record)
        self.replicating = False
        self.say("Promoted read replica to a stand-alone database instance.", "notification")
        await self._first_backup(record)
        self.status("available")

    async def _delete(self, item: dict[str, Any]) -> None:
        record = self.record
        assert record is not None  # noqa: S101  # it has this work
        host = self.host
        if item.get("snapshot") and self._running and self.cluster is not None:
            await host.take_snapshot(self.region, item["snapshot"], self.cluster)
        backed_up = record["upstream"] is None and record["shape"]["BackupRetentionPeriod"]
        if item["keep_backups"] and backed_up and self._running and self.cluster is not None:
            await building.flush(self.cluster)
        await self._down()
        if record["upstream"] is not None:
            await building.drop_slot(host, record["upstream"], record)
        folder = host.folder(self.region, record["shape"]["DbiResourceId"])
        await host.forget_instance(self.region, record, keep=item["keep_backups"])
        kept = item["keep_backups"]
        await asyncio.to_thread(shutil.rmtree, folder / "data" if kept else folder, True)
        self.say("DB instance deleted", "deletion")


_WORK = {
    "create": Keeper._create,  # noqa: SLF001  # the table of this class
    "snapshot": Keeper._snapshot,  # noqa: SLF001
    "backup": Keeper._backup,  # noqa: SLF001
    "parameters": Keeper._parameters,  # noqa: SLF001
    "modify": Keeper._modify,  # noqa: SLF001
    "reboot": Keeper._reboot,  # noqa: SLF001
    "stop": Keeper._stop,  # noqa: SLF001
    "start": Keeper._start,  # noqa: SLF001
    "promote": Keeper._promote,  # noqa: SLF001
    "delete": Keeper._delete,  # noqa: SLF001
}
"""Kind of planned work → what does it."""
