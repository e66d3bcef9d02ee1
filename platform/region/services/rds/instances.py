"""Creating and describing instances."""

import random
import secrets
import string
from collections.abc import Mapping
from typing import Any

from platformctl.region.servers.postgres.scram import verifier
from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.rds.engine import (
    ENGINE,
    check_class,
    check_engine,
    family_of,
    full_version,
)
from platformctl.region.services.rds.filters import matches
from platformctl.region.services.rds.names import identifier, resource_id
from platformctl.region.services.rds.parameter_groups import ParameterGroupOperations
from platformctl.region.services.rds.subnet_groups import SubnetGroupOperations

COPIED = (
    "AllocatedStorage",
    "AutoMinorVersionUpgrade",
    "BackupTarget",
    "CACertificateIdentifier",
    "CopyTagsToSnapshot",
    "DatabaseInsightsMode",
    "DBInstanceClass",
    "DBName",
    "DedicatedLogVolume",
    "DeletionProtection",
    "EngineLifecycleSupport",
    "Iops",
    "KmsKeyId",
    "LicenseModel",
    "MaxAllocatedStorage",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "MultiAZ",
    "NetworkType",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "PromotionTier",
    "PubliclyAccessible",
    "StorageEncrypted",
    "StorageThroughput",
    "StorageType",
)
"""Parameters that are called the same in the request and in the description."""
DEFAULTS: dict[str, Any] = {
    "AllocatedStorage": 20,
    "AutoMinorVersionUpgrade": True,
    "BackupTarget": "region",
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "CopyTagsToSnapshot": False,
    "DatabaseInsightsMode": "standard",
    "DedicatedLogVolume": False,
    "DeletionProtection": False,
    "EngineLifecycleSupport": "open-source-rds-extended-support",
    "LicenseModel": "postgresql-license",
    "MonitoringInterval": 0,
    "MultiAZ": False,
    "NetworkType": "IPV4",
    "PreferredBackupWindow": "03:00-03:30",
    "PreferredMaintenanceWindow": "mon:04:00-mon:04:30",
    "PubliclyAccessible": False,
    "StorageEncrypted": False,
    "StorageType": "gp2",
}
DEFAULT_PORT = 5432


