"""Snapshots: real copies of a server's data (`pg_basebackup`)."""

import asyncio
import datetime as dt
import shutil
from pathlib import Path
from typing import Any

from platformctl.region.servers.postgres.archive import Archive
from platformctl.region.servers.postgres.cluster import Cluster
from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.rds.filters import matches
from platformctl.region.services.rds.instances import InstanceOperations
from platformctl.region.services.rds.names import identifier, last, region_of

_COPIED = (
    "AllocatedStorage",
    "AvailabilityZone",
    "DBInstanceIdentifier",
    "DbiResourceId",
    "DBName",
    "DedicatedLogVolume",
    "Engine",
    "EngineVersion",
    "IAMDatabaseAuthenticationEnabled",
    "InstanceCreateTime",
    "Iops",
    "KmsKeyId",
    "LicenseModel",
    "MasterUsername",
    "StorageThroughput",
    "StorageType",
)
"""What a snapshot says of its instance, under the same names."""
_INHERITED = (
    "CopyTagsToSnapshot",
    "DBInstanceClass",
    "MaxAllocatedStorage",
    "MultiAZ",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "StorageEncrypted",
    "VpcSecurityGroups",
    "BackupRetentionPeriod",
)
"""What an instance restored from it takes over."""


class SnapshotOperations(InstanceOperations):
    """The operations on snapshots."""

    def create_db_snapshot(self, call: Call) -> dict[str, Any]:
        """Take a snapshot of an instance that is available."""
        name = self._new_snapshot(call.region, call.parameters["DBSnapshotIdentifier"])
        instance = self.available_instance(call.region, call.parameters["DBInstanceIdentifier"])
        record = self.snapshot_record(call.region, name, instance, "manual")
        self.set_tags(
            call.region, record["shape"]["DBSnapshotArn"], call.parameters.get("Tags") or ()
        )
        self.plan(call.region, instance, "snapshot", snapshot=name)
        return {"DBSnapshot": self.shown_snapshot(call.region, record)}

    def describe_db_snapshots(self, call: Call) -> dict[str, Any]:
        """Describe snapshots by name, instance, type or filters."""
        asked = call.parameters
        if asked.get("DBSnapshotIdentifier"):
            records = [self.snapshot(call.region, asked["DBSnapshotIdentifier"])]
        else:
            records = self.table(call.region, "snapshots").values()
        shapes = [self.shown_snapshot(call.region, record) for record in records]
        for member, key in (
            ("DBInstanceIdentifier", "DBInstanceIdentifier"),
            ("SnapshotType", "SnapshotType"),
            ("DbiResourceId", "DbiResourceId"),
        ):
            if asked.get(member):
                wanted = last(asked[member]) if key == "DBInstanceIdentifier" else asked[member]
                shapes = [shape for shape in shapes if shape[key] == wanted]
        filters = {
            "db-instance-id": lambda shape: (shape["DBInstanceIdentifier"],),
            "db-snapshot-id": lambda shape: (shape["DBSnapshotIdentifier"],),
            "dbi-resource-id": lambda shape: (shape["DbiResourceId"],),
            "snapshot-type": lambda shape: (shape["SnapshotType"],),
            "engine": lambda shape: (shape["Engine"],),
        }
        return {"DBSnapshots": matches(shapes, asked.get("Filters") or (), filters)}

    async def delete_db_snapshot(self, call: Call) -> dict[str, Any]:
        """Delete a manual snapshot with its data."""
        name = last(call.parameters["DBSnapshotIdentifier"])
        record = self.snapshot(call.region, name)
        shape = record["shape"]
        if shape["SnapshotType"] == "automated":
            raise ServiceError(
                "InvalidDBSnapshotState",
                f"Automated snapshots cannot be deleted. The snapshot {name} is automated.",
            )
        if shape["Status"] == "creating":
            raise ServiceError("InvalidDBSnapshotState", f"Snapshot {name} is being created.")
        await self.remove_snapshot(call.region, name)
        shown = self.shown_snapshot(call.region, record)
        return {"DBSnapshot": {**shown, "Status": "deleted"}}

    def copy_db_snapshot(self, call: Call) -> dict[str, Any]:
        """Copy a snapshot, also out of another region."""
        asked = call.parameters
        reference = asked["SourceDBSnapshotIdentifier"]
        region = region_of(reference, asked.get("SourceRegion") or call.region)
        source = self.snapshot(region, reference)
        if source["shape"]["Status"] != "available":
            raise ServiceError(
                "InvalidDBSnapshotState", f"Snapshot {last(reference)} is not available."
            )
        name = self._new_snapshot(call.region, asked["TargetDBSnapshotIdentifier"])
        arn = self.arn(call.region, "snapshot", name)
        shape = {
            **source["shape"],
            "DBSnapshotIdentifier": name,
            "DBSnapshotArn": arn,
            "SnapshotType": "manual",
            "Status": "creating",
            "PercentProgress": 0,
            "SourceDBSnapshotIdentifier": source["shape"]["DBSnapshotArn"],
        }
        if asked.get("KmsKeyId"):
            shape.update(KmsKeyId=asked["KmsKeyId"], Encrypted=True)
        if region != call.region:
            shape["SourceRegion"] = region
        record = {**source, "shape": shape, "folder": name}
        self.table(call.region, "snapshots")[name] = record
        tags = list(asked.get("Tags") or ())
        if asked.get("CopyTags"):
            tags = [*self.tags(region, source["shape"]["DBSnapshotArn"]), *tags]
        self.set_tags(call.region, arn, tags)
        origin = self.snapshot_folder(region, source)
        self.runtime.spawn(f"rds/{call.region}/copy/{name}", self._copy(call.region, name, origin))
        return {"DBSnapshot": self.shown_snapshot(call.region, record)}

    def modify_db_snapshot(self, call: Call) -> dict[str, Any]:
        """Raise the engine version that a snapshot is restored with."""
        record = self.snapshot(call.region, call.parameters["DBSnapshotIdentifier"])
        if call.parameters.get("EngineVersion"):
            record["shape"]["EngineVersion"] = call.parameters["EngineVersion"]
            self.table(call.region, "snapshots")[record["shape"]["DBSnapshotIdentifier"]] = record
        return {"DBSnapshot": self.shown_snapshot(call.region, record)}

    def describe_db_snapshot_attributes(self, call: Call) -> dict[str, Any]:
        """Say that a snapshot is shared with nobody."""
        record = self.snapshot(call.region, call.parameters["DBSnapshotIdentifier"])
        return {
            "DBSnapshotAttributesResult": {
                "DBSnapshotIdentifier": record["shape"]["DBSnapshotIdentifier"],
                "DBSnapshotAttributes": [{"AttributeName": "restore", "AttributeValues": []}],
            }
        }

    # How snapshots come to be and go.

    def snapshot_record(
        self, region: str, name: str, instance: dict[str, Any], kind: str
    ) -> dict[str, Any]:
        """Write the record of a snapshot that is being made."""
        shape = instance["shape"]
        record = {
            "shape": {
                **{key: shape[key] for key in _COPIED if shape.get(key) is not None},
                "DBSnapshotIdentifier": name,
                "DBSnapshotArn": self.arn(region, "snapshot", name),
                "SnapshotType": kind,
                "Status": "creating",
                "PercentProgress": 0,
                "Port": instance["address"][1],
                "VpcId": self.shown_subnet_group(region, instance["subnet_group"]).get("VpcId"),
                "Encrypted": shape["StorageEncrypted"],
                "OptionGroupName": f"default:postgres-{shape['EngineVersion'].split('.')[0]}",
                "SnapshotTarget": "region",
            },
            "inherited": {
                **{key: shape[key] for key in _INHERITED if key in shape},
                "port": instance["port"],
                "subnet_group": instance["subnet_group"],
            },
            "folder": name.replace(":", "~"),
            "major": instance["major"],
        }
        self.table(region, "snapshots")[name] = record
        if shape["CopyTagsToSnapshot"]:
            self.set_tags(
                region, record["shape"]["DBSnapshotArn"], self.tags(region, shape["DBInstanceArn"])
            )
        return record

    async def take_snapshot(self, region: str, name: str, source: Cluster) -> None:
        """Copy a running server into a snapshot whose record exists.

        Raises:
            RegionError: The copy failed.
        """
        record = self.table(region, "snapshots")[name]
        copy = Cluster(
            self.runtime,
            f"rds/{region}/snapshot:{record['folder']}",
            self.snapshot_folder(region, record),
            source.address,
            source.installation,
            source.password_file,
        )
        await copy.copy_from(source.address)
        self._complete(region, name)

    async def automated_backup(self, region: str, instance: dict[str, Any]) -> None:
        """Take the snapshot from which a recovery to a point in time starts.

        Raises:
            RegionError: The copy failed.
        """
        keeper = self.keepers[region, instance["shape"]["DBInstanceIdentifier"]]
        assert keeper.cluster is not None  # noqa: S101  # it runs
        now = dt.datetime.fromtimestamp(self.runtime.now(), dt.UTC)
        name = f"rds:{keeper.identifier}-{now:%Y-%m-%d-%H-%M}"
        taken = self.table(region, "snapshots")
        if name in taken:
            await self.remove_snapshot(region, name)
        self.snapshot_record(region, name, instance, "automated")
        await self.take_snapshot(region, name, keeper.cluster)
        await self._expire(region, instance, keeper.cluster.archive)

    def automated_snapshots(self, region: str, resource: str) -> list[dict[str, Any]]:
        """Return the complete automated snapshots of an instance, the oldest first."""
        found = [
            record
            for record in self.table(region, "snapshots").values()
            if record["shape"]["DbiResourceId"] == resource
            and record["shape"]["SnapshotType"] == "automated"
            and record["shape"]["Status"] == "available"
        ]
        return sorted(found, key=lambda record: record["shape"]["SnapshotCreateTime"])

    def snapshot_failed(self, region: str, name: str) -> None:
        """Mark a snapshot that could not be taken."""
        record = self.table(region, "snapshots").get(name)
        if record is not None:
            record["shape"]["Status"] = "failed"
            self.table(region, "snapshots")[name] = record

    async def remove_snapshot(self, region: str, name: str) -> None:
        """Remove a snapshot and its data."""
        record = self.table(region, "snapshots")[name]
        self.forget_tags(region, record["shape"]["DBSnapshotArn"])
        del self.table(region, "snapshots")[name]
        folder = self.snapshot_folder(region, record)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def snapshot_folder(self, region: str, record: dict[str, Any]) -> Path:
        """Return where a snapshot's data is."""
        return self.folder(region, "snapshots", record["folder"])

    def shown_snapshot(self, region: str, record: dict[str, Any]) -> dict[str, Any]:
        """Return a snapshot as `DescribeDBSnapshots` shows it."""
        shape = dict(record["shape"])
        for member in ("SnapshotCreateTime", "OriginalSnapshotCreateTime", "InstanceCreateTime"):
            shape[member] = self.shown(shape.get(member))
        return {**shape, "TagList": self.tags(region, shape["DBSnapshotArn"])}

    def _new_snapshot(self, region: str, value: str) -> str:
        name = identifier(value, "DBSnapshotIdentifier")
        if name in self.table(region, "snapshots"):
            raise ServiceError(
                "DBSnapshotAlreadyExists",
                f"Cannot create the snapshot because a snapshot with the identifier {name} "
                "already exists.",
            )
        return name

    def _complete(self, region: str, name: str) -> None:
        table = self.table(region, "snapshots")
        record = table[name]
        now = self.runtime.now()
        record["shape"].update(Status="available", PercentProgress=100, SnapshotCreateTime=now)
        record["shape"].setdefault("OriginalSnapshotCreateTime", now)
        table[name] = record
        self.event(region, name, "db-snapshot", "Snapshot created", "creation")

    async def _copy(self, region: str, name: str, source: Path) -> None:
        target = self.snapshot_folder(region, self.table(region, "snapshots")[name])

        def copy() -> None:
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target)
            self.runtime.give(target)

        try:
            await asyncio.to_thread(copy)
        except OSError as error:
            self.snapshot_failed(region, name)
            self.event(region, name, "db-snapshot", f"Copy failed: {error}", "failure")
            return
        if name in self.table(region, "snapshots"):
            self._complete(region, name)

    def resume_copies(self, region: str) -> None:
        """Mark copies that a stop of the region interrupted: their source may be gone by now."""
        for name, record in [
            (record["shape"]["DBSnapshotIdentifier"], record)
            for record in self.table(region, "snapshots").values()
        ]:
            if record["shape"]["Status"] == "creating" and not self._planned(region, name):
                self.snapshot_failed(region, name)

    def _planned(self, region: str, name: str) -> bool:
        return any(
            item.get("snapshot") == name
            for instance in self.table(region, "instances").values()
            for item in instance["work"]
        )

    async def _expire(self, region: str, instance: dict[str, Any], archive: Archive) -> None:
        """Remove what lies before the retention period, but keep what it starts from."""
        shape = instance["shape"]
        snapshots = self.automated_snapshots(region, shape["DbiResourceId"])
        oldest = self.runtime.now() - shape["BackupRetentionPeriod"] * 86400
        needed = [one for one in snapshots if one["shape"]["SnapshotCreateTime"] < oldest][-1:]
        for record in snapshots:
            if record not in needed and record["shape"]["SnapshotCreateTime"] < oldest:
                await self.remove_snapshot(region, record["shape"]["DBSnapshotIdentifier"])
        left = self.automated_snapshots(region, shape["DbiResourceId"])
        if left:
            label = self.snapshot_folder(region, left[0]) / "data" / "backup_label"
            first = await asyncio.to_thread(label.read_text)
            await asyncio.to_thread(archive.prune, first.partition("(file ")[2][:24])
