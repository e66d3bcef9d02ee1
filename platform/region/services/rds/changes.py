"""Changing, stopping, starting, rebooting and deleting instances."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from platformctl.region.servers.postgres.scram import verifier
from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.rds.engine import check_class, full_version, major_of
from platformctl.region.services.rds.instances import check_password
from platformctl.region.services.rds.names import identifier, last
from platformctl.region.services.rds.replicas import ReplicaOperations

AT_ONCE = (
    "AutoMinorVersionUpgrade",
    "BackupRetentionPeriod",
    "CACertificateIdentifier",
    "CopyTagsToSnapshot",
    "DatabaseInsightsMode",
    "DeletionProtection",
    "MaxAllocatedStorage",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "NetworkType",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "PromotionTier",
    "PubliclyAccessible",
)
"""What a modification changes whether it is to apply immediately or not."""
DEFERRED = (
    "AllocatedStorage",
    "DBInstanceClass",
    "EngineVersion",
    "Iops",
    "LicenseModel",
    "MultiAZ",
    "StorageThroughput",
    "StorageType",
)
"""What waits for the maintenance window or a reboot unless it is to apply immediately."""
_RENAMED = {
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "EnablePerformanceInsights": "PerformanceInsightsEnabled",
}


class ChangeOperations(ReplicaOperations):
    """The operations that change an instance that exists."""

    async def modify_db_instance(self, call: Call) -> dict[str, Any]:
        """Change an instance."""
        asked = call.parameters
        record = self.available_instance(call.region, asked["DBInstanceIdentifier"])
        self._check_modification(record, asked)
        shape = record["shape"]
        shape.update({key: asked[key] for key in AT_ONCE if asked.get(key) is not None})
        for member, key in _RENAMED.items():
            if asked.get(member) is not None:
                shape[key] = asked[member]
        if asked.get("VpcSecurityGroupIds") is not None:
            shape["VpcSecurityGroups"] = [
                {"VpcSecurityGroupId": group, "Status": "active"}
                for group in asked["VpcSecurityGroupIds"]
            ]
        if asked.get("DBSubnetGroupName"):
            record["subnet_group"] = self.subnet_group_name(call.region, asked["DBSubnetGroupName"])
        _change_log_exports(shape, asked.get("CloudwatchLogsExportConfiguration") or {})
        details = await self._secrets(call.region, shape, asked)
        if asked.get("DBParameterGroupName"):
            record["parameter_group"] = self.fitting_group(
                call.region, asked["DBParameterGroupName"], shape["EngineVersion"]
            )
            record["parameter_status"] = "pending-reboot"
        record["pending"].update(
            {key: asked[key] for key in DEFERRED if asked.get(key) not in {None, shape.get(key)}}
        )
        if asked.get("ApplyImmediately"):
            details["restart"] = self._needs_restart(record)
            self.apply_pending(call.region, record)
            self._change_port(call.region, record, asked.get("DBPortNumber"), details)
            self._rename(call.region, record, asked.get("NewDBInstanceIdentifier"))
        shape["DBInstanceStatus"] = "modifying"
        self.plan(call.region, record, "modify", **details)
        return {"DBInstance": self.shown_instance(call.region, record)}

    def reboot_db_instance(self, call: Call) -> dict[str, Any]:
        """Restart an instance; a failover also exchanges the zones of a Multi-AZ one."""
        record = self.available_instance(call.region, call.parameters["DBInstanceIdentifier"])
        shape = record["shape"]
        if call.parameters.get("ForceFailover"):
            if not shape["MultiAZ"]:
                raise ServiceError(
                    "InvalidParameterCombination",
                    "Cannot force failover because the DB instance is not Multi-AZ.",
                )
            shape["AvailabilityZone"], shape["SecondaryAvailabilityZone"] = (
                shape["SecondaryAvailabilityZone"],
                shape["AvailabilityZone"],
            )
            name = shape["DBInstanceIdentifier"]
            self.event(
                call.region, name, "db-instance", "Multi-AZ instance failover started", "failover"
            )
        shape["DBInstanceStatus"] = "rebooting"
        self.plan(call.region, record, "reboot")
        return {"DBInstance": self.shown_instance(call.region, record)}

    def stop_db_instance(self, call: Call) -> dict[str, Any]:
        """Stop an instance's server."""
        record = self.available_instance(call.region, call.parameters["DBInstanceIdentifier"])
        name = record["shape"]["DBInstanceIdentifier"]
        if record["upstream"] is not None or self.replicas_of(call.region, name):
            raise ServiceError(
                "InvalidDBInstanceState",
                f"Cannot stop or start a read replica or an instance that has one: {name}.",
            )
        record["shape"]["DBInstanceStatus"] = "stopping"
        record["wanted"] = "stopped"
        self.plan(call.region, record, "stop")
        return {"DBInstance": self.shown_instance(call.region, record)}

    def start_db_instance(self, call: Call) -> dict[str, Any]:
        """Start the server of a stopped instance."""
        record = self.instance(call.region, call.parameters["DBInstanceIdentifier"])
        if record["shape"]["DBInstanceStatus"] != "stopped":
            raise ServiceError(
                "InvalidDBInstanceState",
                f"Instance {record['shape']['DBInstanceIdentifier']} is not stopped.",
            )
        record["shape"]["DBInstanceStatus"] = "starting"
        record["wanted"] = "running"
        self.plan(call.region, record, "start")
        return {"DBInstance": self.shown_instance(call.region, record)}

    def delete_db_instance(self, call: Call) -> dict[str, Any]:
        """Delete an instance, after a last snapshot unless that is skipped on purpose."""
        asked = call.parameters
        record = self.instance(call.region, asked["DBInstanceIdentifier"])
        shape = record["shape"]
        if shape["DBInstanceStatus"] == "deleting":
            raise ServiceError(
                "InvalidDBInstanceState",
                f"Instance {shape['DBInstanceIdentifier']} is already being deleted.",
            )
        if shape["DeletionProtection"]:
            raise ServiceError(
                "InvalidParameterCombination",
                "Cannot delete protected DB Instance, please disable deletion protection and try "
                "again.",
            )
        final = self._final_snapshot(call.region, record, asked)
        self._orphan_replicas(call.region, shape["DBInstanceIdentifier"])
        shape["DBInstanceStatus"] = "deleting"
        keep = asked.get("DeleteAutomatedBackups") is False
        if final:
            self.snapshot_record(call.region, final, record, "manual")
        # Whatever was planned does not matter any more.
        record["work"] = record["work"][:1]
        self.plan(call.region, record, "delete", snapshot=final, keep_backups=keep)
        return {"DBInstance": self.shown_instance(call.region, record)}

    def apply_pending(self, region: str, record: dict[str, Any]) -> None:
        """Let what was waiting for the maintenance window take effect."""
        shape = record["shape"]
        shape.update(record["pending"])
        record["pending"] = {}
        if not shape["MultiAZ"]:
            shape.pop("SecondaryAvailabilityZone", None)
        elif "SecondaryAvailabilityZone" not in shape:
            others = [zone for zone in self.zones(region) if zone != shape["AvailabilityZone"]]
            shape["SecondaryAvailabilityZone"] = others[0]
        self.put_instance(region, record)

    async def manage_password(
        self, region: str, shape: dict[str, Any], key: str | None, password: str
    ) -> None:
        """Write the secret of a password that AWS manages, and name it in the description."""
        secret = shape.get("MasterUserSecret")
        text = json.dumps({"username": shape["MasterUsername"], "password": password})
        if secret is not None:
            parameters = {"SecretId": secret["SecretArn"], "SecretString": text}
            await self.runtime.call("secretsmanager", region, "put_secret_value", parameters)
            return
        parameters = {
            "Name": f"rds!{shape['DbiResourceId'].lower()}",
            "Description": f"Secret of the RDS DB instance {shape['DBInstanceArn']}",
            "SecretString": text,
            **({"KmsKeyId": key} if key else {}),
        }
        answer = await self.runtime.call("secretsmanager", region, "create_secret", parameters)
        shape["MasterUserSecret"] = {
            "SecretArn": answer["ARN"],
            "SecretStatus": "active",
            "KmsKeyId": key
            or f"arn:aws:kms:{region}:{self.runtime.account}:alias/aws/secretsmanager",
        }

    async def forget_password(self, region: str, shape: dict[str, Any]) -> None:
        """Delete the secret of a password that AWS managed."""
        secret = shape.pop("MasterUserSecret", None)
        if secret is None:
            return
        parameters = {"SecretId": secret["SecretArn"], "ForceDeleteWithoutRecovery": True}
        try:
            await self.runtime.call("secretsmanager", region, "delete_secret", parameters)
        except ClientError as error:
            # Somebody deleted it before us.
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise

    async def _secrets(
        self, region: str, shape: dict[str, Any], asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what the keeper is told about a new master password."""
        managed = asked.get("ManageMasterUserPassword")
        if managed or (asked.get("RotateMasterUserPassword") and "MasterUserSecret" in shape):
            said = {**asked, "ManageMasterUserPassword": True}
            return {"verifier": verifier(await self.master_password(region, shape, said))}
        if not asked.get("MasterUserPassword"):
            return {}
        check_password(asked["MasterUserPassword"])
        if managed is False:
            await self.forget_password(region, shape)
        return {"verifier": verifier(asked["MasterUserPassword"])}

    def _check_modification(self, record: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
        shape = record["shape"]
        if asked.get("DBInstanceClass"):
            check_class(asked["DBInstanceClass"])
        storage = asked.get("AllocatedStorage")
        if storage is not None and storage < shape["AllocatedStorage"]:
            raise ServiceError(
                "InvalidParameterCombination",
                f"Invalid storage size for engine name postgres: {storage} is less than "
                f"{shape['AllocatedStorage']}.",
            )
        version = asked.get("EngineVersion")
        if not version:
            return
        if major_of(full_version(version)) != major_of(shape["EngineVersion"]):
            raise ServiceError(
                "InvalidParameterCombination",
                f"The local region does not upgrade from {shape['EngineVersion']} to {version}: "
                "only the minor version can change.",
            )

    def _needs_restart(self, record: Mapping[str, Any]) -> bool:
        return bool({"DBInstanceClass", "EngineVersion"}.intersection(record["pending"]))

    def _change_port(
        self, region: str, record: dict[str, Any], port: int | None, details: dict[str, Any]
    ) -> None:
        if port is None or port == record["port"]:
            return
        address = self.runtime.addresses.allocate(self.owner(region, record), port)
        record["port"] = port
        record["address"] = [address.host, address.port]
        details["restart"] = True

    def _rename(self, region: str, record: dict[str, Any], new: str | None) -> None:
        if not new:
            return
        name, shape = identifier(new), record["shape"]
        old = shape["DBInstanceIdentifier"]
        if name in self.table(region, "instances"):
            raise ServiceError("DBInstanceAlreadyExists", "DB instance already exists")
        tags = self.tags(region, shape["DBInstanceArn"])
        self.forget_tags(region, shape["DBInstanceArn"])
        shape.update(DBInstanceIdentifier=name, DBInstanceArn=self.arn(region, "db", name))
        self.set_tags(region, shape["DBInstanceArn"], tags)
        for other in self.runtime.store.regions("rds"):
            for replica in self.table(other, "instances").values():
                source = replica["upstream"]
                if source is not None and (source["region"], source["id"]) == (region, old):
                    source["id"] = name
                    self.put_instance(other, replica)
        self.put_instance(region, record)
        keeper = self.keepers.pop((region, old))
        keeper.identifier = name
        self.keepers[region, name] = keeper
        del self.table(region, "instances")[old]

    def _final_snapshot(
        self, region: str, record: Mapping[str, Any], asked: Mapping[str, Any]
    ) -> str | None:
        name = asked.get("FinalDBSnapshotIdentifier")
        if asked.get("SkipFinalSnapshot"):
            if name:
                raise ServiceError(
                    "InvalidParameterCombination",
                    "FinalDBSnapshotIdentifier cannot be specified when skipping final snapshot.",
                )
            return None
        if record["upstream"] is not None:
            return None
        if not name:
            raise ServiceError(
                "InvalidParameterCombination",
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
            )
        if record["shape"]["DBInstanceStatus"] != "available":
            raise ServiceError(
                "InvalidDBInstanceState",
                f"Cannot create a final snapshot because {record['shape']['DBInstanceIdentifier']} "
                f"is not available, it is {record['shape']['DBInstanceStatus']}.",
            )
        return self._new_snapshot(region, name)

    def _orphan_replicas(self, region: str, name: str) -> None:
        """Promote the replicas of an instance that goes, as RDS does."""
        for reference in self.replicas_of(region, name):
            other = reference.split(":")[3] if reference.startswith("arn:") else region
            replica = self.instance(other, last(reference))
            self.plan(other, replica, "promote", retention=0)


def _change_log_exports(shape: dict[str, Any], change: Mapping[str, Any]) -> None:
    exports = set(shape.get("EnabledCloudwatchLogsExports") or ())
    exports |= set(change.get("EnableLogTypes") or ())
    exports -= set(change.get("DisableLogTypes") or ())
    shape["EnabledCloudwatchLogsExports"] = sorted(exports) or None
