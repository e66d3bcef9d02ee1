"""Snapshots and recovery to a point in time, with the content compared."""

import datetime as dt
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.databases import (
    available,
    described,
    eventually,
    make_database,
    query,
    unique,
)
from support.region import RunningRegion

CONTENT = "SELECT count(*), md5(string_agg(id::text || text, ',' ORDER BY id)) FROM orders"
FILL = "CREATE TABLE orders AS SELECT id, md5(id::text) AS text FROM generate_series(1, 5000) AS id"


def remove(region: RunningRegion, name: str, **more: Any) -> None:
    rds = region.client("rds")
    rds.delete_db_instance(**{"DBInstanceIdentifier": name, "SkipFinalSnapshot": True, **more})
    rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier=name, WaiterConfig={"Delay": 1})


def moment(region: RunningRegion, shape: dict[str, Any]) -> dt.datetime:
    """Return the server's clock: a time between what was committed and what comes next."""
    query(region, shape, "SELECT pg_sleep(0.01)")
    seen = query(region, shape, "SELECT clock_timestamp()")[0][0]
    query(region, shape, "SELECT pg_sleep(0.01)")
    return seen


def test_a_restored_snapshot_has_the_same_content_and_not_what_came_later(region):
    name, snapshot, copy = unique("origin"), unique("snapshot"), unique("restored")
    rds = region.client("rds")
    source = make_database(region, name, BackupRetentionPeriod=0)
    query(region, source, FILL)
    before = query(region, source, CONTENT)
    rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=snapshot)
    rds.get_waiter("db_snapshot_available").wait(
        DBSnapshotIdentifier=snapshot, WaiterConfig={"Delay": 1}
    )
    query(region, source, "DELETE FROM orders")
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=copy, DBSnapshotIdentifier=snapshot, DBInstanceClass="db.t3.small"
    )
    restored = available(region, copy)
    assert query(region, restored, CONTENT) == before
    assert restored["DBInstanceClass"] == "db.t3.small"
    assert restored["Endpoint"]["Address"] != source["Endpoint"]["Address"]
    query(region, restored, "INSERT INTO orders VALUES (0, 'new')")
    remove(region, name)
    remove(region, copy)
    rds.delete_db_snapshot(DBSnapshotIdentifier=snapshot)
    with pytest.raises(rds.exceptions.DBSnapshotNotFoundFault):
        rds.describe_db_snapshots(DBSnapshotIdentifier=snapshot)


def test_a_database_comes_back_as_it_was_at_a_point_in_time(region):
    name, copy = unique("timed"), unique("past")
    source = make_database(region, name, BackupRetentionPeriod=1)
    query(region, source, FILL)
    before = query(region, source, CONTENT)
    point = moment(region, source)
    query(region, source, "DROP TABLE orders")
    region.client("rds").restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=name, TargetDBInstanceIdentifier=copy, RestoreTime=point
    )
    restored = available(region, copy)
    # The API takes whole seconds, or what botocore sends: the table was there all the same.
    assert query(region, restored, CONTENT) == before
    query(region, restored, "CREATE TABLE own AS SELECT 1 AS one")
    remove(region, name)
    remove(region, copy)


def test_the_latest_restorable_time_includes_the_last_commit(region):
    name, copy = unique("timed"), unique("latest")
    source = make_database(region, name, BackupRetentionPeriod=1)
    query(region, source, FILL)
    query(region, source, "INSERT INTO orders VALUES (0, 'the last')")
    before = query(region, source, CONTENT)
    region.client("rds").restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=name,
        TargetDBInstanceIdentifier=copy,
        UseLatestRestorableTime=True,
    )
    assert query(region, available(region, copy), CONTENT) == before
    remove(region, name)
    remove(region, copy)


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_time_outside_of_the_window_is_refused(region, database, hours):
    point = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)
    rds = region.client("rds")
    with pytest.raises(ClientError) as caught:
        rds.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier=database["DBInstanceIdentifier"],
            TargetDBInstanceIdentifier=unique("never"),
            RestoreTime=point,
        )
    assert caught.value.response["Error"]["Code"] == "InvalidRestoreFault"


