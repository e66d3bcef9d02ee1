"""Automated backups as such: of instances that are, of those that were, and of other regions."""

from collections.abc import Mapping
from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.rds.names import last, region_of
from platformctl.region.services.rds.snapshots import SnapshotOperations


class AutomatedBackupOperations(SnapshotOperations):
    """Describing automated backups, and keeping them in another region as well.

    A replicated backup is read where its source keeps it; the record is what another region needs
    to restore from it.
    """

    def start_db_instance_automated_backups_replication(self, call: Call) -> dict[str, Any]:
        """Keep the automated backups of another region's instance in this region."""
        asked = call.parameters
        arn = asked["SourceDBInstanceArn"]
        where = region_of(arn, call.region)
        if where == call.region:
            raise ServiceError(
                "InvalidParameterValue",
                "The source DB instance must be in another Region than the replicated backups.",
            )
        source = self.available_instance(where, arn)
        if not source["shape"]["BackupRetentionPeriod"] or source["upstream"] is not None:
            raise ServiceError(
                "InvalidDBInstanceState", f"Automated backups of {last(arn)} are not enabled."
            )
        resource = source["shape"]["DbiResourceId"]
        record = {
            "region": where,
            "resource": resource,
            "instance": source["shape"]["DBInstanceArn"],
            "retention": asked.get("BackupRetentionPeriod", 7),
            "key": asked.get("KmsKeyId"),
        }
        self.table(call.region, "replicated-backups")[resource] = record
        return {"DBInstanceAutomatedBackup": self._shown_replicated(call.region, record)}

    def stop_db_instance_automated_backups_replication(self, call: Call) -> dict[str, Any]:
        """Keep them no longer."""
        wanted = call.parameters["SourceDBInstanceArn"]
        table = self.table(call.region, "replicated-backups")
        found = next((one for one in table.values() if one["instance"] == wanted), None)
        if found is None:
            raise ServiceError(
                "DBInstanceNotFound", f"Automated backups of {wanted} are not replicated."
            )
        shown = self._shown_replicated(call.region, found)
        del table[found["resource"]]
        return {"DBInstanceAutomatedBackup": {**shown, "Status": "deleting"}}

    def describe_db_instance_automated_backups(self, call: Call) -> dict[str, Any]:
        """Describe what can be restored to a point in time, gone and far instances included."""
        asked = call.parameters
        shapes = self._all(call.region)
        name = asked.get("DBInstanceIdentifier")
        if name:
            shapes = [one for one in shapes if one["DBInstanceIdentifier"] == last(name)]
        for member in ("DBInstanceAutomatedBackupsArn", "DbiResourceId"):
            if asked.get(member):
                shapes = [one for one in shapes if one.get(member) == asked[member]]
        arn = asked.get("DBInstanceAutomatedBackupsArn")
        if arn and not shapes:
            raise ServiceError(
                "DBInstanceAutomatedBackupNotFound", f"No automated backup {arn} was found.", 404
            )
        return {"DBInstanceAutomatedBackups": shapes}

    def replicated_source(self, region: str, arn: str) -> tuple[str, dict[str, Any]] | None:
        """Return where a replicated backup comes from and its instance's record, None if none."""
        for record in self.table(region, "replicated-backups").values():
            if self._backup_arn(region, record["resource"]) != arn:
                continue
            where = record["region"]
            everything = (
                *self.table(where, "instances").values(),
                *self.table(where, "retained").values(),
            )
            for one in everything:
                if one["shape"]["DbiResourceId"] == record["resource"]:
                    return where, one
        return None

    def _backup_arn(self, region: str, resource: str) -> str:
        return self.arn(region, "auto-backup", resource.replace("db-", "ab-").lower())

    def _all(self, region: str) -> list[dict[str, Any]]:
        own = [
            self._automated(region, instance, status)
            for kind, status in (("instances", "active"), ("retained", "retained"))
            for instance in self.table(region, kind).values()
            if instance["shape"]["BackupRetentionPeriod"]
        ]
        replicated = self.table(region, "replicated-backups").values()
        return [*own, *(self._shown_replicated(region, one) for one in replicated)]

    def _automated(self, region: str, record: dict[str, Any], status: str) -> dict[str, Any]:
        shape = record["shape"]
        snapshots = self.automated_snapshots(region, shape["DbiResourceId"])
        first = snapshots[0]["shape"]["SnapshotCreateTime"] if snapshots else None
        until = self.restorable_until(region, record) if snapshots else None
        kept = ("DBInstanceIdentifier", "DbiResourceId", "Engine", "EngineVersion", "StorageType")
        same = ("AllocatedStorage", "AvailabilityZone", "MasterUsername", "BackupRetentionPeriod")
        return {
            **{key: shape[key] for key in (*kept, *same)},
            "DBInstanceArn": shape["DBInstanceArn"],
            "DBInstanceAutomatedBackupsArn": self.arn(
                region, "auto-backup", shape["DbiResourceId"].replace("db-", "ab-").lower()
            ),
            "Region": region,
            "Status": status,
            "Encrypted": shape["StorageEncrypted"],
            "Port": record["port"],
            "RestoreWindow": {"EarliestTime": self.shown(first), "LatestTime": self.shown(until)},
            "InstanceCreateTime": self.shown(shape.get("InstanceCreateTime")),
        }

    def _shown_replicated(self, region: str, record: Mapping[str, Any]) -> dict[str, Any]:
        arn = self._backup_arn(region, record["resource"])
        source = self.replicated_source(region, arn)
        shown = {} if source is None else self._automated(*source, "replicating")
        return {
            **shown,
            "Status": "replicating",
            "DBInstanceArn": record["instance"],
            "DBInstanceIdentifier": last(record["instance"]),
            "DbiResourceId": record["resource"],
            "BackupRetentionPeriod": record["retention"],
            "KmsKeyId": record["key"],
            "Encrypted": record["key"] is not None,
            "Region": record["region"],
            "DBInstanceAutomatedBackupsArn": arn,
        }
