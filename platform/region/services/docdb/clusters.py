"""DocumentDB clusters and their instances: one document server each cluster."""

import asyncio
import logging
import re
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformctl.errors import RegionError
from platformctl.region.servers.owner import ProgramOwner
from platformctl.region.servers.postgres.scram import verifier
from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.docdb.parameter_groups import ClusterParameterGroupOperations
from platformctl.region.services.rds.names import identifier, last, resource_id

_LOG = logging.getLogger(__name__)
ENGINE = "docdb"
SERVER = "platformctl.region.servers.documents"
DEFAULT_PORT = 27017
DEFAULT_VERSION = "5.0.0"
VERSIONS = ("4.0.0", "5.0.0")
_PASSWORD = re.compile(r"[^/\"@]{8,100}")
_CHANGED = (
    "BackupRetentionPeriod",
    "DeletionProtection",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "StorageType",
)
"""What a modification changes under the same name."""
_INSTANCE_CHANGED = (
    "AutoMinorVersionUpgrade",
    "CopyTagsToSnapshot",
    "DBInstanceClass",
    "PreferredMaintenanceWindow",
    "PromotionTier",
    "CACertificateIdentifier",
)


class DocumentClusters(ClusterParameterGroupOperations):
    """The operations on clusters and instances whose engine is `docdb`.

    All instances of a cluster are one server here, as they share one storage at AWS; the cluster's
    endpoints and those of its instances lead to it.
    """

    @property
    def document_servers(self) -> dict[tuple[str, str], ProgramOwner]:
        """The servers that run, by region and cluster."""
        raise NotImplementedError

    # Clusters.

    def create_db_cluster(self, call: Call) -> dict[str, Any]:
        """Create a cluster; its server begins to run."""
        asked = call.parameters
        _check_engine(asked["Engine"])
        name = self._new_cluster(call.region, asked["DBClusterIdentifier"])
        password = asked.get("MasterUserPassword") or ""
        if not asked.get("MasterUsername") or not _PASSWORD.fullmatch(password):
            raise ServiceError(
                "InvalidParameterValue",
                'MasterUsername, and a MasterUserPassword of 8 to 100 characters without /, " and '
                "@, must be given.",
            )
        record = self._cluster_record(call, name, asked)
        record["shape"]["MasterUsername"] = asked["MasterUsername"]
        record["verifier"] = verifier(password)
        return self._begin(call, record)

    def _cluster_record(self, call: Call, name: str, like: Mapping[str, Any]) -> dict[str, Any]:
        asked, region = call.parameters, call.region
        version = like.get("EngineVersion") or DEFAULT_VERSION
        if version not in VERSIONS:
            raise ServiceError(
                "InvalidParameterCombination", f"Cannot find version {version} for docdb"
            )
        family = f"docdb{version.rpartition('.')[0]}"
        group = self.cluster_group(
            region, asked.get("DBClusterParameterGroupName") or f"default.{family}"
        )
        identity = resource_id("cluster")
        port = asked.get("Port") or DEFAULT_PORT
        shape = {
            "DBClusterIdentifier": name,
            "DBClusterArn": self.arn(region, "cluster", name),
            "DbClusterResourceId": identity,
            "Engine": ENGINE,
            "EngineVersion": version,
            "Status": "creating",
            "Port": port,
            "MasterUsername": like.get("MasterUsername"),
            "DBClusterParameterGroup": group["DBClusterParameterGroupName"],
            "DBSubnetGroup": self.subnet_group_name(region, asked.get("DBSubnetGroupName")),
            "VpcSecurityGroups": _groups(asked.get("VpcSecurityGroupIds") or ()),
            "AvailabilityZones": asked.get("AvailabilityZones") or self.zones(region),
            "BackupRetentionPeriod": asked.get("BackupRetentionPeriod", 1),
            "PreferredBackupWindow": asked.get("PreferredBackupWindow", "03:00-03:30"),
            "PreferredMaintenanceWindow": asked.get(
                "PreferredMaintenanceWindow", "mon:04:00-mon:04:30"
            ),
            "StorageEncrypted": bool(asked.get("StorageEncrypted")),
            "KmsKeyId": asked.get("KmsKeyId"),
            "StorageType": asked.get("StorageType") or "standard",
            "DeletionProtection": bool(asked.get("DeletionProtection")),
            "EnabledCloudwatchLogsExports": list(asked.get("EnableCloudwatchLogsExports") or ()),
            "NetworkType": "IPV4",
        }
        return {"shape": shape, "created": self.runtime.now(), "verifier": like.get("verifier")}

    def _begin(self, call: Call, record: dict[str, Any]) -> dict[str, Any]:
        shape = record["shape"]
        self.set_tags(call.region, shape["DBClusterArn"], call.parameters.get("Tags") or ())
        self._put(call.region, record)
        self.engage_cluster(call.region, shape["DBClusterIdentifier"])
        return {"DBCluster": self._shown_cluster(call.region, record)}

    def describe_db_clusters(self, call: Call) -> dict[str, Any]:
        """Describe one cluster, or all."""
        wanted = call.parameters.get("DBClusterIdentifier")
        records = self.table(call.region, "document-clusters").values()
        if wanted:
            records = [self.cluster(call.region, wanted)]
        return {"DBClusters": [self._shown_cluster(call.region, one) for one in records]}

    def modify_db_cluster(self, call: Call) -> dict[str, Any]:
        """Change a cluster."""
        asked = call.parameters
        record = self.cluster(call.region, asked["DBClusterIdentifier"])
        shape = record["shape"]
        shape.update({key: asked[key] for key in _CHANGED if asked.get(key) is not None})
        if asked.get("VpcSecurityGroupIds") is not None:
            shape["VpcSecurityGroups"] = _groups(asked["VpcSecurityGroupIds"])
        if asked.get("DBClusterParameterGroupName"):
            group = self.cluster_group(call.region, asked["DBClusterParameterGroupName"])
            shape["DBClusterParameterGroup"] = group["DBClusterParameterGroupName"]
        if asked.get("MasterUserPassword"):
            record["verifier"] = verifier(asked["MasterUserPassword"])
        exports = asked.get("CloudwatchLogsExportConfiguration") or {}
        kept = set(shape["EnabledCloudwatchLogsExports"]) - set(exports.get("DisableLogTypes", ()))
        shape["EnabledCloudwatchLogsExports"] = sorted({*kept, *exports.get("EnableLogTypes", ())})
        self._put(call.region, record)
        self.engage_cluster(call.region, shape["DBClusterIdentifier"])
        return {"DBCluster": self._shown_cluster(call.region, record)}

    async def delete_db_cluster(self, call: Call) -> dict[str, Any]:
        """Delete a cluster without instances, with the final snapshot that is asked for."""
        asked = call.parameters
        record = self.cluster(call.region, asked["DBClusterIdentifier"])
        shape = record["shape"]
        name = shape["DBClusterIdentifier"]
        if shape["DeletionProtection"]:
            raise ServiceError("InvalidParameterCombination", f"Cannot delete protected {name}.")
        if self._members(call.region, name):
            raise ServiceError("InvalidDBClusterStateFault", f"Cluster {name} still has instances.")
        final = asked.get("FinalDBSnapshotIdentifier")
        if not asked.get("SkipFinalSnapshot"):
            if not final:
                raise ServiceError(
                    "InvalidParameterCombination", "FinalDBSnapshotIdentifier must be given."
                )
            await self._take_snapshot(call.region, final, record)
        owner = self.document_servers.pop((call.region, name), None)
        if owner is not None:
            await owner.stop()
        del self.table(call.region, "document-clusters")[name]
        self.forget_tags(call.region, shape["DBClusterArn"])
        for role in ("cluster", "reader"):
            self.runtime.addresses.release(_owner(call.region, shape, role))
        await asyncio.to_thread(shutil.rmtree, self._file(call.region, shape).parent, True)
        return {"DBCluster": self._shown_cluster(call.region, record, status="deleting")}

    # Snapshots.

    async def create_db_cluster_snapshot(self, call: Call) -> dict[str, Any]:
        """Copy a cluster's file."""
        record = self.cluster(call.region, call.parameters["DBClusterIdentifier"])
        name = call.parameters["DBClusterSnapshotIdentifier"]
        return {"DBClusterSnapshot": await self._take_snapshot(call.region, name, record)}

    def describe_db_cluster_snapshots(self, call: Call) -> dict[str, Any]:
        """Describe snapshots by name or cluster."""
        asked = call.parameters
        wanted = asked.get("DBClusterSnapshotIdentifier")
        if wanted:
            found = [self._snapshot(call.region, wanted)]
        else:
            cluster = asked.get("DBClusterIdentifier")
            table = self.table(call.region, "document-snapshots").values()
            found = [one for one in table if cluster in (None, one["DBClusterIdentifier"])]
        return {"DBClusterSnapshots": [self._shown_snapshot(one) for one in found]}

    async def delete_db_cluster_snapshot(self, call: Call) -> dict[str, Any]:
        """Delete a snapshot with its file."""
        record = self._snapshot(call.region, call.parameters["DBClusterSnapshotIdentifier"])
        del self.table(call.region, "document-snapshots")[record["DBClusterSnapshotIdentifier"]]
        await asyncio.to_thread(Path(record["file"]).unlink, missing_ok=True)
        return {"DBClusterSnapshot": self._shown_snapshot(record)}

    async def restore_db_cluster_from_snapshot(self, call: Call) -> dict[str, Any]:
        """Create a cluster with the content of a snapshot."""
        asked = call.parameters
        _check_engine(asked["Engine"])
        snapshot = self._snapshot(call.region, asked["SnapshotIdentifier"])
        name = self._new_cluster(call.region, asked["DBClusterIdentifier"])
        record = self._cluster_record(call, name, snapshot)
        file = self._file(call.region, record["shape"])
        await asyncio.to_thread(_copy, Path(snapshot["file"]), file)
        return self._begin(call, record)

    async def _take_snapshot(
        self, region: str, name: str, record: Mapping[str, Any]
    ) -> dict[str, Any]:
        name = identifier(name, "DBClusterSnapshotIdentifier")
        if name in self.table(region, "document-snapshots"):
            raise ServiceError("DBClusterSnapshotAlreadyExistsFault", f"{name} already exists")
        shape = record["shape"]
        file = self.folder(region, "document-snapshots", name)
        await asyncio.to_thread(_copy, self._file(region, shape), file)
        same = ("DBClusterIdentifier", "Engine", "EngineVersion", "MasterUsername", "KmsKeyId")
        snapshot = {
            **{key: shape[key] for key in (*same, "StorageEncrypted", "Port")},
            "DBClusterSnapshotIdentifier": name,
            "DBClusterSnapshotArn": self.arn(region, "cluster-snapshot", name),
            "Status": "available",
            "PercentProgress": 100,
            "SnapshotType": "manual",
            "created": self.runtime.now(),
            "verifier": record["verifier"],
            "file": str(file),
        }
        self.table(region, "document-snapshots")[name] = snapshot
        return self._shown_snapshot(snapshot)

    def _snapshot(self, region: str, reference: str) -> dict[str, Any]:
        record = self.table(region, "document-snapshots").get(last(reference))
        if record is None:
            raise ServiceError("DBClusterSnapshotNotFoundFault", f"{last(reference)} not found.")
        return record

    def _shown_snapshot(self, record: Mapping[str, Any]) -> dict[str, Any]:
        hidden = ("created", "verifier", "file")
        shown = {key: value for key, value in record.items() if key not in hidden}
        return {**shown, "SnapshotCreateTime": self.shown(record["created"])}

    # Instances.

    async def create_db_instance(self, call: Call) -> dict[str, Any]:
        """Create an instance, of a cluster where its engine is `docdb`."""
        asked = call.parameters
        if asked["Engine"] != ENGINE:
            return await super().create_db_instance(call)
        name = self.new_identifier(call.region, asked["DBInstanceIdentifier"])
        table = self.table(call.region, "document-instances")
        if name in table:
            raise ServiceError("DBInstanceAlreadyExists", "DB instance already exists")
        cluster = self.cluster(call.region, asked["DBClusterIdentifier"])["shape"]
        tier = asked.get("PromotionTier")
        shape = {
            "DBInstanceIdentifier": name,
            "DBInstanceArn": self.arn(call.region, "db", name),
            "DbiResourceId": resource_id("db"),
            "DBClusterIdentifier": cluster["DBClusterIdentifier"],
            "DBInstanceClass": asked["DBInstanceClass"],
            "Engine": ENGINE,
            "AvailabilityZone": asked.get("AvailabilityZone") or self.zones(call.region)[0],
            "AutoMinorVersionUpgrade": asked.get("AutoMinorVersionUpgrade") is not False,
            "CACertificateIdentifier": asked.get("CACertificateIdentifier", "rds-ca-rsa2048-g1"),
            "CopyTagsToSnapshot": bool(asked.get("CopyTagsToSnapshot")),
            "PerformanceInsightsEnabled": bool(asked.get("EnablePerformanceInsights")),
            "PreferredMaintenanceWindow": asked.get(
                "PreferredMaintenanceWindow", cluster["PreferredMaintenanceWindow"]
            ),
            "PromotionTier": 1 if tier is None else tier,
            "PubliclyAccessible": False,
        }
        table[name] = {"shape": shape, "created": self.runtime.now()}
        self.set_tags(call.region, shape["DBInstanceArn"], asked.get("Tags") or ())
        self.engage_cluster(call.region, cluster["DBClusterIdentifier"])
        return {"DBInstance": self._shown_member(call.region, table[name])}

    def describe_db_instances(self, call: Call) -> dict[str, Any]:
        """Describe one instance, or all that pass the filters."""
        wanted = call.parameters.get("DBInstanceIdentifier")
        table = self.table(call.region, "document-instances")
        if wanted and last(wanted) in table:
            return {"DBInstances": [self._shown_member(call.region, table[last(wanted)])]}
        answer = super().describe_db_instances(call)
        if not wanted and not call.parameters.get("Filters"):
            members = [self._shown_member(call.region, one) for one in table.values()]
            answer["DBInstances"] = [*answer["DBInstances"], *members]
        return answer

    async def modify_db_instance(self, call: Call) -> dict[str, Any]:
        """Change an instance."""
        asked = call.parameters
        table = self.table(call.region, "document-instances")
        name = last(asked["DBInstanceIdentifier"])
        if name not in table:
            return await super().modify_db_instance(call)
        record = table[name]
        changed = {key: asked[key] for key in _INSTANCE_CHANGED if asked.get(key) is not None}
        record["shape"].update(changed)
        table[name] = record
        return {"DBInstance": self._shown_member(call.region, record)}

    def delete_db_instance(self, call: Call) -> dict[str, Any]:
        """Delete an instance; a cluster keeps its documents."""
        table = self.table(call.region, "document-instances")
        name = last(call.parameters["DBInstanceIdentifier"])
        if name not in table:
            return super().delete_db_instance(call)
        record = table[name]
        shown = self._shown_member(call.region, record)
        del table[name]
        self.forget_tags(call.region, record["shape"]["DBInstanceArn"])
        self.runtime.addresses.release(_owner(call.region, record["shape"], "instance"))
        self.engage_cluster(call.region, record["shape"]["DBClusterIdentifier"])
        return {"DBInstance": {**shown, "DBInstanceStatus": "deleting"}}

    # The servers.

    def engage_cluster(self, region: str, name: str) -> None:
        """Have a cluster's server run, and listen where it should."""
        if not self.runtime.is_stopped(region):
            self.runtime.spawn(f"docdb/{region}/{name}/apply", self._apply(region, name))

    async def _apply(self, region: str, name: str) -> None:
        key = (region, name)
        if key not in self.document_servers:
            owner = ProgramOwner(
                self.runtime, f"docdb/{region}/{name}", SERVER, lambda: self._wanted(region, name)
            )
            self.document_servers[key] = owner
            owner.start()
        status = "available"
        try:
            await self.document_servers[key].apply()
        except RegionError as error:
            _LOG.error("docdb/%s/%s does not run: %s", region, name, error)
            status = "failed"
        record = self.table(region, "document-clusters").get(name)
        if record is not None and record["shape"]["Status"] != status:
            record["shape"]["Status"] = status
            self._put(region, record)

    def _wanted(self, region: str, name: str) -> dict[str, Any]:
        record = self.cluster(region, name)
        shape = record["shape"]
        group = shape["DBClusterParameterGroup"]
        secure = self.cluster_parameter(region, group, "tls") == "enabled"
        owners = [_owner(region, shape, role) for role in ("cluster", "reader")]
        owners += [_owner(region, one["shape"], "instance") for one in self._members(region, name)]
        listeners = [self._document_listener(owner, shape["Port"], secure) for owner in owners]
        return {
            "file": str(self._file(region, shape)),
            "users": {shape["MasterUsername"]: record["verifier"]},
            "listeners": listeners,
        }

    def _document_listener(self, owner: str, port: int, secure: bool) -> dict[str, Any]:
        address = self.runtime.addresses.allocate(owner, port)
        place = {"name": owner, "host": address.host, "port": address.port}
        if not secure:
            return {**place, "certificate": "", "key": ""}
        made = self.runtime.certificates.issue(owner, [address.host, "localhost"])
        return {**place, "certificate": str(made.certificate), "key": str(made.key)}

    # Look-ups.

    def cluster(self, region: str, reference: str) -> dict[str, Any]:
        """Return a cluster's record by identifier or ARN.

        Raises:
            ServiceError: There is none.
        """
        record = self.table(region, "document-clusters").get(last(reference))
        if record is None:
            raise ServiceError("DBClusterNotFoundFault", f"DBCluster {last(reference)} not found.")
        return record

    def _new_cluster(self, region: str, value: str) -> str:
        name = identifier(value, "DBClusterIdentifier")
        if name in self.table(region, "document-clusters"):
            raise ServiceError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
        return name

    def _put(self, region: str, record: dict[str, Any]) -> None:
        self.table(region, "document-clusters")[record["shape"]["DBClusterIdentifier"]] = record

    def _members(self, region: str, name: str) -> list[dict[str, Any]]:
        """Return a cluster's instances; the first is the writer."""
        found = self.table(region, "document-instances").values()
        members = [one for one in found if one["shape"]["DBClusterIdentifier"] == name]
        return sorted(members, key=lambda one: (one["shape"]["PromotionTier"], one["created"]))

    def _file(self, region: str, shape: Mapping[str, Any]) -> Path:
        return self.folder(region, "documents", shape["DbClusterResourceId"].lower(), "documents")

    def _shown_cluster(
        self, region: str, record: Mapping[str, Any], status: str = ""
    ) -> dict[str, Any]:
        shape = record["shape"]
        members = self._members(region, shape["DBClusterIdentifier"])
        endpoint, reader = (
            self.runtime.addresses.allocate(_owner(region, shape, role), shape["Port"])
            for role in ("cluster", "reader")
        )
        return {
            **{key: value for key, value in shape.items() if value is not None},
            "Status": status or shape["Status"],
            "Endpoint": endpoint.host,
            "ReaderEndpoint": reader.host,
            "Port": endpoint.port,
            "HostedZoneId": "ZNKXH85TT8WVW",
            "MultiAZ": len(members) > 1,
            "ClusterCreateTime": self.shown(record["created"]),
            "DBClusterMembers": [
                {
                    "DBInstanceIdentifier": one["shape"]["DBInstanceIdentifier"],
                    "IsClusterWriter": one is members[0],
                    "DBClusterParameterGroupStatus": "in-sync",
                    "PromotionTier": one["shape"]["PromotionTier"],
                }
                for one in members
            ],
        }

    def _shown_member(self, region: str, record: Mapping[str, Any]) -> dict[str, Any]:
        shape = record["shape"]
        cluster = self.cluster(region, shape["DBClusterIdentifier"])["shape"]
        owner = _owner(region, shape, "instance")
        address = self.runtime.addresses.allocate(owner, cluster["Port"])
        same = ("EngineVersion", "StorageEncrypted", "KmsKeyId", "VpcSecurityGroups")
        shown = {key: cluster[key] for key in (*same, "PreferredBackupWindow")}
        return {
            **{key: value for key, value in shown.items() if value is not None},
            **shape,
            "DBInstanceStatus": cluster["Status"],
            "Endpoint": {"Address": address.host, "Port": address.port},
            "DBSubnetGroup": self.shown_subnet_group(region, cluster["DBSubnetGroup"]),
            "InstanceCreateTime": self.shown(record["created"]),
            "BackupRetentionPeriod": cluster["BackupRetentionPeriod"],
        }


def _owner(region: str, shape: Mapping[str, Any], role: str) -> str:
    """Return the name under which an endpoint has its address."""
    identity = shape["DbiResourceId"] if role == "instance" else shape["DbClusterResourceId"]
    return f"docdb/{region}/{identity}/{role}"


def _groups(ids: Any) -> list[dict[str, str]]:
    return [{"VpcSecurityGroupId": group, "Status": "active"} for group in ids]


def _check_engine(engine: str) -> None:
    if engine != ENGINE:
        raise ServiceError(
            "InvalidParameterValue", f"The local region has no clusters of engine {engine}."
        )


def _copy(source: Path, target: Path) -> None:
    """Copy a file that may be written meanwhile, whole."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    reading, writing = sqlite3.connect(source), sqlite3.connect(target)
    try:
        reading.backup(writing)
    finally:
        writing.close()
        reading.close()
