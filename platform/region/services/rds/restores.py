"""New instances from snapshots and from points in time."""

from collections.abc import Mapping
from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.rds.automated_backups import AutomatedBackupOperations
from platformctl.region.services.rds.names import last


class RestoreOperations(AutomatedBackupOperations):
    """`RestoreDBInstanceFromDBSnapshot` and `RestoreDBInstanceToPointInTime`."""

    async def restore_db_instance_from_db_snapshot(self, call: Call) -> dict[str, Any]:
        """Create an instance with the content of a snapshot."""
        asked = call.parameters
        name = self.new_identifier(call.region, asked["DBInstanceIdentifier"])
        snapshot = self.snapshot(call.region, asked["DBSnapshotIdentifier"])
        if snapshot["shape"]["Status"] != "available":
            raise ServiceError(
                "InvalidDBSnapshotState",
                f"DB snapshot {snapshot['shape']['DBSnapshotIdentifier']} is not available.",
            )
        like = {**snapshot["shape"], **snapshot["inherited"]}
        record = self.new_record(call, name, snapshot["shape"]["EngineVersion"], like)
        record["origin"] = {
            "kind": "snapshot",
            "folder": str(self.snapshot_folder(call.region, snapshot)),
            "major": snapshot["major"],
        }
        return self._restore(call, record)

    async def restore_db_instance_to_point_in_time(self, call: Call) -> dict[str, Any]:
        """Create an instance with the content another one had at some time."""
        asked = call.parameters
        name = self.new_identifier(call.region, asked["TargetDBInstanceIdentifier"])
        where, source = self._source(call.region, asked)
        shape = source["shape"]
        target = self._target(where, source, asked)
        snapshots = [
            snapshot
            for snapshot in self.automated_snapshots(where, shape["DbiResourceId"])
            if target is None or snapshot["shape"]["SnapshotCreateTime"] <= target
        ]
        if not snapshots:
            raise ServiceError(
                "InvalidRestoreFault",
                f"The specified instance {shape['DBInstanceIdentifier']} cannot be restored to "
                "that time: it is before the earliest restorable time.",
            )
        like = {**shape, "port": source["port"]}
        if where == call.region:
            like["subnet_group"] = source["subnet_group"]
        else:
            like.pop("VpcSecurityGroups", None)
            like.pop("KmsKeyId", None)
        record = self.new_record(call, name, shape["EngineVersion"], like)
        record["origin"] = {
            "kind": "time",
            "folder": str(self.snapshot_folder(where, snapshots[-1])),
            "major": snapshots[-1]["major"],
            "source": shape["DBInstanceIdentifier"],
            "region": where,
            "wal": str(self.folder(where, shape["DbiResourceId"], "wal")),
            "target": target,
        }
        return self._restore(call, record)

    def _restore(self, call: Call, record: dict[str, Any]) -> dict[str, Any]:
        shape = record["shape"]
        self.set_tags(call.region, shape["DBInstanceArn"], call.parameters.get("Tags") or ())
        self.plan(call.region, record, "create")
        return {"DBInstance": self.shown_instance(call.region, record)}

    def _source(self, region: str, asked: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the region and record of what is restored: an instance, or one that is gone."""
        backup_arn = asked.get("SourceDBInstanceAutomatedBackupsArn") or ""
        elsewhere = self.replicated_source(region, backup_arn)
        if elsewhere is not None:
            return elsewhere
        name = asked.get("SourceDBInstanceIdentifier")
        resource = asked.get("SourceDbiResourceId")
        if name:
            record = self.instance(region, name)
        else:
            everything = [
                *self.table(region, "instances").values(),
                *self.table(region, "retained").values(),
            ]
            backup = last(backup_arn)
            found = [
                one
                for one in everything
                if one["shape"]["DbiResourceId"] == resource
                or one["shape"]["DbiResourceId"].replace("db-", "ab-").lower() == backup
            ]
            if not found:
                raise ServiceError(
                    "DBInstanceAutomatedBackupNotFound",
                    f"No automated backup {resource or backup} was found.",
                )
            record = found[0]
        if not record["shape"]["BackupRetentionPeriod"]:
            raise ServiceError(
                "PointInTimeRestoreNotEnabled",
                f"Automated backups of {record['shape']['DBInstanceIdentifier']} are disabled.",
            )
        return region, record

    def _target(
        self, region: str, source: Mapping[str, Any], asked: Mapping[str, Any]
    ) -> float | None:
        """Return the time to restore to in seconds, None for everything there is."""
        time = asked.get("RestoreTime")
        if bool(time) == bool(asked.get("UseLatestRestorableTime")):
            raise ServiceError(
                "InvalidParameterCombination",
                "Specify either RestoreTime or UseLatestRestorableTime.",
            )
        if time is None:
            return None
        latest = self.restorable_until(region, source)
        if latest is None or time.timestamp() > latest:
            raise ServiceError(
                "InvalidRestoreFault",
                "The specified RestoreTime is later than the latest restorable time.",
            )
        return time.timestamp()
