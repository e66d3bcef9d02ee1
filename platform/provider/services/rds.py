"""Database instances with what they need: subnet groups and parameter groups."""

from dataclasses import dataclass
from typing import Any

from platformctl.plugin.provider import ResourceOperationError
from platformctl.provider.context import Context, carried, input_shape
from platformctl.provider.identity import assigned, name
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Find,
    Function,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
    Waiter,
)
from platformctl.provider.tags import on_create

ARN = "arn:aws:rds:{region}:{account}:"
INSTANCE = {"DBInstanceIdentifier": "{identifier}"}
NEW = Send("create_db_instance")
REPLICA = Send("create_db_instance_read_replica", leave=("engine", "engineVersion", "username"))
FROM_SNAPSHOT = Send("restore_db_instance_from_db_snapshot")
TO_POINT_IN_TIME = Send("restore_db_instance_to_point_in_time")
MADE_FROM = {
    "replicateSourceDb": REPLICA,
    "snapshotIdentifier": FROM_SNAPSHOT,
    "restoreToPointInTime": TO_POINT_IN_TIME,
}
"""Input that says what an instance is made from → the call that makes it."""
BATCH = 20
"""Parameters that one call may change."""


def tagging(arn: str) -> Tagging:
    """Return how a resource of RDS with this ARN is tagged."""
    return Tagging(
        member="Tags",
        form="list",
        add="add_tags_to_resource",
        remove="remove_tags_from_resource",
        resource={"ResourceName": arn},
        read=Ask("list_tags_for_resource", {"ResourceName": arn}, "TagList"),
    )


def _create_instance(context: Context) -> Any:
    """Create an instance: new, as a replica, from a snapshot, or at a point in time."""
    extra = on_create(context)
    inputs = context.inputs
    if inputs.get("replicateSourceDb"):
        source = str(inputs["replicateSourceDb"])
        if source.startswith("arn:") and source.split(":")[3] != context.region:
            extra["SourceRegion"] = source.split(":")[3]
        return context.send(REPLICA, **extra, SourceDBInstanceIdentifier=source)
    if inputs.get("snapshotIdentifier"):
        return context.send(FROM_SNAPSHOT, **extra)
    if inputs.get("restoreToPointInTime"):
        return _restore(context, extra)
    _require(context)
    return context.send(NEW, **extra)


def _require(context: Context) -> None:
    """Say which inputs a new instance lacks, before AWS does so one at a time."""
    wanted = ["engine", "username"]
    if not context.inputs.get("manageMasterUserPassword"):
        wanted.append("password")
    missing = [key for key in wanted if not context.inputs.get(key)]
    if missing:
        raise ResourceOperationError(
            f"{', '.join(missing)} must be given for an instance that is neither a replica nor "
            "restored from a snapshot"
        )


def _restore(context: Context, extra: dict[str, Any]) -> Any:
    """Restore an instance as it was at a point in time."""
    point = context.inputs["restoreToPointInTime"]
    point = point[0] if isinstance(point, list) else point
    members = {
        "SourceDBInstanceIdentifier": point.get("sourceDbInstanceIdentifier"),
        "SourceDbiResourceId": point.get("sourceDbiResourceId"),
        "RestoreTime": point.get("restoreTime"),
        "UseLatestRestorableTime": point.get("useLatestRestorableTime"),
        "SourceDBInstanceAutomatedBackupsArn": point.get("sourceDbInstanceAutomatedBackupsArn"),
        "TargetDBInstanceIdentifier": context.inputs["identifier"],
    }
    given = {key: value for key, value in members.items() if value is not None}
    return context.send(TO_POINT_IN_TIME, **given, **extra)


def _read_instance(context: Context) -> Any:
    """Describe an instance under Pulumi's names."""
    named = context.inputs.get("identifier") or context.id
    asked = {"DBInstanceIdentifier": named}
    found = context.find(Ask("describe_db_instances", asked, "DBInstances[0]"))
    if found is None:
        return None
    endpoint = found.get("Endpoint") or {}
    pending = found.get("PendingModifiedValues") or {}
    address, port = endpoint.get("Address"), endpoint.get("Port")
    written = str(context.inputs.get("engineVersion") or "")
    actual = found.get("EngineVersion", "")
    return {
        **found,
        **{key: value for key, value in pending.items() if key in found},
        "Address": address,
        "Port": port,
        "Endpoint": f"{address}:{port}" if address else None,
        "HostedZoneId": endpoint.get("HostedZoneId"),
        "EngineVersionActual": actual,
        # `15` means any 15: reality is no other version than the program asked for.
        "EngineVersion": written if written and _within(actual, written) else actual,
    }


