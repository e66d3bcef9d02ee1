"""Kubernetes clusters: control plane, nodes, add-ons, who may log in."""

from collections.abc import Mapping
from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import joined, name
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Find,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
    Waiter,
)

CLUSTER = {"name": "{id}"}
NODES = {"clusterName": "{clusterName}", "nodegroupName": "{nodeGroupName}"}
ADD_ON = {"clusterName": "{clusterName}", "addonName": "{addonName}"}
ENTRY = {"clusterName": "{clusterName}", "principalArn": "{principalArn}"}
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
SECTIONS = (
    "computeConfig",
    "controlPlaneScalingConfig",
    "deletionProtection",
    "kubeApiServerConfig",
    "kubeControllerManagerConfig",
    "kubeSchedulerConfig",
    "remoteNetworkConfig",
    "storageConfig",
    "upgradePolicy",
    "vpcConfig",
    "zonalShiftConfig",
)
"""Sections of a cluster that `UpdateClusterConfig` changes, each in a call of its own."""


def _tagging(arn: str) -> Tagging:
    return Tagging(
        member="tags",
        form="map",
        add="tag_resource",
        remove="untag_resource",
        resource={"resourceArn": "{" + arn + "}"},
        read="tags",
        tags_member="tags",
        keys_member="tagKeys",
    )


def _create_cluster(context: Context) -> Any:
    """Create a cluster with the logs that are wanted."""
    send = Send("create_cluster")
    logs = _logging(context.inputs.get("enabledClusterLogTypes"))
    return context.send(send, logging=logs, tags=context.tags)


def _logging(types: Any) -> Mapping[str, Any]:
    on = sorted(types or ())
    off = [kind for kind in LOG_TYPES if kind not in on]
    setups = [{"types": on, "enabled": True}, {"types": off, "enabled": False}]
    return {"clusterLogging": [setup for setup in setups if setup["types"]]}


def _set_logging(context: Context) -> None:
    """Turn logs on and off."""
    logs = _logging(context.inputs.get("enabledClusterLogTypes"))
    context.call("update_cluster_config", name=context.id, logging=logs)


def _set_access(context: Context) -> None:
    """Change how principals log in; whether the creator may was decided at the creation."""
    access = context.inputs.get("accessConfig") or {}
    mode = {"authenticationMode": access.get("authenticationMode") or "API"}
    context.call("update_cluster_config", name=context.id, accessConfig=mode)


def _read_cluster(context: Context) -> Any:
    """Describe a cluster with its logs as the list that Pulumi has."""
    cluster = context.find(Ask("describe_cluster", CLUSTER, "cluster"))
    if cluster is None or cluster["status"] == "DELETING":
        return None
    setups = (cluster.get("logging") or {}).get("clusterLogging") or ()
    on = [kind for setup in setups if setup.get("enabled") for kind in setup["types"]]
    return {**cluster, "enabledClusterLogTypes": on}


def _set_labels(context: Context) -> None:
    """Make the labels of nodes what they should be."""
    before, after = context.old.get("labels") or {}, context.inputs.get("labels") or {}
    gone = [key for key in before if key not in after]
    _configure(context, "labels", {"addOrUpdateLabels": after, "removeLabels": gone})


def _set_taints(context: Context) -> None:
    """Make the taints of nodes what they should be."""
    before, after = context.old.get("taints") or [], context.inputs.get("taints") or []
    gone = [taint for taint in before if taint not in after]
    _configure(context, "taints", {"addOrUpdateTaints": after, "removeTaints": gone})


def _configure(context: Context, member: str, change: Mapping[str, Any]) -> None:
    given = {key: value for key, value in change.items() if value}
    place = {key: context.inputs[key] for key in ("clusterName", "nodeGroupName")}
    context.call(
        "update_nodegroup_config",
        clusterName=place["clusterName"],
        nodegroupName=place["nodeGroupName"],
        **{member: given},
    )


def _read_association(context: Context) -> Any:
    """Tell whether a policy is associated with a principal, and where."""
    found = context.find(Ask("list_associated_access_policies", ENTRY, "associatedAccessPolicies"))
    policy = context.inputs.get("policyArn")
    return next((one for one in found or () if one["policyArn"] == policy), None)