class InstanceOperations(ParameterGroupOperations, SubnetGroupOperations):
    """`CreateDBInstance`, `DescribeDBInstances`, and how an instance is shown."""

    async def create_db_instance(self, call: Call) -> dict[str, Any]:
        """Create an instance; its keeper makes and starts the server."""
        asked = call.parameters
        name = self.new_identifier(call.region, asked["DBInstanceIdentifier"])
        check_engine(asked["Engine"])
        check_class(asked["DBInstanceClass"])
        version = full_version(asked.get("EngineVersion"))
        user = _required(asked, "MasterUsername")
        _check_user(user)
        record = self.new_record(call, name, version)
        shape = record["shape"]
        shape["MasterUsername"] = user
        password = await self.master_password(call.region, shape, asked)
        record["verifier"] = verifier(password)
        shape["BackupRetentionPeriod"] = asked.get("BackupRetentionPeriod", 1)
        record["origin"] = {"kind": "new"}
        self.set_tags(call.region, shape["DBInstanceArn"], asked.get("Tags") or ())
        self.plan(call.region, record, "create")
        return {"DBInstance": self.shown_instance(call.region, record)}

    def describe_db_instances(self, call: Call) -> dict[str, Any]:
        """Describe one instance, or all that pass the filters."""
        wanted = call.parameters.get("DBInstanceIdentifier")
        if wanted:
            records = [self.instance(call.region, wanted)]
        else:
            records = self.table(call.region, "instances").values()
        filters = {
            "db-instance-id": lambda shape: (shape["DBInstanceIdentifier"], shape["DBInstanceArn"]),
            "dbi-resource-id": lambda shape: (shape["DbiResourceId"],),
            "engine": lambda shape: (shape["Engine"],),
        }
        shapes = [self.shown_instance(call.region, record) for record in records]
        chosen = matches(shapes, call.parameters.get("Filters") or (), filters)
        return {"DBInstances": chosen}

    def new_identifier(self, region: str, value: str) -> str:
        """Return the identifier of an instance to come.

        Raises:
            ServiceError: It is taken, or none that RDS accepts.
        """
        name = identifier(value)
        if name in self.table(region, "instances"):
            raise ServiceError("DBInstanceAlreadyExists", "DB instance already exists")
        return name

    def new_record(
        self, call: Call, name: str, version: str, like: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the record of an instance to come; it is not written yet.

        Args:
            call: The request, for what it says about the instance.
            name: Its identifier.
            version: Its engine version.
            like: Description of what it is made from, for what the request does not say.
        """
        asked, region = call.parameters, call.region
        said = {key: asked[key] for key in COPIED if asked.get(key) is not None}
        inherited = {key: like[key] for key in COPIED if key in like} if like else {}
        inherited.pop("DeletionProtection", None)
        zones = self.zones(region)
        shape: dict[str, Any] = {
            **DEFAULTS,
            **inherited,
            **said,
            "DBInstanceIdentifier": name,
            "DBInstanceArn": self.arn(region, "db", name),
            "DbiResourceId": resource_id("db"),
            "Engine": ENGINE,
            "EngineVersion": version,
            "DBInstanceStatus": "creating",
            "AvailabilityZone": asked.get("AvailabilityZone") or random.choice(zones),
            "VpcSecurityGroups": _security_groups(asked, like),
            "IAMDatabaseAuthenticationEnabled": bool(asked.get("EnableIAMDatabaseAuthentication")),
            "PerformanceInsightsEnabled": bool(asked.get("EnablePerformanceInsights")),
            "EnabledCloudwatchLogsExports": asked.get("EnableCloudwatchLogsExports"),
            "CustomerOwnedIpEnabled": False,
            "MasterUsername": (like or {}).get("MasterUsername"),
            "BackupRetentionPeriod": (like or {}).get("BackupRetentionPeriod", 0),
            "DBName": asked.get("DBName") or (like or {}).get("DBName"),
        }
        if shape["MultiAZ"]:
            others = [zone for zone in zones if zone != shape["AvailabilityZone"]]
            shape["SecondaryAvailabilityZone"] = random.choice(others)
        group = asked.get("DBParameterGroupName") or f"default.{family_of(version)}"
        subnet_group = asked.get("DBSubnetGroupName") or (like or {}).get("subnet_group")
        record = {
            "shape": shape,
            "subnet_group": self.subnet_group_name(region, subnet_group),
            "parameter_group": self.fitting_group(region, group, version),
            "parameter_status": "in-sync",
            "applied": {},
            "port": asked.get("Port") or (like or {}).get("port") or DEFAULT_PORT,
            "pending": {},
            "upstream": None,
            "major": None,
            "verifier": None,
            "wanted": "running",
            "work": [],
            "origin": {},
        }
        owner = self.owner(region, record)
        shape["DbInstancePort"] = 0
        record["address"] = list(_pair(self.runtime.addresses.allocate(owner, record["port"])))
        return record

    def owner(self, region: str, record: Mapping[str, Any]) -> str:
        """Return the name under which an instance has its addresses."""
        return f"rds/{region}/{record['shape']['DbiResourceId']}"

    def shown_instance(self, region: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return an instance as `DescribeDBInstances` shows it."""
        shape = dict(record["shape"])
        if shape.get("InstanceCreateTime"):
            host, port = record["address"]
            shape["Endpoint"] = {"Address": host, "Port": port, "HostedZoneId": "Z2R2ITUGPM61AM"}
            shape["InstanceCreateTime"] = self.shown(shape["InstanceCreateTime"])
        retained = shape["BackupRetentionPeriod"]
        if retained and shape["DBInstanceStatus"] != "creating":
            shape["LatestRestorableTime"] = self.shown(self.restorable_until(region, record))
        group = record["parameter_group"]
        own = shape["DBInstanceIdentifier"]
        source = record["upstream"]
        if source is not None:
            near = source["region"] == region
            far = self.arn(source["region"], "db", source["id"])
            shape["ReadReplicaSourceDBInstanceIdentifier"] = source["id"] if near else far
            shape["StatusInfos"] = [self._replication(region, record)]
        return {
            **shape,
            "TagList": self.tags(region, shape["DBInstanceArn"]),
            "DBSubnetGroup": self.shown_subnet_group(region, record["subnet_group"]),
            "DBParameterGroups": [
                {"DBParameterGroupName": group, "ParameterApplyStatus": record["parameter_status"]}
            ],
            "OptionGroupMemberships": [
                {
                    "OptionGroupName": f"default:postgres-{shape['EngineVersion'].split('.')[0]}",
                    "Status": "in-sync",
                }
            ],
            "DBSecurityGroups": [],
            "AssociatedRoles": [],
            "DomainMemberships": [],
            "ActivityStreamStatus": "stopped",
            "PendingModifiedValues": record["pending"],
            "ReadReplicaDBInstanceIdentifiers": self.replicas_of(region, own),
            "CertificateDetails": {"CAIdentifier": shape["CACertificateIdentifier"]},
        }

    def restorable_until(self, region: str, record: Mapping[str, Any]) -> float | None:
        """Return the latest time an instance can be restored to."""
        raise NotImplementedError

    def replicas_of(self, region: str, name: str) -> list[str]:
        """Return the replicas of an instance: names in its region, ARNs elsewhere."""
        found = []
        for other in self.runtime.store.regions("rds"):
            for key, record in _items(self.table(other, "instances")):
                source = record["upstream"]
                if source is not None and (source["region"], source["id"]) == (region, name):
                    found.append(key if other == region else self.arn(other, "db", key))
        return found

    def _replication(self, region: str, record: Mapping[str, Any]) -> dict[str, Any]:
        keeper = self.keepers.get((region, record["shape"]["DBInstanceIdentifier"]))
        replicating = keeper is not None and keeper.replicating
        return {
            "StatusType": "read replication",
            "Normal": replicating,
            "Status": "replicating" if replicating else "error",
        }

    async def master_password(
        self, region: str, shape: dict[str, Any], asked: Mapping[str, Any]
    ) -> str:
        """Return the master password; one that AWS manages is put into Secrets Manager.

        Raises:
            ServiceError: None was given.
        """
        if not asked.get("ManageMasterUserPassword"):
            password = _required(asked, "MasterUserPassword")
            check_password(password)
            return password
        password = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(32))
        await self.manage_password(region, shape, asked.get("MasterUserSecretKmsKeyId"), password)
        return password

    async def manage_password(
        self, region: str, shape: dict[str, Any], key: str | None, password: str
    ) -> None:
        """Write the secret of a password that AWS manages."""
        raise NotImplementedError


