"""What belongs to a cluster: node groups, add-ons, access entries, tags."""

import re
from collections.abc import Mapping
from typing import Any

from platformctl.region.services.base import Call
from platformctl.region.services.eks.clusters import ClusterOperations
from platformctl.region.services.eks.records import Record, arn, missing, shown, wrong

ADD_ONS: Mapping[str, str] = {
    "amazon-cloudwatch-observability": "v4.5.0-eksbuild.1",
    "aws-ebs-csi-driver": "v1.52.1-eksbuild.1",
    "aws-efs-csi-driver": "v2.1.13-eksbuild.1",
    "aws-secrets-store-csi-driver-provider": "v2.1.1-eksbuild.1",
    "coredns": "v1.12.4-eksbuild.1",
    "eks-pod-identity-agent": "v1.3.10-eksbuild.1",
    "kube-proxy": "v1.34.1-eksbuild.2",
    "kube-state-metrics": "v2.17.0-eksbuild.4",
    "metrics-server": "v0.8.0-eksbuild.5",
    "prometheus-node-exporter": "v1.10.2-eksbuild.3",
    "snapshot-controller": "v8.3.0-eksbuild.1",
    "vpc-cni": "v1.20.4-eksbuild.1",
}
"""Add-ons that can be installed → the version they get here."""
POLICY = re.compile(r"arn:aws:eks::aws:cluster-access-policy/Amazon(EKS|SageMaker|AIOps)\w+")