def _within(actual: str, written: str) -> bool:
    return actual == written or actual.startswith(f"{written}.")


def _modify_instance(context: Context) -> None:
    """Change an instance at once: a maintenance window is not worth waiting for here."""
    changed = frozenset(
        key for key in CHANGEABLE if context.inputs.get(key) != context.old.get(key)
    )
    send = Send(
        "modify_db_instance",
        {**INSTANCE, "ApplyImmediately": True},
        only=CHANGEABLE,
        changed_only=True,
    )
    context.send_changed(send, changed)


def _complete(context: Context) -> None:
    """Set what neither a replica nor a restored instance can be given when it is created."""
    inputs = context.inputs
    made = next((send for key, send in MADE_FROM.items() if inputs.get(key)), None)
    if made is None or context.old:
        return
    sent = carried(context.spec, made, input_shape(context.client(), made.operation))
    now = _read_instance(context)["EngineVersionActual"]
    wanted = tuple(
        key
        for key in CHANGEABLE
        if key not in sent
        and inputs.get(key) is not None
        and not (key == "engineVersion" and _within(now, str(inputs[key])))
    )
    if not wanted:
        return
    context.send(Send("modify_db_instance", {**INSTANCE, "ApplyImmediately": True}, only=wanted))
    context.until(
        lambda: (_read_instance(context) or {}).get("DBInstanceStatus") == "available",
        f"waiting for {context.id} to be available",
        delay=0.05,
        timeout=300,
    )


def _promote(context: Context) -> None:
    """Make a replica an instance of its own, when the program no longer names its source."""
    if context.inputs.get("replicateSourceDb"):
        raise ResourceOperationError("a replica's source cannot be changed: replace the replica")
    described = _read_instance(context)
    if described and described.get("ReadReplicaSourceDBInstanceIdentifier"):
        context.ask(Ask("promote_read_replica", INSTANCE))


def _delete_instance(context: Context) -> None:
    """Delete an instance, with the final snapshot that the program asks for."""
    parameters: dict[str, Any] = {"DBInstanceIdentifier": context.inputs["identifier"]}
    replica = bool(context.inputs.get("replicateSourceDb"))
    skip = bool(context.inputs.get("skipFinalSnapshot")) or replica
    parameters["SkipFinalSnapshot"] = skip
    if not skip:
        final = context.inputs.get("finalSnapshotIdentifier")
        if not final:
            raise ResourceOperationError(
                "finalSnapshotIdentifier must be given when skipFinalSnapshot is false"
            )
        parameters["FinalDBSnapshotIdentifier"] = final
    backups = context.inputs.get("deleteAutomatedBackups")
    parameters["DeleteAutomatedBackups"] = True if backups is None else bool(backups)
    context.call("delete_db_instance", **parameters)


@dataclass(frozen=True)
class GroupWords:
    """What a service calls its parameter groups.

    Attributes:
        stem: Middle of the operations' names, such as `db_parameter` (`create_…_group`,
            `describe_…s`).
        word: The structure of the answers, such as `DBParameterGroup`.
        kind: The word in ARNs.
    """

    stem: str
    word: str
    kind: str


def _new_parameters(context: Context) -> list[dict[str, Any]]:
    """Return the parameters that are new or other than before."""
    before = context.old.get("parameters") or ()
    return [
        {
            "ParameterName": item["name"],
            "ParameterValue": str(item["value"]),
            "ApplyMethod": item.get("applyMethod") or _apply_method(context),
        }
        for item in context.inputs.get("parameters") or ()
        if item not in before
    ]


def _apply_method(context: Context) -> str:
    """Return how a parameter is applied if the program does not say: as pulumi_aws has it."""
    return "pending-reboot" if context.spec.service == "docdb" else "immediate"


def _parameter_setter(words: GroupWords) -> Function:
    """Return the function that sets a group's parameters."""

    def apply(context: Context) -> None:
        """Set the parameters of a group, and put back those that are no longer named."""
        group = {f"{words.word}Name": context.id}
        changed = _new_parameters(context)
        for start in range(0, len(changed), BATCH):
            batch = changed[start : start + BATCH]
            context.call(f"modify_{words.stem}_group", **group, Parameters=batch)
        names = {item["name"] for item in context.inputs.get("parameters") or ()}
        old = context.old.get("parameters") or ()
        reset = [
            {"ParameterName": item["name"], "ApplyMethod": "pending-reboot"}
            for item in old
            if item["name"] not in names
        ]
        if reset:
            context.call(
                f"reset_{words.stem}_group", **group, ResetAllParameters=False, Parameters=reset
            )

    return apply


