"""DocumentDB clusters and instances with what they need: subnet groups and parameter groups."""

from typing import Any

from platformctl.plugin.provider import ResourceOperationError
from platformctl.provider.context import Context
from platformctl.provider.identity import parameter
from platformctl.provider.services.rds import (
    ARN,
    GroupWords,
    parameter_group,
    subnet_group,
    tagging,
)
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Find,
    Name,
    ResourceSpec,
    Send,
    Update,
    Waiter,
)
from platformctl.provider.tags import on_create

CLUSTER = {"DBClusterIdentifier": "{id}"}
INSTANCE = {"DBInstanceIdentifier": "{id}"}
NEW = Send("create_db_cluster", {"Engine": "{engine|docdb}"})
FROM_SNAPSHOT = Send("restore_db_cluster_from_snapshot", {"Engine": "{engine|docdb}"})
CHANGEABLE = (
    "backupRetentionPeriod",
    "dbClusterParameterGroupName",
    "deletionProtection",
    "masterPassword",
    "preferredBackupWindow",
    "preferredMaintenanceWindow",
    "storageType",
    "vpcSecurityGroupIds",
)
INSTANCE_CHANGEABLE = (
    "autoMinorVersionUpgrade",
    "caCertIdentifier",
    "copyTagsToSnapshot",
    "instanceClass",
    "preferredMaintenanceWindow",
    "promotionTier",
)


def _create(context: Context) -> Any:
    """Create a cluster, empty or from a snapshot."""
    extra = {**on_create(context), "Engine": context.inputs.get("engine") or "docdb"}
    if context.inputs.get("snapshotIdentifier"):
        return context.send(FROM_SNAPSHOT, **extra)
    missing = [key for key in ("masterUsername", "masterPassword") if not context.inputs.get(key)]
    if missing:
        raise ResourceOperationError(
            f"{', '.join(missing)} must be given for a cluster that is not restored from a snapshot"
        )
    return context.send(NEW, **extra)


def _export_logs(context: Context) -> None:
    """Say which logs go to CloudWatch, and which do no longer."""
    before, after = (
        set(each.get("enabledCloudwatchLogsExports") or ())
        for each in (context.old, context.inputs)
    )
    change = {"EnableLogTypes": sorted(after - before), "DisableLogTypes": sorted(before - after)}
    context.call(
        "modify_db_cluster",
        DBClusterIdentifier=context.id,
        CloudwatchLogsExportConfiguration=change,
    )


def _delete(context: Context) -> None:
    """Delete a cluster, with the final snapshot that the program asks for."""
    final = context.inputs.get("finalSnapshotIdentifier")
    if context.inputs.get("skipFinalSnapshot"):
        context.call("delete_db_cluster", DBClusterIdentifier=context.id, SkipFinalSnapshot=True)
        return
    if not final:
        raise ResourceOperationError(
            "finalSnapshotIdentifier must be given when skipFinalSnapshot is false"
        )
    context.call(
        "delete_db_cluster", DBClusterIdentifier=context.id, FinalDBSnapshotIdentifier=final
    )


def _remember(context: Context) -> None:  # every function of a row has it
    """Do nothing: what changed is for the deletion."""


