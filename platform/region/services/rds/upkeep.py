"""What happens by itself: measurements, heartbeats of the archive, daily backups."""

import asyncio
import datetime as dt
import logging
from collections.abc import Mapping
from typing import Any

import psutil
import psycopg

from platformctl.errors import PlatformError
from platformctl.region.services.rds import building
from platformctl.region.services.rds.catalog import CatalogOperations
from platformctl.region.services.rds.keeper import Keeper

_LOG = logging.getLogger(__name__)
INTERVAL = 5.0
_HEARTBEAT_SECONDS = 60.0
_CONNECTIONS = """
SELECT count(*) FILTER (WHERE backend_type = 'client backend' AND usename <> 'rdsadmin'),
       (SELECT sum(pg_database_size(oid)) FROM pg_database),
       CASE WHEN NOT pg_is_in_recovery() THEN NULL
            WHEN EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')
                 AND pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
            ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END,
       EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')
FROM pg_stat_activity
"""


class Upkeep:
    """Looks after the running instances of every region."""

    def __init__(self, databases: CatalogOperations) -> None:
        self.databases = databases
        self._seconds: dict[int, tuple[float, float]] = {}
        self._beats: dict[str, float] = {}

    async def run(self) -> None:
        """Go round every few seconds."""
        while True:
            for keeper in list(self.databases.keepers.values()):
                if keeper.ready and keeper.cluster is not None and keeper.cluster.running:
                    try:
                        await self._look_after(keeper)
                    except (psycopg.Error, PlatformError, OSError) as error:
                        # It went away under our hands; its keeper deals with that.
                        _LOG.info("%s was not measured: %s", keeper.identifier, error)
            await asyncio.sleep(INTERVAL)

    async def _look_after(self, keeper: Keeper) -> None:
        record = keeper.record
        if record is None:
            return
        await self._measure(keeper, record)
        shape = record["shape"]
        if record["upstream"] is None and shape["BackupRetentionPeriod"]:
            await self._beat(keeper)
            if self._backup_is_due(keeper.region, record):
                self.databases.plan(keeper.region, record, "backup")

    async def _measure(self, keeper: Keeper, record: Mapping[str, Any]) -> None:
        assert keeper.cluster is not None  # noqa: S101  # it runs
        async with keeper.cluster.session() as session:
            row = await (await session.execute(_CONNECTIONS)).fetchone()
        assert row is not None  # noqa: S101  # an aggregate has a row
        connections, size, lag, streaming = row
        keeper.replicating = bool(streaming)
        free = record["shape"]["AllocatedStorage"] * 2**30 - int(size)
        figures = {
            "DatabaseConnections": (float(connections), "Count"),
            "FreeStorageSpace": (float(free), "Bytes"),
            "CPUUtilization": (self._cpu(keeper), "Percent"),
        }
        if record["upstream"] is not None:
            figures["ReplicaLag"] = (float(lag or 0), "Seconds")
        dimensions = {"DBInstanceIdentifier": keeper.identifier}
        for metric, (value, unit) in figures.items():
            self.databases.record_metric(keeper.region, metric, dimensions, value, unit)

    def _cpu(self, keeper: Keeper) -> float:
        """Return the share of this machine that an instance used since the last time."""
        process = keeper.cluster.process if keeper.cluster is not None else None
        if process is None:
            return 0.0
        total = 0.0
        try:
            postmaster = psutil.Process(process.pid)
            for one in (postmaster, *postmaster.children()):
                times = one.cpu_times()
                total += times.user + times.system
        except psutil.Error:
            return 0.0
        now = self.databases.runtime.now()
        before, at = self._seconds.get(process.pid, (total, now - INTERVAL))
        self._seconds[process.pid] = (total, now)
        share = max(total - before, 0.0) / max(now - at, 0.001) / (psutil.cpu_count() or 1)
        return min(100.0 * share, 100.0)

    async def _beat(self, keeper: Keeper) -> None:
        """Commit something every minute, so that the archive reaches the present."""
        now = self.databases.runtime.now()
        if now - self._beats.get(keeper.identifier, 0.0) >= _HEARTBEAT_SECONDS:
            self._beats[keeper.identifier] = now
            assert keeper.cluster is not None  # noqa: S101  # it runs
            await building.heartbeat(keeper.cluster)

    def _backup_is_due(self, region: str, record: Mapping[str, Any]) -> bool:
        """Say whether it is the time of the daily backup and there is none of today."""
        now = dt.datetime.fromtimestamp(self.databases.runtime.now(), dt.UTC)
        start, _, end = record["shape"]["PreferredBackupWindow"].partition("-")
        inside = start <= f"{now:%H:%M}" < end
        if not inside or record["work"]:
            return False
        taken = self.databases.automated_snapshots(region, record["shape"]["DbiResourceId"])
        last = taken[-1]["shape"]["SnapshotCreateTime"] if taken else 0.0
        return now.timestamp() - last > 12 * 3600