def _parameter_reader(words: GroupWords) -> Function:
    """Return the function that describes a group."""

    def describe(context: Context) -> Any:
        """Describe a parameter group with the parameters that somebody set."""
        named = {f"{words.word}Name": "{id}"}
        found = context.find(Ask(f"describe_{words.stem}_groups", named, f"{words.word}s[0]"))
        if found is None:
            return None
        paginator = context.client().get_paginator(f"describe_{words.stem}s")
        pages = paginator.paginate(**{f"{words.word}Name": context.id}, Source="user")
        found["Parameters"] = [
            {
                "Name": item["ParameterName"],
                "Value": item.get("ParameterValue", ""),
                "ApplyMethod": item.get("ApplyMethod", "immediate"),
            }
            for page in pages
            for item in page["Parameters"]
            if item.get("Source") == "user"
        ]
        return found

    return describe


def parameter_group(token: str, service: str, words: GroupWords, note: str) -> ResourceSpec:
    """Return the row of a service's parameter groups."""
    handled = ("parameters", "skipDestroy") if service == "rds" else ("parameters",)
    defaults = {"description": "Managed by Pulumi"}
    return ResourceSpec(
        type=token,
        service=service,
        identity=name(),
        fidelity=Fidelity.LIVE,
        create=Send(f"create_{words.stem}_group"),
        read=_parameter_reader(words),
        updates=(Update(_parameter_setter(words), ("parameters",), on_create=True),),
        delete=Ask(f"delete_{words.stem}_group", {f"{words.word}Name": "{id}"}),
        names={"name": f"{words.word}Name", "family": "DBParameterGroupFamily"},
        outputs={"arn": f"{ARN}{words.kind}:{{id}}"},
        defaults=defaults | ({"skipDestroy": False} if service == "rds" else {}),
        name=Name("name", 255, lower=True),
        handled=handled,
        tags=tagging(f"{ARN}{words.kind}:{{id}}"),
        note=note,
    )


def subnet_group(token: str, service: str) -> ResourceSpec:
    """Return the row of a service's subnet groups."""
    named = {"DBSubnetGroupName": "{id}"}
    change = Send("modify_db_subnet_group", named, only=("description", "subnetIds"))
    return ResourceSpec(
        type=token,
        service=service,
        identity=name(),
        fidelity=Fidelity.API,
        create=Send("create_db_subnet_group"),
        answer="DBSubnetGroup",
        read=Ask("describe_db_subnet_groups", named, "DBSubnetGroups[0]"),
        updates=(Update(change),),
        delete=Ask("delete_db_subnet_group", named),
        names={"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription"},
        reads={"subnetIds": "Subnets[].SubnetIdentifier"},
        outputs={"arn": ARN + "subgrp:{id}"},
        defaults={"description": "Managed by Pulumi"},
        name=Name("name", 255, lower=True),
        tags=tagging(ARN + "subgrp:{id}"),
    )


CHANGEABLE = (
    "allocatedStorage",
    "autoMinorVersionUpgrade",
    "backupRetentionPeriod",
    "backupWindow",
    "caCertIdentifier",
    "copyTagsToSnapshot",
    "databaseInsightsMode",
    "dedicatedLogVolume",
    "deletionProtection",
    "engineVersion",
    "iamDatabaseAuthenticationEnabled",
    "instanceClass",
    "iops",
    "licenseModel",
    "maintenanceWindow",
    "manageMasterUserPassword",
    "masterUserSecretKmsKeyId",
    "maxAllocatedStorage",
    "monitoringInterval",
    "monitoringRoleArn",
    "multiAz",
    "networkType",
    "optionGroupName",
    "parameterGroupName",
    "password",
    "performanceInsightsEnabled",
    "performanceInsightsKmsKeyId",
    "performanceInsightsRetentionPeriod",
    "port",
    "publiclyAccessible",
    "replicaMode",
    "storageThroughput",
    "storageType",
    "vpcSecurityGroupIds",
)
"""What `ModifyDBInstance` changes; everything else replaces the instance."""