class PartOperations(ClusterOperations):
    """The operations on what belongs to a cluster."""

    # Node groups: machines are recorded; each is a Kubernetes node, and no more than that.

    def create_nodegroup(self, call: Call) -> dict[str, Any]:
        """Create a node group; its nodes are there at once."""
        cluster = self.active_cluster(call.region, call.parameters["clusterName"])
        given, name = call.parameters, call.parameters["nodegroupName"]
        sizes = {"minSize": 1, "maxSize": 2, "desiredSize": 2} | (given.get("scalingConfig") or {})
        _check_sizes(sizes)
        now = self.runtime.now()
        record: Record = {
            "nodegroupName": name,
            "nodegroupArn": arn(call, "nodegroup", cluster["name"], name),
            "clusterName": cluster["name"],
            "version": given.get("version") or cluster["version"],
            "releaseVersion": given.get("releaseVersion") or f"{cluster['version']}.0-20260101",
            "createdAt": now,
            "modifiedAt": now,
            "status": "ACTIVE",
            "capacityType": given.get("capacityType") or "ON_DEMAND",
            "scalingConfig": sizes,
            "instanceTypes": list(given.get("instanceTypes") or ["t3.medium"]),
            "subnets": list(given["subnets"]),
            "amiType": given.get("amiType") or "AL2023_x86_64_STANDARD",
            "nodeRole": given["nodeRole"],
            "labels": dict(given.get("labels") or {}),
            "taints": list(given.get("taints") or []),
            "diskSize": given.get("diskSize") or 20,
            "resources": {"autoScalingGroups": [{"name": f"eks-{name}"}]},
            "updateConfig": given.get("updateConfig") or {"maxUnavailable": 1},
            "nodeRepairConfig": given.get("nodeRepairConfig"),
            "launchTemplate": given.get("launchTemplate"),
            "remoteAccess": given.get("remoteAccess"),
            "warmPoolConfig": given.get("warmPoolConfig"),
            "health": {"issues": []},
            "tags": dict(given.get("tags") or {}),
        }
        self.new_part(call, "nodegroups", name, record)
        self.nodes_changed(call.region, cluster["name"])
        return {"nodegroup": shown(record)}

    def describe_nodegroup(self, call: Call) -> dict[str, Any]:
        """Describe a node group."""
        return {"nodegroup": shown(self._nodegroup(call))}

    def list_nodegroups(self, call: Call) -> dict[str, Any]:
        """List the names of a cluster's node groups."""
        return {"nodegroups": self._names(call, "nodegroups", "nodegroupName")}

    def update_nodegroup_config(self, call: Call) -> dict[str, Any]:
        """Change sizes, labels, taints or how nodes are replaced."""
        record, given = self._nodegroup(call), call.parameters
        if given.get("scalingConfig"):
            record["scalingConfig"] = {**record["scalingConfig"], **given["scalingConfig"]}
            _check_sizes(record["scalingConfig"])
        labels = given.get("labels") or {}
        gone = set(labels.get("removeLabels", ()))
        kept = {key: value for key, value in record["labels"].items() if key not in gone}
        record["labels"] = {**kept, **labels.get("addOrUpdateLabels", {})}
        taints = given.get("taints") or {}
        changed = [*taints.get("removeTaints", ()), *taints.get("addOrUpdateTaints", ())]
        identities = {(taint["key"], taint["effect"]) for taint in changed}
        rest = [one for one in record["taints"] if (one["key"], one["effect"]) not in identities]
        record["taints"] = [*rest, *taints.get("addOrUpdateTaints", ())]
        for key in ("updateConfig", "nodeRepairConfig", "warmPoolConfig"):
            if given.get(key):
                record[key] = given[key]
        return self._nodegroup_updated(call, record, "ConfigUpdate")

    def update_nodegroup_version(self, call: Call) -> dict[str, Any]:
        """Replace the nodes by newer ones."""
        record, given = self._nodegroup(call), call.parameters
        cluster = self.cluster(call.region, record["clusterName"])
        record["version"] = given.get("version") or cluster["version"]
        if record["version"] > cluster["version"]:
            raise wrong(f"Nodegroup version {record['version']} is newer than the cluster's")
        for key in ("releaseVersion", "launchTemplate"):
            record[key] = given.get(key) or record[key]
        return self._nodegroup_updated(call, record, "VersionUpdate")

    def delete_nodegroup(self, call: Call) -> dict[str, Any]:
        """Delete a node group."""
        record = self._nodegroup(call)
        del self.table(call.region, "nodegroups")[_key(record, "nodegroupName")]
        self.nodes_changed(call.region, record["clusterName"])
        return {"nodegroup": shown({**record, "status": "DELETING"})}

    def _nodegroup(self, call: Call) -> Record:
        return self.part(call, "nodegroups", "nodegroupName", "No node group")

    def _nodegroup_updated(self, call: Call, record: Record, kind: str) -> dict[str, Any]:
        record["modifiedAt"] = self.runtime.now()
        self.table(call.region, "nodegroups")[_key(record, "nodegroupName")] = record
        self.nodes_changed(call.region, record["clusterName"])
        return self.update_done(call, kind, {})

    def nodes_changed(self, region: str, cluster: str) -> None:
        """Have the cluster's nodes follow its node groups."""
        raise NotImplementedError

    # Add-ons: recorded. What they do for pods, the region's own agent does.

    def create_addon(self, call: Call) -> dict[str, Any]:
        """Install an add-on."""
        cluster = self.active_cluster(call.region, call.parameters["clusterName"])
        given, name = call.parameters, call.parameters["addonName"]
        if name not in ADD_ONS:
            raise wrong(f"Addon {name} specified is not supported")
        now = self.runtime.now()
        record: Record = {
            "addonName": name,
            "clusterName": cluster["name"],
            "status": "ACTIVE",
            "addonVersion": given.get("addonVersion") or ADD_ONS[name],
            "addonArn": arn(call, "addon", cluster["name"], name),
            "createdAt": now,
            "modifiedAt": now,
            "serviceAccountRoleArn": given.get("serviceAccountRoleArn"),
            "configurationValues": given.get("configurationValues"),
            "namespaceConfig": given.get("namespaceConfig"),
            "health": {"issues": []},
            "publisher": "eks",
            "owner": "aws",
            "tags": dict(given.get("tags") or {}),
        }
        return {"addon": shown(self.new_part(call, "addons", name, record))}

    def describe_addon(self, call: Call) -> dict[str, Any]:
        """Describe an add-on."""
        return {"addon": shown(self._addon(call))}

    def list_addons(self, call: Call) -> dict[str, Any]:
        """List the names of a cluster's add-ons."""
        return {"addons": self._names(call, "addons", "addonName")}

    def update_addon(self, call: Call) -> dict[str, Any]:
        """Change an add-on's version, role or settings."""
        record = self._addon(call)
        for key in ("addonVersion", "serviceAccountRoleArn", "configurationValues"):
            if call.parameters.get(key) is not None:
                record[key] = call.parameters[key]
        record["modifiedAt"] = self.runtime.now()
        self.table(call.region, "addons")[_key(record, "addonName")] = record
        return self.update_done(call, "AddonUpdate", {"AddonVersion": record["addonVersion"]})

    def delete_addon(self, call: Call) -> dict[str, Any]:
        """Remove an add-on."""
        record = self._addon(call)
        del self.table(call.region, "addons")[_key(record, "addonName")]
        return {"addon": shown({**record, "status": "DELETING"})}

    def _addon(self, call: Call) -> Record:
        return self.part(call, "addons", "addonName", "No addon")

    # Who may use the cluster.

    def create_access_entry(self, call: Call) -> dict[str, Any]:
        """Let a principal log in."""
        cluster = self.active_cluster(call.region, call.parameters["clusterName"])
        given, principal = call.parameters, call.parameters["principalArn"]
        now = self.runtime.now()
        record: Record = {
            "clusterName": cluster["name"],
            "principalArn": principal,
            "kubernetesGroups": list(given.get("kubernetesGroups") or []),
            "accessEntryArn": arn(call, "access-entry", cluster["name"], principal.split(":")[-1]),
            "createdAt": now,
            "modifiedAt": now,
            "tags": dict(given.get("tags") or {}),
            "username": given.get("username") or principal,
            "type": given.get("type") or "STANDARD",
        }
        return {"accessEntry": shown(self.new_part(call, "access", principal, record))}

    def describe_access_entry(self, call: Call) -> dict[str, Any]:
        """Describe who a principal is in the cluster."""
        return {"accessEntry": shown(self._access(call))}

    def list_access_entries(self, call: Call) -> dict[str, Any]:
        """List the principals that may log in."""
        return {"accessEntries": self._names(call, "access", "principalArn")}

    def update_access_entry(self, call: Call) -> dict[str, Any]:
        """Change a principal's groups or name."""
        record = self._access(call)
        for key in ("kubernetesGroups", "username"):
            if call.parameters.get(key) is not None:
                record[key] = call.parameters[key]
        record["modifiedAt"] = self.runtime.now()
        self.table(call.region, "access")[_key(record, "principalArn")] = record
        return {"accessEntry": shown(record)}

    def delete_access_entry(self, call: Call) -> dict[str, Any]:
        """Let a principal log in no more."""
        key = _key(self._access(call), "principalArn")
        policies = self.table(call.region, "policies")
        for policy in [one for one in policies.keys() if one.startswith(f"{key} ")]:  # noqa: SIM118  # a table is no dict
            del policies[policy]
        del self.table(call.region, "access")[key]
        return {}

    def associate_access_policy(self, call: Call) -> dict[str, Any]:
        """Let a principal do what a policy says."""
        entry, policy = self._access(call), call.parameters["policyArn"]
        if not POLICY.fullmatch(policy):
            raise missing(f"The specified policyArn could not be found: {policy}")
        now = self.runtime.now()
        key = f"{_key(entry, 'principalArn')} {policy}"
        before = self.table(call.region, "policies").get(key)
        record = {
            "clusterName": entry["clusterName"],
            "policyArn": policy,
            "accessScope": {"namespaces": [], **call.parameters["accessScope"]},
            "associatedAt": before["associatedAt"] if before else now,
            "modifiedAt": now,
        }
        self.table(call.region, "policies")[key] = record
        return {
            "clusterName": entry["clusterName"],
            "principalArn": entry["principalArn"],
            "associatedAccessPolicy": _policy(record),
        }

    def disassociate_access_policy(self, call: Call) -> dict[str, Any]:
        """Take a policy from a principal."""
        key = f"{_key(self._access(call), 'principalArn')} {call.parameters['policyArn']}"
        if key not in self.table(call.region, "policies"):
            raise missing("The specified policyArn is not associated")
        del self.table(call.region, "policies")[key]
        return {}

    def list_associated_access_policies(self, call: Call) -> dict[str, Any]:
        """List a principal's policies."""
        entry = self._access(call)
        table, start = self.table(call.region, "policies"), f"{_key(entry, 'principalArn')} "
        found = [table[key] for key in table.keys() if key.startswith(start)]  # noqa: SIM118  # a table is no dict
        return {
            "clusterName": entry["clusterName"],
            "principalArn": entry["principalArn"],
            "associatedAccessPolicies": [_policy(record) for record in found],
        }

    def _access(self, call: Call) -> Record:
        return self.part(call, "access", "principalArn", "No access entry")

    # Tags.

    def tag_resource(self, call: Call) -> dict[str, Any]:
        """Add tags to something that has an ARN."""
        table, key, record = self._tagged(call)
        table[key] = {**record, "tags": {**record["tags"], **call.parameters["tags"]}}
        return {}

    def untag_resource(self, call: Call) -> dict[str, Any]:
        """Remove tags by key."""
        table, key, record = self._tagged(call)
        gone = call.parameters["tagKeys"]
        table[key] = {**record, "tags": {k: v for k, v in record["tags"].items() if k not in gone}}
        return {}

    def list_tags_for_resource(self, call: Call) -> dict[str, Any]:
        """List tags."""
        return {"tags": self._tagged(call)[2]["tags"]}

    def _tagged(self, call: Call) -> tuple[Any, str, Record]:
        wanted = call.parameters["resourceArn"]
        for kind, member in (
            ("clusters", "arn"),
            ("nodegroups", "nodegroupArn"),
            ("addons", "addonArn"),
            ("access", "accessEntryArn"),
        ):
            table = self.table(call.region, kind)
            for key in table.keys():  # noqa: SIM118  # a table is no dict
                if table[key][member] == wanted:
                    return table, key, table[key]
        raise missing(f"The specified resource could not be found: {wanted}")

    def _names(self, call: Call, kind: str, member: str) -> list[str]:
        cluster = self.cluster(call.region, call.parameters["clusterName"])["name"]
        return [record[member] for record in self.parts(call.region, kind, cluster)]


def _key(record: Mapping[str, Any], member: str) -> str:
    return f"{record['clusterName']}/{record[member]}"


def _policy(record: Record) -> dict[str, Any]:
    return shown({key: value for key, value in record.items() if key != "clusterName"})


def _check_sizes(sizes: Mapping[str, int]) -> None:
    low, wanted, high = sizes["minSize"], sizes["desiredSize"], sizes["maxSize"]
    if not 0 <= low <= wanted <= high or high < 1:
        raise wrong(
            f"Minimum capacity {low}, desired capacity {wanted} and maximum capacity {high} are "
            "not in this order"
        )
