"""Snapshots: real dumps of a node's content."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.elasticache.records import combination
from platformctl.region.services.elasticache.subnet_groups import SubnetGroupOperations


class SnapshotOperations(SubnetGroupOperations):
    """The operations on snapshots."""

    def create_snapshot(self, call: Call) -> dict[str, Any]:
        """Take a snapshot of a replication group."""
        asked = call.parameters
        group = asked.get("ReplicationGroupId")
        if not group:
            group = (asked.get("CacheClusterId") or "").rpartition("-")[0]
        if not group:
            raise combination("Name the replication group of the snapshot.")
        record = self.available_group(call.region, group)
        snapshot = self.new_snapshot(call.region, asked["SnapshotName"], record, "manual")
        self.set_tags(call.region, snapshot["shape"]["ARN"], asked.get("Tags") or ())
        record["status"] = "snapshotting"
        self.plan(call.region, record, "snapshot", name=snapshot["shape"]["SnapshotName"])
        return {"Snapshot": self.shown_snapshot(snapshot)}

    def describe_snapshots(self, call: Call) -> dict[str, Any]:
        """Describe snapshots by name, group or source."""
        asked = call.parameters
        wanted = asked.get("SnapshotName")
        if wanted:
            return {"Snapshots": [self.shown_snapshot(self.snapshot(call.region, wanted))]}
        sources = {"system": "automated", "user": "manual"}
        source = sources.get(asked.get("SnapshotSource") or "", asked.get("SnapshotSource"))
        found = [
            record
            for record in self.table(call.region, "snapshots").values()
            if asked.get("ReplicationGroupId") in {None, record["shape"]["ReplicationGroupId"]}
            and source in {None, record["shape"]["SnapshotSource"]}
        ]
        return {"Snapshots": [self.shown_snapshot(record) for record in found]}

    def delete_snapshot(self, call: Call) -> dict[str, Any]:
        """Delete a snapshot with its data."""
        record = self.snapshot(call.region, call.parameters["SnapshotName"])
        self.remove_snapshot(call.region, record)
        shown = self.shown_snapshot(record)
        return {"Snapshot": {**shown, "SnapshotStatus": "deleting"}}

    def copy_snapshot(self, call: Call) -> dict[str, Any]:
        """Copy a snapshot."""
        asked = call.parameters
        source = self.snapshot(call.region, asked["SourceSnapshotName"])
        dump = self.snapshot_dump(call.region, asked["SourceSnapshotName"])
        name = self._free_name(call.region, asked["TargetSnapshotName"])
        arn = self.arn(call.region, "snapshot", name)
        shape = {**source["shape"], "SnapshotName": name, "ARN": arn, "SnapshotSource": "manual"}
        target = self.dump_file(call.region, name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(dump, target)
        self.table(call.region, "snapshots")[name] = {**source, "shape": shape}
        self.set_tags(call.region, arn, asked.get("Tags") or ())
        return {"Snapshot": self.shown_snapshot(self.snapshot(call.region, name))}

    def snapshot(self, region: str, name: str) -> dict[str, Any]:
        """Return a snapshot's record.

        Raises:
            ServiceError: There is none.
        """
        record = self.table(region, "snapshots").get(name.lower())
        if record is None:
            raise ServiceError("SnapshotNotFoundFault", f"Snapshot {name} not found.", 404)
        return record

    def snapshot_dump(self, region: str, name: str) -> Path:
        """Return the file of a complete snapshot.

        Raises:
            ServiceError: There is none, or it is not complete.
        """
        record = self.snapshot(region, name)
        if record["shape"]["SnapshotStatus"] != "available":
            raise ServiceError("InvalidSnapshotState", f"Snapshot {name} is not available.")
        return self.dump_file(region, record["shape"]["SnapshotName"])

    def dump_file(self, region: str, name: str) -> Path:
        """Return where a snapshot's data is, or will be."""
        return self.folder(region, "snapshots", f"{name.replace(':', '~')}.rdb")

    def new_snapshot(
        self, region: str, name: str, group: Mapping[str, Any], source: str
    ) -> dict[str, Any]:
        """Write the record of a snapshot that is being made."""
        free = self._free_name(region, name)
        said = group["said"]
        record = {
            "shape": {
                "SnapshotName": free,
                "ARN": self.arn(region, "snapshot", free),
                "ReplicationGroupId": group["id"],
                "ReplicationGroupDescription": group["description"],
                "SnapshotStatus": "creating",
                "SnapshotSource": source,
                "CacheNodeType": said["CacheNodeType"],
                "Engine": group["engine"],
                "EngineVersion": group["version"],
                "PreferredMaintenanceWindow": said["PreferredMaintenanceWindow"],
                "Port": group["port"],
                "CacheParameterGroupName": group["parameter_group"],
                "CacheSubnetGroupName": group["subnet_group"],
                "AutoMinorVersionUpgrade": said["AutoMinorVersionUpgrade"],
                "SnapshotRetentionLimit": said["SnapshotRetentionLimit"],
                "SnapshotWindow": said["SnapshotWindow"],
                "NumNodeGroups": 1,
                "AutomaticFailover": "enabled" if group["failover"] else "disabled",
            },
            "created": self.runtime.now(),
            "size": 0,
        }
        self.table(region, "snapshots")[free] = record
        return record

    def complete_snapshot(self, region: str, name: str, status: str) -> None:
        """Note that a snapshot is there (`available`), or cannot be (`failed`)."""
        record = self.table(region, "snapshots").get(name)
        if record is None:
            return
        file = self.dump_file(region, name)
        record["shape"]["SnapshotStatus"] = status
        record["size"] = file.stat().st_size if file.exists() else 0
        record["created"] = self.runtime.now()
        self.table(region, "snapshots")[name] = record

    def expire_snapshots(self, region: str, group: Mapping[str, Any]) -> None:
        """Remove automated snapshots beyond the group's limit."""
        automated = [
            record
            for record in self.table(region, "snapshots").values()
            if record["shape"]["ReplicationGroupId"] == group["id"]
            and record["shape"]["SnapshotSource"] == "automated"
        ]
        limit = group["said"]["SnapshotRetentionLimit"]
        for record in automated[: max(0, len(automated) - limit)]:
            self.remove_snapshot(region, record)

    def remove_snapshot(self, region: str, record: Mapping[str, Any]) -> None:
        """Remove a snapshot and its data."""
        name = record["shape"]["SnapshotName"]
        self.forget_tags(region, record["shape"]["ARN"])
        del self.table(region, "snapshots")[name]
        self.dump_file(region, name).unlink(missing_ok=True)

    def shown_snapshot(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a snapshot as `DescribeSnapshots` shows it."""
        node = {
            "NodeGroupId": "0001",
            "CacheNodeId": "0001",
            "CacheSize": f"{record['size']} bytes",
            "SnapshotCreateTime": self.shown(record["created"]),
        }
        return {**record["shape"], "NodeSnapshots": [node]}

    def _free_name(self, region: str, name: str) -> str:
        free = name.lower()
        if free in self.table(region, "snapshots"):
            raise ServiceError("SnapshotAlreadyExistsFault", f"Snapshot {free} already exists.")
        return free