SPECS = (
    ResourceSpec(
        type="aws:rds/instance:Instance",
        service="rds",
        identity=assigned("DBInstance.DbiResourceId"),
        fidelity=Fidelity.LIVE,
        create=_create_instance,
        sends=(NEW, REPLICA, FROM_SNAPSHOT, TO_POINT_IN_TIME),
        read=_read_instance,
        updates=(
            Update(_promote, ("replicateSourceDb",)),
            Update(_complete, CHANGEABLE, on_create=True),
            Update(_modify_instance, CHANGEABLE),
        ),
        delete=_delete_instance,
        names={
            "identifier": "DBInstanceIdentifier",
            "instanceClass": "DBInstanceClass",
            "username": "MasterUsername",
            "password": "MasterUserPassword",
            "parameterGroupName": "DBParameterGroupName",
            "backupWindow": "PreferredBackupWindow",
            "maintenanceWindow": "PreferredMaintenanceWindow",
            "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
            "caCertIdentifier": "CACertificateIdentifier",
            "performanceInsightsEnabled": "EnablePerformanceInsights",
            "customerOwnedIpEnabled": "EnableCustomerOwnedIp",
            "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
            "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
            "replicateSourceDb": "SourceDBInstanceIdentifier",
            "snapshotIdentifier": "DBSnapshotIdentifier",
            "domainIamRoleName": "DomainIAMRoleName",
        },
        reads={
            "address": "Address",
            "arn": "DBInstanceArn",
            "caCertIdentifier": "CACertificateIdentifier",
            "dbSubnetGroupName": "DBSubnetGroup.DBSubnetGroupName",
            "enabledCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
            "endpoint": "Endpoint",
            "iamDatabaseAuthenticationEnabled": "IAMDatabaseAuthenticationEnabled",
            "masterUserSecrets": "MasterUserSecret && [MasterUserSecret]",
            "parameterGroupName": "DBParameterGroups[0].DBParameterGroupName",
            "performanceInsightsEnabled": "PerformanceInsightsEnabled",
            "optionGroupName": "OptionGroupMemberships[0].OptionGroupName",
            "replicas": "ReadReplicaDBInstanceIdentifiers",
            "replicateSourceDb": "ReadReplicaSourceDBInstanceIdentifier || ''",
            "resourceId": "DbiResourceId",
            "status": "DBInstanceStatus",
            "vpcSecurityGroupIds": "VpcSecurityGroups[].VpcSecurityGroupId",
        },
        unread=(
            "password",
            "availabilityZone",
            "performanceInsightsKmsKeyId",
            "kmsKeyId",
            "manageMasterUserPassword",
            "masterUserSecretKmsKeyId",
            "s3Import",
            "snapshotIdentifier",
            "restoreToPointInTime",
            "domainDnsIps",
        ),
        defaults={
            "applyImmediately": False,
            "autoMinorVersionUpgrade": True,
            "copyTagsToSnapshot": False,
            "deleteAutomatedBackups": True,
            "monitoringInterval": 0,
            "publiclyAccessible": False,
            "skipFinalSnapshot": False,
        },
        name=Name("identifier", 63, lower=True),
        handled=(
            "applyImmediately",
            "allowMajorVersionUpgrade",
            "deleteAutomatedBackups",
            "finalSnapshotIdentifier",
            "replicateSourceDb",
            "restoreToPointInTime",
            "skipFinalSnapshot",
        ),
        replace=("restoreToPointInTime",),
        no_local_effect=(
            "blueGreenUpdate.*",
            "enabledCloudwatchLogsExports",
            "passwordWo",
            "passwordWoVersion",
            "s3Import.*",
            "upgradeStorageConfig",
            "warningEventCategories",
            "domainDnsIps",
        ),
        tags=tagging(ARN + "db:{identifier}"),
        created=Waiter("DBInstanceStatus", ("available",), ("failed", "incompatible-parameters")),
        updated=Waiter("DBInstanceStatus", ("available",), ("failed", "incompatible-parameters")),
        deleted=True,
        find=Find(
            Ask("describe_db_instances", {"DBInstanceIdentifier": "{identifier}"}, "DBInstances"),
            ("identifier",),
        ),
        note="a running PostgreSQL; the version that really runs is `engineVersionActual`",
    ),
    ResourceSpec(
        type="aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication",
        service="rds",
        identity=assigned("DBInstanceAutomatedBackup.DBInstanceAutomatedBackupsArn"),
        fidelity=Fidelity.LIVE,
        create=Send("start_db_instance_automated_backups_replication"),
        read=Ask(
            "describe_db_instance_automated_backups",
            {"DBInstanceAutomatedBackupsArn": "{id}"},
            "DBInstanceAutomatedBackups[0]",
        ),
        delete=Ask(
            "stop_db_instance_automated_backups_replication",
            {"SourceDBInstanceArn": "{sourceDbInstanceArn}"},
        ),
        names={"retentionPeriod": "BackupRetentionPeriod"},
        reads={"sourceDbInstanceArn": "DBInstanceArn"},
        unread=("preSignedUrl",),
        defaults={"retentionPeriod": 7},
        note="the other region restores from them; the files stay with their source",
    ),
    subnet_group("aws:rds/subnetGroup:SubnetGroup", "rds"),
    parameter_group(
        "aws:rds/parameterGroup:ParameterGroup",
        "rds",
        GroupWords("db_parameter", "DBParameterGroup", "pg"),
        note="settings that the running PostgreSQL knows are applied to it",
    ),
)
