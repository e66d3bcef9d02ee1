"""One cluster's brokers, made to match the configuration whenever it changes."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from platformctl.errors import RegionError
from platformctl.region.servers.control import Report
from platformctl.region.servers.front.server import Front
from platformctl.region.servers.kafka import backlog, sockets
from platformctl.region.servers.kafka.ledger import Ledger
from platformctl.region.servers.kafka.library import MockCluster

_REPORT_SECONDS = 2.0


class Brokers:
    """The brokers of one cluster in this process.

    The number of brokers is fixed when the first configuration arrives; the topics may change.
    Where clients need TLS they come in through a front, for librdkafka's brokers have none; the
    brokers then keep the ports they chose, and the front is closed while our own clients, which
    follow the addresses that brokers tell, put something aside.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._ledger = Ledger()
        self._cluster: MockCluster | None = None
        self._front = Front()
        self._listeners: list[Mapping[str, Any]] = []
        self._inner: list[tuple[str, int]] = []
        self._bootstrap = ""
        self._topics: dict[str, tuple[int, int]] = {}
        self._backlog: Path | None = None
        self._ticker: asyncio.Task[None] | None = None

    async def apply(self, document: Mapping[str, Any]) -> dict[str, str]:
        """Start the brokers, then create and delete topics; return what failed."""
        try:
            if self._cluster is None:
                await self._start(document)
            return await self._follow_topics(document["topics"])
        except (OSError, RegionError) as error:
            return {"brokers": str(error)}

    async def close(self) -> None:
        """Save what is unread and stop the brokers."""
        if self._ticker is not None:
            self._ticker.cancel()
        if self._cluster is not None and self._backlog is not None:
            await self._shut()
            self._ledger.read()
            topics = list(self._ledger.topics)
            await asyncio.to_thread(
                backlog.save, self._backlog, self._bootstrap, self._ledger, topics
            )

    async def _start(self, document: Mapping[str, Any]) -> None:
        brokers = document["brokers"]
        cluster = MockCluster(len(brokers), self._ledger.note)
        self._inner = cluster.bootstraps
        self._listeners = _listeners(document["front"], brokers, self._inner)
        if not self._listeners:
            for number, (place, (host, port)) in enumerate(
                zip(self._inner, brokers, strict=True), start=1
            ):
                sockets.move(place, host, port)
                cluster.advertise(number, host, port)
            self._inner = brokers
        self._cluster = cluster
        self._bootstrap = ",".join(f"{host}:{port}" for host, port in self._inner)
        self._backlog = Path(document["backlog"])
        errors = await asyncio.to_thread(self._follow, document["topics"])
        if errors:
            raise RegionError("cannot create all topics", why=str(errors))
        restored = await asyncio.to_thread(backlog.restore, self._backlog, self._bootstrap)
        self._report({"restored": restored})
        await self._open()
        self._ticker = asyncio.create_task(self._tick())

    async def _open(self) -> None:
        """Let clients in through the front.

        Raises:
            RegionError: An address cannot be listened on.
        """
        assert self._cluster is not None  # noqa: S101  # it was started before
        for number, listener in enumerate(self._listeners, start=1):
            self._cluster.advertise(number, listener["host"], listener["port"])
        errors = await self._front.apply({"listeners": self._listeners})
        if errors:
            raise RegionError("cannot listen for clients of the brokers", why=str(errors))

    async def _shut(self) -> None:
        """Send the front's clients away, and have the brokers tell their own addresses."""
        assert self._cluster is not None  # noqa: S101  # it was started before
        if self._listeners:
            await self._front.apply({"listeners": []})
            for number, (host, port) in enumerate(self._inner, start=1):
                self._cluster.advertise(number, host, port)

    async def _follow_topics(self, wanted: Mapping[str, Any]) -> dict[str, str]:
        shapes = {name: (row["partitions"], row["replication"]) for name, row in wanted.items()}
        if all(shapes.get(name, shape) == shape for name, shape in self._topics.items()):
            return await asyncio.to_thread(self._follow, wanted)
        await self._shut()
        try:
            return await asyncio.to_thread(self._follow, wanted)
        finally:
            await self._open()

    def _follow(self, wanted: Mapping[str, Any]) -> dict[str, str]:
        """Create, widen and delete topics; return what failed by topic."""
        assert self._cluster is not None  # noqa: S101  # it was started before
        errors: dict[str, str] = {}
        self._ledger.read()
        for name in [name for name in self._topics if name not in wanted]:
            self._cluster.delete_topic(name)
            self._ledger.forget(name)
            del self._topics[name]
        for name, row in wanted.items():
            shape = (row["partitions"], row["replication"])
            try:
                if name in self._topics and self._topics[name] != shape:
                    self._widen(name, shape)
                elif name not in self._topics and name not in self._ledger.topics:
                    self._cluster.create_topic(name, *shape)
                self._topics[name] = shape
            except (OSError, RegionError) as error:
                errors[name] = str(error)
        return errors

    def _widen(self, name: str, shape: tuple[int, int]) -> None:
        """Give a topic more partitions; what is unread stays in the partitions it was in."""
        assert self._cluster is not None  # noqa: S101  # it was started before
        assert self._backlog is not None  # noqa: S101  # as above
        saved = self._backlog.with_name(f"{self._backlog.name}.{name}")
        backlog.save(saved, self._bootstrap, self._ledger, [name])
        self._cluster.delete_topic(name)
        self._ledger.forget(name)
        self._cluster.create_topic(name, *shape)
        backlog.restore(saved, self._bootstrap)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_REPORT_SECONDS)
            self._report({"figures": self._ledger.report(), "seconds": _REPORT_SECONDS})


def _listeners(
    front: Mapping[str, Any] | None,
    brokers: Sequence[tuple[str, int]],
    inner: Sequence[tuple[str, int]],
) -> list[Mapping[str, Any]]:
    """Return a listener for each broker, none where clients need no TLS."""
    if front is None:
        return []
    return [
        {
            **front,
            "name": f"b-{number}",
            "kind": "kafka",
            "host": host,
            "port": port,
            "upstreams": [place],
        }
        for number, ((host, port), place) in enumerate(zip(brokers, inner, strict=True), start=1)
    ]