def check_password(password: str) -> None:
    """Refuse passwords that RDS refuses.

    Raises:
        ServiceError: It is too short or too long, or has a character that is not allowed.
    """
    if not 8 <= len(password) <= 128:
        raise ServiceError(
            "InvalidParameterValue",
            "The parameter MasterUserPassword is not a valid password because it is shorter than "
            "8 characters or longer than 128.",
        )
    if any(character in '/@" ' or not " " < character <= "~" for character in password):
        raise ServiceError(
            "InvalidParameterValue",
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII "
            "characters besides '/', '@', '\"', ' ' may be used.",
        )


def _check_user(user: str) -> None:
    if user.lower() in {"rdsadmin", "admin", "postgres_admin"} or user.startswith("pg_"):
        raise ServiceError(
            "InvalidParameterValue", f"MasterUsername {user} cannot be used as it is reserved"
        )


def _required(asked: Mapping[str, Any], member: str) -> str:
    value = asked.get(member)
    if not value:
        raise ServiceError(
            "InvalidParameterValue",
            f"The parameter {member} must be provided and must not be blank.",
        )
    return value


def _security_groups(
    asked: Mapping[str, Any], like: Mapping[str, Any] | None
) -> list[dict[str, str]]:
    named = asked.get("VpcSecurityGroupIds")
    if named is None and like is not None:
        return like.get("VpcSecurityGroups", [])
    return [{"VpcSecurityGroupId": group, "Status": "active"} for group in named or ()]


def _pair(address: Any) -> tuple[str, int]:
    return address.host, address.port


def _items(table: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(key, table[key]) for key in table.keys()]  # noqa: SIM118  # a table is no dict
