"""Read replicas: they follow, they serve reads, they are promoted; also across regions."""

import datetime as dt
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError
from support.databases import (
    available,
    described,
    eventually,
    make_database,
    query,
    retried,
    unique,
)
from support.region import RunningRegion


def replicate(
    region: RunningRegion, source: dict[str, Any], name: str, where: str = "us-east-1"
) -> dict[str, Any]:
    """Create a replica and wait until it is available."""
    far = where != "us-east-1"
    origin = source["DBInstanceArn"] if far else source["DBInstanceIdentifier"]
    more = {"SourceRegion": "us-east-1"} if far else {}
    region.client("rds", where).create_db_instance_read_replica(
        DBInstanceIdentifier=name, SourceDBInstanceIdentifier=origin, **more
    )
    return available(region, name, where)


def remove(region: RunningRegion, name: str, where: str = "us-east-1") -> None:
    rds = region.client("rds", where)
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier=name, WaiterConfig={"Delay": 1})


def test_a_replica_serves_reads_and_follows_its_source(region, database):
    name = unique("replica")
    replica = replicate(region, database, name)
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == database["DBInstanceIdentifier"]
    source = described(region, database["DBInstanceIdentifier"])
    assert name in source["ReadReplicaDBInstanceIdentifiers"]
    table = unique("t").replace("-", "_")
    query(region, database, f"CREATE TABLE {table} AS SELECT 42 AS answer")
    rows = eventually(
        lambda: query(region, replica, f"SELECT to_regclass('{table}')::text"),
        lambda seen: seen != [(None,)],
    )
    assert rows == [(table,)]
    assert query(region, replica, f"SELECT answer FROM {table}") == [(42,)]
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        query(region, replica, f"INSERT INTO {table} VALUES (1)")
    remove(region, name)
    source = described(region, database["DBInstanceIdentifier"])
    assert name not in source["ReadReplicaDBInstanceIdentifiers"]


def test_a_promoted_replica_takes_writes_of_its_own(region, database):
    name = unique("promoted")
    replica = replicate(region, database, name)
    region.client("rds").promote_read_replica(DBInstanceIdentifier=name, BackupRetentionPeriod=3)
    promoted = eventually(
        lambda: described(region, name),
        lambda seen: (
            seen["DBInstanceStatus"] == "available"
            and "ReadReplicaSourceDBInstanceIdentifier" not in seen
        ),
    )
    assert promoted["BackupRetentionPeriod"] == 3
    assert promoted["Endpoint"] == replica["Endpoint"]
    query(region, promoted, "CREATE TABLE own AS SELECT 1 AS one")
    assert query(region, database, "SELECT to_regclass('own')") == [(None,)]
    slots = "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{}'"
    slot = promoted["DbiResourceId"].lower().replace("-", "_")
    assert query(region, database, slots.format(slot)) == [(0,)]
    remove(region, name)


def test_a_replica_in_another_region_outlives_its_source_and_takes_over(region):
    name, far = unique("east"), unique("west")
    source = make_database(region, name, BackupRetentionPeriod=1)
    query(region, source, "CREATE TABLE orders AS SELECT generate_series(1, 1000) AS id")
    replica = replicate(region, source, far, "us-west-2")
    assert replica["DBInstanceArn"].split(":")[3] == "us-west-2"
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == source["DBInstanceArn"]
    query(region, source, "INSERT INTO orders VALUES (1001)")
    count = "SELECT count(*) FROM orders"
    eventually(lambda: query(region, replica, count) == [(1001,)])
    region.controller.stop_region("us-east-1")
    try:
        with pytest.raises(psycopg.OperationalError):
            query(region, source, "SELECT 1")
        assert query(region, replica, count) == [(1001,)]
        region.client("rds", "us-west-2").promote_read_replica(DBInstanceIdentifier=far)
        eventually(
            lambda: (
                retried(lambda: query(region, replica, "SELECT pg_is_in_recovery()")) == [(False,)]
            )
        )
        promoted = available(region, far, "us-west-2")
        query(region, promoted, "INSERT INTO orders VALUES (1002)")
        assert query(region, promoted, count) == [(1002,)]
    finally:
        region.controller.start_region("us-east-1")
    eventually(lambda: retried(lambda: query(region, source, count)) == [(1001,)])
    remove(region, far, "us-west-2")
    remove(region, name)


def test_a_source_without_backups_cannot_be_replicated(region):
    name = unique("unsaved")
    make_database(region, name, BackupRetentionPeriod=0)
    with pytest.raises(ClientError, match="Automated backups are not enabled"):
        region.client("rds").create_db_instance_read_replica(
            DBInstanceIdentifier=unique("replica"), SourceDBInstanceIdentifier=name
        )
    remove(region, name)


def test_a_key_is_for_replicas_in_another_region_only(region):
    name = unique("sealed")
    source = make_database(region, name, BackupRetentionPeriod=1, StorageEncrypted=True)
    asked = {
        "DBInstanceIdentifier": unique("keyed"),
        "SourceDBInstanceIdentifier": source["DBInstanceArn"],
    }

    with pytest.raises(ClientError, match="cannot be specified"):
        region.client("rds").create_db_instance_read_replica(**asked, KmsKeyId="alias/aws/rds")
    with pytest.raises(ClientError, match="must be specified"):
        region.client("rds", "us-west-2").create_db_instance_read_replica(**asked)
    remove(region, name)


def test_replicas_of_a_deleted_source_become_instances_of_their_own(region):
    name, other = unique("source"), unique("orphan")
    source = make_database(region, name, BackupRetentionPeriod=1)
    replica = replicate(region, source, other)
    remove(region, name)
    eventually(
        lambda: (
            "ReadReplicaSourceDBInstanceIdentifier" not in described(region, other)
            and described(region, other)["DBInstanceStatus"] == "available"
        )
    )
    query(region, replica, "CREATE TABLE own AS SELECT 1 AS one")
    remove(region, other)


def test_lag_reaches_cloudwatch(region, database):
    name = unique("lagging")
    replicate(region, database, name)
    now = dt.datetime.now(dt.UTC)

    def lag() -> list[dict[str, Any]]:
        return region.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/RDS",
            MetricName="ReplicaLag",
            Dimensions=[{"Name": "DBInstanceIdentifier", "Value": name}],
            StartTime=now - dt.timedelta(minutes=5),
            EndTime=now + dt.timedelta(minutes=5),
            Period=60,
            Statistics=["Minimum"],
        )["Datapoints"]

    assert eventually(lag)[0]["Minimum"] < 5
    status = eventually(lambda: described(region, name).get("StatusInfos"))
    assert status[0]["Status"] == "replicating"
    remove(region, name)
