"""Read replicas, in the same region and across regions."""

from typing import Any

from platformctl.region.runtime import Address
from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.rds.names import last, region_of
from platformctl.region.services.rds.restores import RestoreOperations


class ReplicaOperations(RestoreOperations):
    """`CreateDBInstanceReadReplica` and `PromoteReadReplica`."""

    async def create_db_instance_read_replica(self, call: Call) -> dict[str, Any]:
        """Create an instance that follows another by streaming replication."""
        asked = call.parameters
        name = self.new_identifier(call.region, asked["DBInstanceIdentifier"])
        reference = asked["SourceDBInstanceIdentifier"]
        region = region_of(reference, asked.get("SourceRegion") or call.region)
        source = self.available_instance(region, reference)
        shape = source["shape"]
        if not shape["BackupRetentionPeriod"] and source["upstream"] is None:
            raise ServiceError(
                "InvalidDBInstanceState",
                f"Automated backups are not enabled for this database instance {last(reference)}. "
                "To enable automated backups, use ModifyDBInstance to set the backup retention "
                "period to a non-zero value.",
            )
        _require_fitting_key(asked.get("KmsKeyId"), shape, elsewhere=region != call.region)
        like = {**shape, "port": source["port"], "BackupRetentionPeriod": 0, "MultiAZ": False}
        if region == call.region:
            like["subnet_group"] = source["subnet_group"]
        else:
            like.pop("VpcSecurityGroups", None)
            like.pop("KmsKeyId", None)
        record = self.new_record(call, name, shape["EngineVersion"], like)
        private = self.runtime.addresses.allocate(self.owner(region, source), 0)
        record["upstream"] = {
            "region": region,
            "id": shape["DBInstanceIdentifier"],
            "resource": shape["DbiResourceId"],
            "address": _pair(Address(source["address"][0], private.port)),
        }
        if not asked.get("DBParameterGroupName") and region == call.region:
            record["parameter_group"] = source["parameter_group"]
        record["origin"] = {"kind": "replica"}
        self.set_tags(call.region, record["shape"]["DBInstanceArn"], asked.get("Tags") or ())
        self.plan(call.region, record, "create")
        return {"DBInstance": self.shown_instance(call.region, record)}

    def promote_read_replica(self, call: Call) -> dict[str, Any]:
        """Make a replica an instance of its own that takes writes."""
        asked = call.parameters
        record = self.available_instance(call.region, asked["DBInstanceIdentifier"])
        if record["upstream"] is None:
            raise ServiceError(
                "InvalidDBInstanceState",
                f"DB Instance {last(asked['DBInstanceIdentifier'])} is not a read replica.",
            )
        record["shape"]["DBInstanceStatus"] = "modifying"
        if asked.get("PreferredBackupWindow"):
            record["shape"]["PreferredBackupWindow"] = asked["PreferredBackupWindow"]
        retention = asked.get("BackupRetentionPeriod", 1)
        self.plan(call.region, record, "promote", retention=retention)
        return {"DBInstance": self.shown_instance(call.region, record)}


def _require_fitting_key(key: str | None, source: dict[str, Any], *, elsewhere: bool) -> None:
    """Refuse a key beside the source, whose own is used there; demand one in another region.

    Source: the API reference of `CreateDBInstanceReadReplica`, `KmsKeyId`.

    Raises:
        ServiceError: There is one too many, or none.
    """
    if key and not elsewhere:
        raise ServiceError(
            "InvalidParameterCombination",
            "KmsKeyId cannot be specified for a read replica in the Region of its source.",
        )
    if elsewhere and source.get("StorageEncrypted") and not key:
        raise ServiceError(
            "InvalidParameterCombination",
            "KmsKeyId must be specified for a read replica of an encrypted DB instance in another "
            "Region.",
        )


def _pair(address: Address) -> list[Any]:
    return [address.host, address.port]
