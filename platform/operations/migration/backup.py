"""Whether a database could be restored to how it is now, and a snapshot where it could not."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.step import Context
from platformctl.operations.migration.find import Migrator

RESTORABLE = timedelta(minutes=15)
"""How old the latest restorable time may be; RDS ships its log every five minutes."""
FRESH = timedelta(hours=24)
"""How old a snapshot may be."""
SNAPSHOT_SECONDS = 4 * 3600.0


def fresh(rds: Any, database: str, now: datetime) -> Mapping[str, Any] | None:
    """Return the backup that a database could be restored from, if it is fresh enough.

    Args:
        rds: Client of RDS.
        database: Identifier of the instance.
        now: The present.
    """
    found = rds.describe_db_instances(DBInstanceIdentifier=database)["DBInstances"][0]
    latest = found.get("LatestRestorableTime")
    if latest is not None and now - latest <= RESTORABLE:
        return {"kind": "point in time", "at": latest.isoformat()}
    pages = rds.get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=database)
    times = [
        (each["SnapshotCreateTime"], each["DBSnapshotIdentifier"])
        for page in pages
        for each in page["DBSnapshots"]
        if each["Status"] == "available" and now - each["SnapshotCreateTime"] <= FRESH
    ]
    if not times:
        return None
    at, name = max(times)
    return {"kind": "snapshot", "name": name, "at": at.isoformat()}


def take(context: Context, migrator: Migrator) -> Mapping[str, Any]:
    """Take a snapshot and wait until it is there; a second time the same one.

    Raises:
        StepFailedError: It could not be taken.
    """
    rds = context.clients("rds", migrator.region)
    name = f"before-{context.token}".lower()[:255].rstrip("-")
    try:
        rds.create_db_snapshot(
            DBInstanceIdentifier=migrator.database,
            DBSnapshotIdentifier=name,
            Tags=[
                {"Key": "Product", "Value": migrator.product},
                {"Key": "Operation", "Value": context.operation.id},
            ],
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "DBSnapshotAlreadyExists":
            raise

    def available() -> Mapping[str, Any] | None:
        found = rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]
        if found["Status"] == "failed":
            raise StepFailedError(f"the snapshot {name} failed")
        return found if found["Status"] == "available" else None

    made = context.until(available, within=SNAPSHOT_SECONDS, what=f"the snapshot {name}", every=1)
    return {"kind": "snapshot", "name": name, "at": made["SnapshotCreateTime"].isoformat()}
