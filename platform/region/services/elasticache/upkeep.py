"""What happens by itself: measurements and daily snapshots."""

import asyncio
import datetime as dt
import logging
from collections.abc import Mapping
from typing import Any

import psutil
from redis.exceptions import RedisError

from platformctl.region.servers.redis.node import Node
from platformctl.region.services.elasticache.catalog import CatalogOperations
from platformctl.region.services.elasticache.groups import node_name
from platformctl.region.services.elasticache.keeper import Keeper

_LOG = logging.getLogger(__name__)
INTERVAL = 5.0
_OWN_CONNECTIONS = 1
_COUNTERS = {
    "CacheHits": "keyspace_hits",
    "CacheMisses": "keyspace_misses",
    "Evictions": "evicted_keys",
    "NewConnections": "total_connections_received",
}


class Upkeep:
    """Looks after the running groups of every region."""

    def __init__(self, caches: CatalogOperations) -> None:
        self.caches = caches
        self._before: dict[str, dict[str, float]] = {}

    async def run(self) -> None:
        """Go round every few seconds."""
        while True:
            for keeper in list(self.caches.keepers.values()):
                record = keeper.record
                if record is None or not keeper.ready:
                    continue
                for number, node in list(keeper.nodes.items()):
                    if node.running:
                        await self._measure(keeper, record, number, node)
                self._snapshot_if_due(keeper.region, record)
            await asyncio.sleep(INTERVAL)

    async def _measure(
        self, keeper: Keeper, record: Mapping[str, Any], number: int, node: Node
    ) -> None:
        try:
            state = await node.information("everything")
        except (RedisError, OSError) as error:
            # It went away under our hands; its keeper deals with that.
            _LOG.info("%s was not measured: %s", node.name, error)
            return
        name = node_name(record, number)
        figures = self._figures(node.name, state)
        if number != record["primary"]:
            figures["ReplicationLag"] = (float(state["master_last_io_seconds_ago"]), "Seconds")
        for dimensions in (
            {"CacheClusterId": name},
            {"CacheClusterId": name, "CacheNodeId": "0001"},
        ):
            for metric, (value, unit) in figures.items():
                self.caches.record_metric(keeper.region, metric, dimensions, value, unit)

    def _figures(self, name: str, state: Mapping[str, Any]) -> dict[str, tuple[float, str]]:
        seconds = state["used_cpu_user"] + state["used_cpu_sys"]
        counters = {metric: float(state[key]) for metric, key in _COUNTERS.items()}
        now = {**counters, "seconds": float(seconds), "at": self.caches.runtime.now()}
        before = self._before.get(name, now)
        self._before[name] = now
        share = 100 * (now["seconds"] - before["seconds"]) / max(now["at"] - before["at"], 0.1)
        share = min(max(share, 0.0), 100.0)
        memory = float(state["used_memory"])
        return {
            "CurrConnections": (float(state["connected_clients"] - _OWN_CONNECTIONS), "Count"),
            "EngineCPUUtilization": (share, "Percent"),
            "CPUUtilization": (share / (psutil.cpu_count() or 1), "Percent"),
            "BytesUsedForCache": (memory, "Bytes"),
            "DatabaseMemoryUsagePercentage": (100 * memory / state["maxmemory"], "Percent"),
            "CurrItems": (float(_items(state)), "Count"),
            **{metric: (max(now[metric] - before[metric], 0.0), "Count") for metric in _COUNTERS},
        }

    def _snapshot_if_due(self, region: str, record: dict[str, Any]) -> None:
        """Plan the daily snapshot in its window."""
        said = record["said"]
        now = dt.datetime.fromtimestamp(self.caches.runtime.now(), dt.UTC)
        start, _, end = said["SnapshotWindow"].partition("-")
        inside = start <= f"{now:%H:%M}" < end
        recent = now.timestamp() - record["last_snapshot"] < 12 * 3600
        if not said["SnapshotRetentionLimit"] or not inside or recent or record["work"]:
            return
        name = f"automatic.{record['id']}-{now:%Y-%m-%d-%H-%M}"
        self.caches.new_snapshot(region, name, record, "automated")
        record["status"] = "snapshotting"
        self.caches.plan(region, record, "snapshot", name=name)


def _items(state: Mapping[str, Any]) -> int:
    return sum(
        value["keys"]
        for key, value in state.items()
        if key.startswith("db") and isinstance(value, dict) and "keys" in value
    )