SPECS = (
    ResourceSpec(
        type="aws:docdb/cluster:Cluster",
        service="docdb",
        identity=parameter("clusterIdentifier"),
        fidelity=Fidelity.LIVE,
        create=_create,
        sends=(NEW, FROM_SNAPSHOT),
        read=Ask("describe_db_clusters", CLUSTER, "DBClusters[0]"),
        updates=(
            Update(
                Send(
                    "modify_db_cluster",
                    {**CLUSTER, "ApplyImmediately": True},
                    only=CHANGEABLE,
                    changed_only=True,
                ),
            ),
            Update(_export_logs, ("enabledCloudwatchLogsExports",)),
            Update(_remember, ("skipFinalSnapshot", "finalSnapshotIdentifier")),
        ),
        delete=_delete,
        names={
            "clusterIdentifier": "DBClusterIdentifier",
            "masterPassword": "MasterUserPassword",
            "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
        },
        reads={
            "arn": "DBClusterArn",
            "clusterMembers": "DBClusterMembers[].DBInstanceIdentifier",
            "clusterResourceId": "DbClusterResourceId",
            "dbClusterParameterGroupName": "DBClusterParameterGroup",
            "dbSubnetGroupName": "DBSubnetGroup",
            "enabledCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
            "endpoint": "Endpoint",
            "readerEndpoint": "ReaderEndpoint",
            "vpcSecurityGroupIds": "VpcSecurityGroups[].VpcSecurityGroupId",
        },
        unread=(
            "availabilityZones",
            "finalSnapshotIdentifier",
            "kmsKeyId",
            "masterPassword",
            "skipFinalSnapshot",
            "snapshotIdentifier",
            "port",
        ),
        defaults={
            "applyImmediately": False,
            "engine": "docdb",
            "port": 27017,
            "skipFinalSnapshot": False,
        },
        name=Name("clusterIdentifier", 63, lower=True),
        handled=("engine", "finalSnapshotIdentifier", "skipFinalSnapshot", "applyImmediately"),
        replace=("engine", "clusterIdentifierPrefix", "snapshotIdentifier"),
        no_local_effect=(
            "allowMajorVersionUpgrade",
            "clusterIdentifierPrefix",
            "clusterMembers",
            "globalClusterIdentifier",
            "manageMasterUserPassword",
            "masterPasswordWo",
            "masterPasswordWoVersion",
            "networkType",
            "restoreToPointInTime.*",
            "serverlessV2ScalingConfiguration.*",
        ),
        tags=tagging(ARN + "cluster:{id}"),
        created=Waiter("Status", ("available",), ("failed",)),
        updated=Waiter("Status", ("available",), ("failed",)),
        deleted=True,
        find=Find(
            Ask(
                "describe_db_clusters", {"DBClusterIdentifier": "{clusterIdentifier}"}, "DBClusters"
            ),
            ("clusterIdentifier",),
        ),
        note="a server of MongoDB's protocol over mongomock, with TLS, SCRAM and a file: CRUD, "
        "indexes and most pipelines; no transactions, change streams, text or geo search",
    ),
    ResourceSpec(
        type="aws:docdb/clusterInstance:ClusterInstance",
        service="docdb",
        identity=parameter("identifier"),
        fidelity=Fidelity.LIVE,
        create=Send("create_db_instance", {"Engine": "{engine|docdb}"}),
        read=Ask("describe_db_instances", INSTANCE, "DBInstances[0]"),
        updates=(
            Update(
                Send(
                    "modify_db_instance",
                    {**INSTANCE, "ApplyImmediately": True},
                    only=INSTANCE_CHANGEABLE,
                    changed_only=True,
                ),
            ),
        ),
        delete=Ask("delete_db_instance", INSTANCE),
        names={
            "identifier": "DBInstanceIdentifier",
            "clusterIdentifier": "DBClusterIdentifier",
            "instanceClass": "DBInstanceClass",
            "caCertIdentifier": "CACertificateIdentifier",
            "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
        },
        reads={
            "arn": "DBInstanceArn",
            "dbSubnetGroupName": "DBSubnetGroup.DBSubnetGroupName",
            "dbiResourceId": "DbiResourceId",
            "enablePerformanceInsights": "PerformanceInsightsEnabled",
            "endpoint": "Endpoint.Address",
            "port": "Endpoint.Port",
        },
        unread=("availabilityZone", "performanceInsightsKmsKeyId"),
        defaults={
            "applyImmediately": False,
            "autoMinorVersionUpgrade": True,
            "engine": "docdb",
            "promotionTier": 0,
        },
        name=Name("identifier", 63, lower=True),
        replace=("identifierPrefix",),
        no_local_effect=("applyImmediately", "certificateRotationRestart", "identifierPrefix"),
        tags=tagging(ARN + "db:{id}"),
        created=Waiter("DBInstanceStatus", ("available",), ("failed",)),
        deleted=True,
        note="an endpoint of the cluster's one server",
    ),
    subnet_group("aws:docdb/subnetGroup:SubnetGroup", "docdb"),
    parameter_group(
        "aws:docdb/clusterParameterGroup:ClusterParameterGroup",
        "docdb",
        GroupWords("db_cluster_parameter", "DBClusterParameterGroup", "cluster-pg"),
        note="only `tls` changes what the local server does",
    ),
)
