"""How an instance's data comes to be, and how replicas are tied to their source."""

import asyncio
import datetime as dt
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from platformctl.errors import RegionError
from platformctl.region.runtime import Address
from platformctl.region.servers.postgres.archive import Archive
from platformctl.region.servers.postgres.cluster import Cluster, Upstream
from platformctl.region.servers.postgres.installation import installation_for
from platformctl.region.services.rds.host import Host

_POLL = 0.05
_SOURCE_SECONDS = 60.0
_RECOVERY_SECONDS = 600.0
_ROLES = (
    "CREATE ROLE rds_replication NOLOGIN",
    "CREATE ROLE rds_iam NOLOGIN",
    "CREATE ROLE rds_password NOLOGIN",
    "CREATE ROLE rds_superuser NOLOGIN CREATEDB CREATEROLE",
    "GRANT pg_monitor TO rds_superuser WITH ADMIN OPTION",
    "GRANT pg_signal_backend TO rds_superuser WITH ADMIN OPTION",
    "GRANT rds_replication, rds_password TO rds_superuser WITH ADMIN OPTION",
)
_HEARTBEAT = "CREATE TABLE IF NOT EXISTS rds_heartbeat (one int PRIMARY KEY, at timestamptz)"


async def build(host: Host, region: str, record: dict[str, Any], cluster: Cluster) -> None:
    """Make the data of a new instance as its origin says, and start its server.

    Raises:
        RegionError: What it is made from cannot be used.
    """
    origin = record["origin"]
    await _BUILDERS[origin["kind"]](host, region, record, cluster)


async def _new(host: Host, region: str, record: dict[str, Any], cluster: Cluster) -> None:
    await cluster.initialise()
    await _start(host, region, record, cluster)
    user, database = record["shape"]["MasterUsername"], record["shape"].get("DBName")
    async with cluster.session() as session:
        for statement in _ROLES:
            await session.execute(statement)
        await session.execute(
            sql.SQL(
                "CREATE ROLE {} LOGIN CREATEDB CREATEROLE IN ROLE rds_superuser PASSWORD {}"
            ).format(sql.Identifier(user), sql.Literal(record["verifier"]))
        )
        owner = sql.Identifier(user)
        await session.execute(sql.SQL("ALTER DATABASE postgres OWNER TO {}").format(owner))
        await session.execute("CREATE DATABASE rdsadmin")
        await session.execute("REVOKE ALL ON DATABASE rdsadmin FROM PUBLIC")
        if database and database != "postgres":
            await session.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), owner)
            )
    async with cluster.session("rdsadmin") as session:
        await session.execute(_HEARTBEAT)


async def _replica(host: Host, region: str, record: dict[str, Any], cluster: Cluster) -> None:
    source = upstream(host, record)
    assert source is not None  # noqa: S101  # it is a replica
    origin = await source_cluster(host, record["upstream"])
    cluster.installation = origin.installation
    await make_slot(origin, source.slot)
    await cluster.copy_from(source.address, slot=source.slot)
    await _start(host, region, record, cluster, source)


async def _snapshot(host: Host, region: str, record: dict[str, Any], cluster: Cluster) -> None:
    await _copy(host, record, cluster)
    await _start(host, region, record, cluster)
    await _take_over(cluster, record)


async def _time(host: Host, region: str, record: dict[str, Any], cluster: Cluster) -> None:
    origin = record["origin"]
    running = host.running(origin["region"], origin["source"])
    if running is not None and running.cluster is not None:
        await flush(running.cluster)
    await _copy(host, record, cluster)
    recovery = {
        "restore_command": Archive(Path(origin["wal"])).restore_command,
        "recovery_target_action": "promote",
    }
    if origin["target"] is not None:
        at = dt.datetime.fromtimestamp(origin["target"], dt.UTC)
        recovery["recovery_target_time"] = at.isoformat(sep=" ")
    values = host.parameter_values(region, record)
    await asyncio.to_thread(cluster.configure, values, recovery=recovery)
    await cluster.start()
    await _recovered(cluster)
    await asyncio.to_thread(cluster.configure, values)
    cluster.reload()
    await _take_over(cluster, record)


_BUILDERS = {"new": _new, "replica": _replica, "snapshot": _snapshot, "time": _time}


async def _start(
    host: Host,
    region: str,
    record: dict[str, Any],
    cluster: Cluster,
    source: Upstream | None = None,
) -> None:
    values = host.parameter_values(region, record)
    await asyncio.to_thread(cluster.configure, values, upstream=source)
    await cluster.start()
    record["applied"] = host.static_parameters(region, record)


async def _copy(host: Host, record: dict[str, Any], cluster: Cluster) -> None:
    origin = record["origin"]
    # The data can only be opened by the version that wrote it.
    cluster.installation = installation_for(origin["major"], exactly=True)
    await asyncio.to_thread(cluster.prepare_folder)
    source = Path(origin["folder"]) / "data"
    await asyncio.to_thread(shutil.copytree, source, cluster.data, dirs_exist_ok=True)
    await asyncio.to_thread(host.runtime.give, cluster.folder)