SPECS = (
    ResourceSpec(
        type="aws:eks/cluster:Cluster",
        service="eks",
        identity=name(),
        fidelity=Fidelity.LIVE,
        create=_create_cluster,
        sends=(Send("create_cluster"),),
        read=_read_cluster,
        updates=(
            *(
                Update(Send("update_cluster_config", CLUSTER, only=(section,)), (section,))
                for section in SECTIONS
            ),
            Update(_set_access, ("accessConfig",)),
            Update(_set_logging, ("enabledClusterLogTypes",)),
            Update(Send("update_cluster_version", CLUSTER, only=("version",)), ("version",)),
        ),
        delete=Ask("delete_cluster", CLUSTER),
        names={"vpcConfig": "resourcesVpcConfig"},
        reads={"clusterId": "id"},
        computed=("vpcConfig.clusterSecurityGroupId", "vpcConfig.vpcId"),
        outputs={"arn": "arn:aws:eks:{region}:{account}:cluster/{id}"},
        defaults={
            "bootstrapSelfManagedAddons": True,
            "deletionProtection": False,
        },
        name=Name("name", 100),
        handled=("enabledClusterLogTypes", "defaultAddonsToRemoves", "forceUpdateVersion"),
        unread=("bootstrapSelfManagedAddons",),
        no_local_effect=(
            "defaultAddonsToRemoves",
            "forceUpdateVersion",
            "kubernetesNetworkConfig.serviceIpv6Cidr",
            "vpcConfig.clusterSecurityGroupId",
            "vpcConfig.vpcId",
        ),
        replace=("encryptionConfig", "kubernetesNetworkConfig", "roleArn"),
        tags=_tagging("arn"),
        created=Waiter("status", ("ACTIVE",), ("FAILED",), timeout=120),
        updated=Waiter("status", ("ACTIVE",), ("FAILED",), timeout=120),
        deleted=True,
        find=Find(Ask("describe_cluster", {"name": "{name}"}, "[cluster]"), ("name",)),
        note="a Kubernetes API server and controllers of our own; pods are processes",
    ),
    ResourceSpec(
        type="aws:eks/nodeGroup:NodeGroup",
        service="eks",
        identity=joined("clusterName", "nodeGroupName"),
        fidelity=Fidelity.API,
        create=Send("create_nodegroup"),
        answer="nodegroup",
        read=Ask("describe_nodegroup", NODES, "nodegroup"),
        updates=(
            Update(
                Send(
                    "update_nodegroup_config",
                    NODES,
                    only=("scalingConfig", "updateConfig", "nodeRepairConfig", "warmPoolConfig"),
                    changed_only=True,
                )
            ),
            Update(_set_labels, ("labels",)),
            Update(_set_taints, ("taints",)),
            Update(
                Send(
                    "update_nodegroup_version",
                    NODES,
                    only=("version", "releaseVersion", "launchTemplate"),
                ),
                ("version", "releaseVersion", "launchTemplate"),
            ),
        ),
        delete=Ask("delete_nodegroup", NODES),
        names={
            "nodeRoleArn": "nodeRole",
            "subnetIds": "subnets",
            "nodeGroupName": "nodegroupName",
            "remoteAccess.sourceSecurityGroupIds": "sourceSecurityGroups",
        },
        reads={"arn": "nodegroupArn"},
        outputs={},
        name=Name("nodeGroupName", 63),
        unread=("taints", "remoteAccess"),
        no_local_effect=("forceUpdateVersion", "warmPoolConfig.*"),
        tags=_tagging("arn"),
        created=Waiter("status", ("ACTIVE",), ("CREATE_FAILED",)),
        deleted=True,
        note="a Kubernetes node for each machine; pods run on this one",
    ),
    ResourceSpec(
        type="aws:eks/addon:Addon",
        service="eks",
        identity=joined("clusterName", "addonName"),
        fidelity=Fidelity.API,
        create=Send("create_addon"),
        answer="addon",
        read=Ask("describe_addon", ADD_ON, "addon"),
        updates=(
            Update(
                Send(
                    "update_addon",
                    ADD_ON,
                    only=("addonVersion", "configurationValues", "serviceAccountRoleArn"),
                )
            ),
        ),
        delete=Ask("delete_addon", ADD_ON),
        names={"resolveConflictsOnCreate": "resolveConflicts"},
        reads={"arn": "addonArn"},
        unread=("resolveConflictsOnCreate",),
        no_local_effect=("podIdentityAssociations", "preserve", "resolveConflictsOnUpdate"),
        tags=_tagging("arn"),
        created=Waiter("status", ("ACTIVE",), ("CREATE_FAILED",)),
        note="recorded; the region's agent does the work of the add-ons for networking and secrets",
    ),
    ResourceSpec(
        type="aws:eks/accessEntry:AccessEntry",
        service="eks",
        identity=joined("clusterName", "principalArn"),
        fidelity=Fidelity.API,
        create=Send("create_access_entry"),
        answer="accessEntry",
        read=Ask("describe_access_entry", ENTRY, "accessEntry"),
        updates=(
            Update(Send("update_access_entry", ENTRY, only=("kubernetesGroups", "userName"))),
        ),
        delete=Ask("delete_access_entry", ENTRY),
        names={"userName": "username"},
        defaults={"type": "STANDARD"},
        tags=_tagging("accessEntryArn"),
        note="recorded; the local API server lets in whoever has a token for the cluster",
    ),
    ResourceSpec(
        type="aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        service="eks",
        identity=joined("clusterName", "principalArn", "policyArn", separator="#"),
        fidelity=Fidelity.API,
        create=Send("associate_access_policy"),
        answer="associatedAccessPolicy",
        read=_read_association,
        delete=Ask("disassociate_access_policy", {**ENTRY, "policyArn": "{policyArn}"}),
        note="recorded; the local API server asks for no permission",
    ),
)
