"""Redis: replication groups with what they need."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import name, parameter
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
    Waiter,
)

ARN = "arn:aws:elasticache:{region}:{account}:"
GROUP = {"ReplicationGroupId": "{id}"}


def tagging(arn: str) -> Tagging:
    """Return how a resource of ElastiCache with this ARN is tagged."""
    return Tagging(
        member="Tags",
        form="list",
        add="add_tags_to_resource",
        remove="remove_tags_from_resource",
        resource={"ResourceName": arn},
        read=Ask("list_tags_for_resource", {"ResourceName": arn}, "TagList"),
    )


def _read_group(context: Context) -> Any:
    """Describe a replication group with what only its nodes tell."""
    found = context.find(Ask("describe_replication_groups", GROUP, "ReplicationGroups[0]"))
    if found is None:
        return None
    nodes = (found.get("NodeGroups") or [{}])[0]
    primary = nodes.get("PrimaryEndpoint") or {}
    members = found.get("MemberClusters") or []
    described = {
        **found,
        "PrimaryEndpointAddress": primary.get("Address"),
        "ReaderEndpointAddress": (nodes.get("ReaderEndpoint") or {}).get("Address"),
        "Port": primary.get("Port"),
        "NumCacheClusters": len(members),
        "NumNodeGroups": len(found.get("NodeGroups") or ()),
        "AutomaticFailoverEnabled": str(found.get("AutomaticFailover", "")).startswith("enabl"),
        "MultiAzEnabled": found.get("MultiAZ") == "enabled",
    }
    if members:
        described |= _node(context, members[0])
    return described


def _node(context: Context, member: str) -> dict[str, Any]:
    asked = {"CacheClusterId": member, "ShowCacheNodeInfo": False}
    cluster = context.find(Ask("describe_cache_clusters", asked, "CacheClusters[0]"))
    if cluster is None:
        return {}
    actual = cluster.get("EngineVersion", "")
    written = str(context.inputs.get("engineVersion") or "")
    within = actual == written or actual.startswith(f"{written}.")
    return {
        "EngineVersion": written if written and within else actual,
        "EngineVersionActual": actual,
        "Engine": cluster.get("Engine"),
        "MaintenanceWindow": cluster.get("PreferredMaintenanceWindow"),
        "ParameterGroupName": cluster.get("CacheParameterGroup", {}).get("CacheParameterGroupName"),
        "SubnetGroupName": cluster.get("CacheSubnetGroupName"),
        "SecurityGroupIds": [
            group["SecurityGroupId"] for group in cluster.get("SecurityGroups") or ()
        ],
    }


def _modify(context: Context) -> None:
    """Change a replication group at once."""
    changed = frozenset(
        key for key in CHANGEABLE if context.inputs.get(key) != context.old.get(key)
    )
    send = Send(
        "modify_replication_group",
        {**GROUP, "ApplyImmediately": True},
        only=CHANGEABLE,
        changed_only=True,
    )
    extra: dict[str, Any] = {}
    if "authToken" in changed:
        extra["AuthTokenUpdateStrategy"] = context.inputs.get("authTokenUpdateStrategy", "ROTATE")
    context.send_changed(send, changed, **extra)


def _set_count(context: Context) -> None:
    """Add or remove replicas."""
    wanted = int(context.inputs["numCacheClusters"]) - 1
    now = len(_read_group(context)["MemberClusters"]) - 1
    if wanted == now:
        return
    operation = "increase_replica_count" if wanted > now else "decrease_replica_count"
    context.call(
        operation, ReplicationGroupId=context.id, NewReplicaCount=wanted, ApplyImmediately=True
    )


def _delete(context: Context) -> None:
    """Delete a replication group, with the final snapshot that the program names."""
    final = context.inputs.get("finalSnapshotIdentifier")
    extra = {"FinalSnapshotIdentifier": final} if final else {}
    context.call("delete_replication_group", ReplicationGroupId=context.id, **extra)


def _set_parameters(context: Context) -> None:
    """Set the parameters of a group, and put back those that are no longer named."""
    group = {"CacheParameterGroupName": context.id}
    before = context.old.get("parameters") or ()
    after = context.inputs.get("parameters") or ()
    changed = [
        {"ParameterName": item["name"], "ParameterValue": str(item["value"])}
        for item in after
        if item not in before
    ]
    if changed:
        context.call("modify_cache_parameter_group", **group, ParameterNameValues=changed)
    names = {item["name"] for item in after}
    dropped = [{"ParameterName": i["name"]} for i in before if i["name"] not in names]
    if dropped:
        context.call(
            "reset_cache_parameter_group",
            **group,
            ResetAllParameters=False,
            ParameterNameValues=dropped,
        )


def _read_parameters(context: Context) -> Any:
    """Describe a parameter group with the parameters that somebody set."""
    group = {"CacheParameterGroupName": "{id}"}
    found = context.find(Ask("describe_cache_parameter_groups", group, "CacheParameterGroups[0]"))
    if found is None:
        return None
    paginator = context.client().get_paginator("describe_cache_parameters")
    pages = paginator.paginate(CacheParameterGroupName=context.id, Source="user")
    found["Parameters"] = [
        {"Name": item["ParameterName"], "Value": item.get("ParameterValue", "")}
        for page in pages
        for item in page["Parameters"]
        if item.get("Source") == "user"
    ]
    return found


CHANGEABLE = (
    "authToken",
    "autoMinorVersionUpgrade",
    "automaticFailoverEnabled",
    "description",
    "engine",
    "engineVersion",
    "ipDiscovery",
    "logDeliveryConfigurations",
    "maintenanceWindow",
    "multiAzEnabled",
    "nodeType",
    "notificationTopicArn",
    "parameterGroupName",
    "securityGroupIds",
    "snapshotRetentionLimit",
    "snapshotWindow",
    "transitEncryptionMode",
    "clusterMode",
)
"""What `ModifyReplicationGroup` changes; everything else but the count replaces the group."""

SPECS = (
    ResourceSpec(
        type="aws:elasticache/replicationGroup:ReplicationGroup",
        service="elasticache",
        identity=parameter("replicationGroupId"),
        fidelity=Fidelity.LIVE,
        create=Send("create_replication_group"),
        read=_read_group,
        updates=(
            Update(_modify, CHANGEABLE),
            Update(_set_count, ("numCacheClusters",)),
        ),
        delete=_delete,
        names={
            "description": "ReplicationGroupDescription",
            "maintenanceWindow": "PreferredMaintenanceWindow",
            "nodeType": "CacheNodeType",
            "parameterGroupName": "CacheParameterGroupName",
            "preferredCacheClusterAzs": "PreferredCacheClusterAZs",
            "securityGroupNames": "CacheSecurityGroupNames",
            "subnetGroupName": "CacheSubnetGroupName",
            "logDeliveryConfigurations.destination": (
                "DestinationDetails.CloudWatchLogsDetails.LogGroup"
            ),
        },
        reads={
            "arn": "ARN",
            "authToken": "AuthToken",
            "description": "Description",
            "maintenanceWindow": "MaintenanceWindow",
            "parameterGroupName": "ParameterGroupName",
            "subnetGroupName": "SubnetGroupName",
        },
        unread=(
            "authToken",
            "autoMinorVersionUpgrade",
            "kmsKeyId",
            "logDeliveryConfigurations",
            "maintenanceWindow",
            "nodeGroupConfigurations",
            "notificationTopicArn",
            "preferredCacheClusterAzs",
            "replicasPerNodeGroup",
            "snapshotArns",
            "snapshotName",
        ),
        defaults={"atRestEncryptionEnabled": False, "autoMinorVersionUpgrade": True},
        name=Name("replicationGroupId", 40, lower=True),
        handled=(
            "applyImmediately",
            "authTokenUpdateStrategy",
            "finalSnapshotIdentifier",
        ),
        no_local_effect=("authTokenWo", "authTokenWoVersion", "durability"),
        tags=tagging(ARN + "replicationgroup:{id}"),
        created=Waiter("Status", ("available",), ("create-failed",)),
        updated=Waiter("Status", ("available",)),
        deleted=True,
        note="a running primary and replicas",
    ),
    ResourceSpec(
        type="aws:elasticache/subnetGroup:SubnetGroup",
        service="elasticache",
        identity=name(),
        fidelity=Fidelity.API,
        create=Send("create_cache_subnet_group"),
        answer="CacheSubnetGroup",
        read=Ask(
            "describe_cache_subnet_groups",
            {"CacheSubnetGroupName": "{id}"},
            "CacheSubnetGroups[0]",
        ),
        updates=(
            Update(
                Send(
                    "modify_cache_subnet_group",
                    {"CacheSubnetGroupName": "{id}"},
                    only=("description", "subnetIds"),
                )
            ),
        ),
        delete=Ask("delete_cache_subnet_group", {"CacheSubnetGroupName": "{id}"}),
        names={"name": "CacheSubnetGroupName", "description": "CacheSubnetGroupDescription"},
        reads={"subnetIds": "Subnets[].SubnetIdentifier"},
        outputs={"arn": ARN + "subnetgroup:{id}"},
        defaults={"description": "Managed by Pulumi"},
        name=Name("name", 255, lower=True),
        tags=tagging(ARN + "subnetgroup:{id}"),
    ),
    ResourceSpec(
        type="aws:elasticache/parameterGroup:ParameterGroup",
        service="elasticache",
        identity=name(),
        fidelity=Fidelity.API,
        create=Send("create_cache_parameter_group"),
        read=_read_parameters,
        updates=(Update(_set_parameters, ("parameters",), on_create=True),),
        delete=Ask("delete_cache_parameter_group", {"CacheParameterGroupName": "{id}"}),
        names={"name": "CacheParameterGroupName", "family": "CacheParameterGroupFamily"},
        outputs={"arn": ARN + "parametergroup:{id}"},
        defaults={"description": "Managed by Pulumi"},
        name=Name("name", 255, lower=True),
        handled=("parameters",),
        tags=tagging(ARN + "parametergroup:{id}"),
    ),
)