async def _recovered(cluster: Cluster) -> None:
    """Wait until a recovery has ended.

    Raises:
        RegionError: The server ended before: the target was not reached.
    """
    try:
        async with asyncio.timeout(_RECOVERY_SECONDS):
            while await cluster.value("SELECT pg_is_in_recovery()"):  # noqa: ASYNC110  # the server has no event for it
                await asyncio.sleep(_POLL)
    except psycopg.OperationalError as error:
        raise RegionError(
            "the recovery did not reach the time asked for", why=str(error)
        ) from error


async def _take_over(cluster: Cluster, record: dict[str, Any]) -> None:
    """Set the password that a restore was asked to set; slots of the source's replicas go."""
    async with cluster.session() as session:
        await session.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active"
        )
    if record["verifier"]:
        await set_password(cluster, record, record["verifier"])


async def set_password(cluster: Cluster, record: Mapping[str, Any], verifier: str) -> None:
    """Set the master password by its verifier."""
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
        sql.Identifier(record["shape"]["MasterUsername"]), sql.Literal(verifier)
    )
    async with cluster.session() as session:
        await session.execute(statement)


# Replication.


def slot_of(record: Mapping[str, Any]) -> str:
    """Return the name of a replica's slot at its source."""
    return record["shape"]["DbiResourceId"].lower().replace("-", "_")


async def source_cluster(host: Host, source: Mapping[str, Any]) -> Cluster:
    """Return the server that a replica follows, as soon as it runs.

    Raises:
        RegionError: It does not run, and does not start in time.
    """
    try:
        async with asyncio.timeout(_SOURCE_SECONDS):
            while True:
                running = host.running(source["region"], source["id"])
                if running is not None and running.cluster is not None:
                    return running.cluster
                await asyncio.sleep(_POLL)
    except TimeoutError as error:
        raise RegionError(
            f"cannot copy {source['id']} in {source['region']}", why="it is not running"
        ) from error


def upstream(host: Host, record: Mapping[str, Any]) -> Upstream | None:
    """Return what a replica follows, None for a primary."""
    source = record["upstream"]
    if source is None:
        return None
    folder = host.folder(source["region"], source["resource"])
    address = Address(*source["address"])
    return Upstream(address, slot_of(record), Archive(folder / "wal"))


async def make_slot(source: Cluster, slot: str) -> None:
    """Make a replication slot unless there is one."""
    async with source.session() as session:
        await session.execute(
            "SELECT pg_create_physical_replication_slot(%s, true) WHERE NOT EXISTS "
            "(SELECT FROM pg_replication_slots WHERE slot_name = %s)",
            (slot, slot),
        )


async def drop_slot(host: Host, source: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    """Remove a replica's slot where its source can be reached.

    Elsewhere it stays; what a slot holds back is limited, so it cannot fill the disk.
    """
    running = host.running(source["region"], source["id"])
    if running is None or running.cluster is None:
        return
    slot = slot_of(record)
    async with running.cluster.session() as session:
        await session.execute(
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots "
            "WHERE slot_name = %s AND active",
            (slot,),
        )
        for _ in range(100):
            row = await (
                await session.execute(
                    "SELECT active FROM pg_replication_slots WHERE slot_name = %s", (slot,)
                )
            ).fetchone()
            if row is None:
                return
            if not row[0]:
                await session.execute("SELECT pg_drop_replication_slot(%s)", (slot,))
                return
            await asyncio.sleep(_POLL)


async def promote(cluster: Cluster) -> None:
    """Make a standby a primary and wait for it."""
    if await cluster.value("SELECT pg_is_in_recovery()"):
        async with cluster.session() as session:
            await session.execute("SELECT pg_promote(true, 60)")


# The archive.


async def heartbeat(cluster: Cluster) -> None:
    """Commit something, so that the archive reaches up to now even when nobody writes."""
    async with cluster.session("rdsadmin") as session:
        await session.execute(
            "INSERT INTO rds_heartbeat VALUES (1, now()) ON CONFLICT (one) DO UPDATE SET at = now()"
        )


async def flush(cluster: Cluster) -> None:
    """Have everything that is committed archived.

    Raises:
        RegionError: The archive does not follow.
    """
    await heartbeat(cluster)
    segment = await cluster.value("SELECT pg_walfile_name(pg_switch_wal())")
    try:
        async with asyncio.timeout(30.0):
            while not cluster.archive.has(segment):  # noqa: ASYNC110  # the archiver is another process
                await asyncio.sleep(_POLL)
    except TimeoutError as error:
        raise RegionError(f"{cluster.name} does not archive its changes", why=segment) from error