def test_a_deleted_instance_leaves_its_final_snapshot_and_its_backups_if_asked(region):
    name, final, copy, late = unique("gone"), unique("final"), unique("copy"), unique("late")
    rds = region.client("rds")
    source = make_database(region, name, BackupRetentionPeriod=1)
    query(region, source, FILL)
    before = query(region, source, CONTENT)
    remove(
        region,
        name,
        SkipFinalSnapshot=False,
        FinalDBSnapshotIdentifier=final,
        DeleteAutomatedBackups=False,
    )
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier=copy, DBSnapshotIdentifier=final)
    assert query(region, available(region, copy), CONTENT) == before
    backups = rds.describe_db_instance_automated_backups(DbiResourceId=source["DbiResourceId"])[
        "DBInstanceAutomatedBackups"
    ]
    assert [backup["Status"] for backup in backups] == ["retained"]
    rds.restore_db_instance_to_point_in_time(
        SourceDbiResourceId=source["DbiResourceId"],
        TargetDBInstanceIdentifier=late,
        UseLatestRestorableTime=True,
    )
    assert query(region, available(region, late), CONTENT) == before
    remove(region, copy)
    remove(region, late)


def test_a_snapshot_copied_to_another_region_is_restored_there(region):
    name, snapshot, copy = unique("origin"), unique("snapshot"), unique("restored")
    east, west = region.client("rds"), region.client("rds", "us-west-2")
    source = make_database(region, name, BackupRetentionPeriod=0)
    query(region, source, FILL)
    made = east.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=snapshot)
    east.get_waiter("db_snapshot_available").wait(
        DBSnapshotIdentifier=snapshot, WaiterConfig={"Delay": 1}
    )
    west.copy_db_snapshot(
        SourceDBSnapshotIdentifier=made["DBSnapshot"]["DBSnapshotArn"],
        TargetDBSnapshotIdentifier=snapshot,
        SourceRegion="us-east-1",
    )
    west.get_waiter("db_snapshot_available").wait(
        DBSnapshotIdentifier=snapshot, WaiterConfig={"Delay": 1}
    )
    west.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=copy, DBSnapshotIdentifier=snapshot
    )
    restored = available(region, copy, "us-west-2")
    assert query(region, restored, CONTENT) == query(region, source, CONTENT)
    remove(region, name)
    west.delete_db_instance(DBInstanceIdentifier=copy, SkipFinalSnapshot=True)


def test_automated_backups_are_listed_and_cannot_be_deleted_by_hand(region, database):
    rds = region.client("rds")
    name = database["DBInstanceIdentifier"]
    snapshots = rds.describe_db_snapshots(DBInstanceIdentifier=name, SnapshotType="automated")
    automated = snapshots["DBSnapshots"][0]["DBSnapshotIdentifier"]
    assert automated.startswith(f"rds:{name}-")
    with pytest.raises(ClientError, match="Automated snapshots cannot be deleted"):
        rds.delete_db_snapshot(DBSnapshotIdentifier=automated)
    backups = rds.describe_db_instance_automated_backups(DBInstanceIdentifier=name)
    window = backups["DBInstanceAutomatedBackups"][0]["RestoreWindow"]
    assert window["EarliestTime"] < window["LatestTime"]
    assert eventually(lambda: described(region, name).get("LatestRestorableTime"))


def test_replicated_backups_bring_a_lost_database_back_in_the_other_region(region):
    name, copy = unique("origin"), unique("far")
    west = region.client("rds", "us-west-2")
    source = make_database(region, name, BackupRetentionPeriod=1)
    query(region, source, FILL)
    before = query(region, source, CONTENT)
    backup = west.start_db_instance_automated_backups_replication(
        SourceDBInstanceArn=source["DBInstanceArn"], BackupRetentionPeriod=14
    )["DBInstanceAutomatedBackup"]
    assert (backup["Region"], backup["Status"]) == ("us-east-1", "replicating")
    remove(region, name, DeleteAutomatedBackups=False)
    west.restore_db_instance_to_point_in_time(
        SourceDBInstanceAutomatedBackupsArn=backup["DBInstanceAutomatedBackupsArn"],
        TargetDBInstanceIdentifier=copy,
        UseLatestRestorableTime=True,
    )
    assert query(region, available(region, copy, "us-west-2"), CONTENT) == before
    west.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=source["DBInstanceArn"])
    assert (
        west.describe_db_instance_automated_backups(DbiResourceId=source["DbiResourceId"])[
            "DBInstanceAutomatedBackups"
        ]
        == []
    )
    west.delete_db_instance(DBInstanceIdentifier=copy, SkipFinalSnapshot=True)
