"""The task behind one replication group: does what is planned, then keeps the servers running.

What is planned is taken off the record only when it is done, so it is done again after a crash of
the region. When the primary dies and failover is on, the replica that has most takes its place.
"""

import asyncio
import logging
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError

from platformctl.errors import PlatformError
from platformctl.region.cancellation import end_tasks
from platformctl.region.runtime import Address
from platformctl.region.servers.redis.node import Node, Settings
from platformctl.region.services.elasticache.groups import node_name
from platformctl.region.services.elasticache.host import Host

_LOG = logging.getLogger(__name__)
_LONGEST_PAUSE = 10.0
_HAND_OVER_MILLISECONDS = 2000
_HAND_OVER_POLL = 0.01
FAILURES = (PlatformError, RedisError, OSError)


class Keeper:
    """Keeps one replication group as its record says.

    Attributes:
        nodes: The servers by number.
        ready: Clients can be let in.
    """

    def __init__(self, host: Host, region: str, identifier: str) -> None:
        self.host = host
        self.region = region
        self.identifier = identifier
        self.nodes: dict[int, Node] = {}
        self.ready = False
        self._wake = asyncio.Event()
        self._task: asyncio.Task[Any] | None = None
        self._pause = 0.0

    # What others call.

    def begin(self) -> None:
        """Begin, or look at the record again."""
        self._wake.set()
        if self._task is None or self._task.done():
            name = f"elasticache/{self.region}/{self.identifier}/keeper"
            self._task = self.host.runtime.spawn(name, self._run())

    async def end(self) -> None:
        """Stop the servers and the task; the record stays as it is."""
        if self._task is not None:
            await end_tasks(self._task)
        await self._down()

    @property
    def record(self) -> dict[str, Any] | None:
        """The group's record, None when it is deleted."""
        return self.host.table(self.region, "groups").get(self.identifier)

    def running(self, *, replicas: bool = False) -> list[Node]:
        """Return the primary if it runs, or the replicas that run."""
        record = self.record
        if record is None:
            return []
        return [
            node
            for number, node in self.nodes.items()
            if node.running and (number != record["primary"]) == replicas
        ]

    # The task.

    async def _run(self) -> None:
        while (record := self.record) is not None:
            self._wake.clear()
            if record["work"]:
                await self._work(record, record["work"][0])
            elif record["status"] != "create-failed" and self._missing(record):
                await self._repair(record)
            else:
                await self._watch()

    def _missing(self, record: dict[str, Any]) -> list[int]:
        return [
            number
            for number in record["nodes"]
            if number not in self.nodes or not self.nodes[number].running
        ]

    async def _work(self, record: dict[str, Any], item: dict[str, Any]) -> None:
        try:
            await _WORK[item["kind"]](self, record, item)
        except FAILURES as error:
            name = f"elasticache/{self.region}/{self.identifier}"
            _LOG.error("%s of %s failed: %s", item["kind"], name, error)
            self.host.event(self.region, self.identifier, f"{item['kind']} failed: {error}")
            record["status"] = "create-failed" if item["kind"] == "create" else "available"
            if item["kind"] == "snapshot":
                self.host.complete_snapshot(self.region, item["name"], "failed")
        if self.record is not None:
            record["work"] = [other for other in record["work"] if other is not item]
            self._put(record)

    async def _watch(self) -> None:
        """Wait until there is something to do, or a server ends by itself."""
        waiting: list[asyncio.Task[Any]] = [asyncio.create_task(self._wake.wait())]
        waiting += [
            asyncio.create_task(node.process.wait())
            for node in self.nodes.values()
            if node.process is not None and node.running
        ]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def _repair(self, record: dict[str, Any]) -> None:
        """Start what ought to run; a dead primary is replaced if that is wanted."""
        if self.host.runtime.is_stopped(self.region):
            await self._wake.wait()
            return
        try:
            died = record["primary"] in self.nodes and record["primary"] in self._missing(record)
            if died and record["failover"] and self.running(replicas=True):
                message = f"Failover from {node_name(record, record['primary'])} has started"
                self.host.event(self.region, self.identifier, message)
                await self._promote(record, await self._best_replica(record))
            for number in sorted(self._missing(record), key=lambda one: one != record["primary"]):
                await self._start_node(record, number)
            await self._open_door()
        except FAILURES as error:
            self._pause = min(max(self._pause * 2, 0.2), _LONGEST_PAUSE)
            _LOG.warning("elasticache/%s/%s is not whole: %s", self.region, self.identifier, error)
            self._tell(record, "modifying")
            await asyncio.sleep(self._pause)
            return
        self._pause = 0.0
        if record["status"] == "modifying":
            self._tell(record, "available")

    # Pieces that the work is made of.

    def _put(self, record: dict[str, Any]) -> None:
        self.host.table(self.region, "groups")[self.identifier] = record

    def _tell(self, record: dict[str, Any], status: str) -> None:
        """Say in the record whether it has all its servers; not if it is changed meanwhile."""
        if self.record is not None and not record["work"]:
            record["status"] = status
            self._put(record)

    def _folder(self, number: int) -> Path:
        return self.host.folder(self.region, self.identifier, f"{number:03}")

    def _node(self, record: dict[str, Any], number: int) -> Node:
        if number not in self.nodes:
            name = node_name(record, number)
            shown = self.host.endpoint(self.region, record, name)
            owner = self.host.owner(self.region, record, name)
            private = self.host.runtime.addresses.allocate(owner, 0)
            self.nodes[number] = Node(
                self.host.runtime,
                f"elasticache/{self.region}/{name}",
                self._folder(number),
                Address(shown["Address"], private.port),
                self.host.password,
            )
        return self.nodes[number]

    def _settings(self, record: dict[str, Any], number: int) -> Settings:
        values = self.host.applied_parameters(self.region, record["parameter_group"])
        primary = None
        if number != record["primary"]:
            primary = self._node(record, record["primary"]).address
        return Settings(values, tuple(record["tokens"]), primary)

    async def _start_node(self, record: dict[str, Any], number: int) -> None:
        node = self._node(record, number)
        await node.start(self._settings(record, number))
        if number != record["primary"] and self._node(record, record["primary"]).running:
            await node.synchronised()

    async def _open_door(self) -> None:
        self.ready = True
        await self.host.published(self.region)

    async def _down(self, numbers: Iterable[int] | None = None) -> None:
        if numbers is None:
            self.ready = False
            self.host.publish(self.region)
        stopping = list(self.nodes if numbers is None else numbers)
        await asyncio.gather(*(self.nodes[number].stop() for number in stopping))

    async def _best_replica(self, record: dict[str, Any]) -> int:
        """Return the running replica that has received most."""
        offsets: dict[int, int] = {}
        for number, node in self.nodes.items():
            if number != record["primary"] and node.running:
                offsets[number] = (await node.information("replication"))["slave_repl_offset"]
        return max(offsets, key=lambda number: offsets[number])

    async def _promote(self, record: dict[str, Any], number: int) -> None:
        """Make a replica the primary that all others follow."""
        new = self.nodes[number]
        await new.follow(None)
        record["primary"] = number
        self._put(record)
        await self.host.published(self.region)
        for other, node in self.nodes.items():
            if other != number and node.running:
                await node.follow(new.address)
        message = f"Failover to {node_name(record, number)} is complete"
        self.host.event(self.region, self.identifier, message)

    async def _hand_over(self, record: dict[str, Any], number: int) -> None:
        """Wait until a replica has all that the primary has, which takes no writes meanwhile."""
        primary = self.nodes[record["primary"]]
        async with primary.session() as session:
            await session.execute_command("CLIENT", "PAUSE", _HAND_OVER_MILLISECONDS, "WRITE")
        for _ in range(int(_HAND_OVER_MILLISECONDS / 1000 / _HAND_OVER_POLL)):
            ahead = (await primary.information("replication"))["master_repl_offset"]
            behind = (await self.nodes[number].information("replication"))["slave_repl_offset"]
            if behind >= ahead:
                return
            await asyncio.sleep(_HAND_OVER_POLL)

    # What can be planned.

    async def _create(self, record: dict[str, Any], item: dict[str, Any]) -> None:
        await self._down()
        folder = self.host.folder(self.region, self.identifier)
        await asyncio.to_thread(shutil.rmtree, folder, True)
        if item.get("dump"):
            node = self._node(record, record["primary"])
            await asyncio.to_thread(node.seed, Path(item["dump"]))
        for number in record["nodes"]:
            await self._start_node(record, number)
        await self._open_door()
        record["status"] = "available"
        self.host.event(self.region, self.identifier, "Replication group created")

    async def _change_settings(self, record: dict[str, Any], _item: dict[str, Any]) -> None:
        for number, node in self.nodes.items():
            if node.running:
                await node.apply(self._settings(record, number))
        await self.host.published(self.region)
        record["status"] = "available"

    async def _count(self, record: dict[str, Any], item: dict[str, Any]) -> None:
        wanted = item["nodes"]
        free = (number for number in range(1, 100) if number not in record["nodes"])
        while len(record["nodes"]) < wanted:
            record["nodes"] = sorted([*record["nodes"], next(free)])
        replicas = [number for number in record["nodes"] if number != record["primary"]]
        gone = replicas[wanted - 1 :]
        record["nodes"] = [number for number in record["nodes"] if number not in gone]
        self._put(record)
        for number in self._missing(record):
            await self._start_node(record, number)
        await self.host.published(self.region)
        for number in [number for number in self.nodes if number not in record["nodes"]]:
            await self._down([number])
            del self.nodes[number]
            await asyncio.to_thread(shutil.rmtree, self._folder(number), True)
            owner = self.host.owner(self.region, record, node_name(record, number))
            self.host.runtime.addresses.release(owner)
        record["status"] = "available"

    async def _failover(self, record: dict[str, Any], item: dict[str, Any]) -> None:
        number = item["to"] or await self._best_replica(record)
        if number != record["primary"]:
            if self.nodes[record["primary"]].running:
                await self._hand_over(record, number)
            await self._promote(record, number)
        record["status"] = "available"

    async def _snapshot(self, record: dict[str, Any], item: dict[str, Any]) -> None:
        node = self.nodes[self.host.snapshotting_node(record)]
        await node.dump(self.host.dump_file(self.region, item["name"]))
        self.host.complete_snapshot(self.region, item["name"], "available")
        self.host.expire_snapshots(self.region, record)
        record["last_snapshot"] = self.host.runtime.now()
        record["status"] = "available"

    async def _delete(self, record: dict[str, Any], item: dict[str, Any]) -> None:
        if item.get("snapshot") and self.running():
            await self._snapshot(record, {"name": item["snapshot"]})
            record["status"] = "deleting"
        await self._down()
        folder = self.host.folder(self.region, self.identifier)
        await asyncio.to_thread(shutil.rmtree, folder, True)
        self.host.forget_group(self.region, record)
        self.host.event(self.region, self.identifier, "Replication group deleted")


_WORK = {
    "create": Keeper._create,  # noqa: SLF001  # the table of this class
    "settings": Keeper._change_settings,  # noqa: SLF001
    "count": Keeper._count,  # noqa: SLF001
    "failover": Keeper._failover,  # noqa: SLF001
    "snapshot": Keeper._snapshot,  # noqa: SLF001
    "delete": Keeper._delete,  # noqa: SLF001
}
"""Kind of planned work → what does it."""
