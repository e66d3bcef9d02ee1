"""Clusters: created, described, changed, deleted."""

import base64
import hashlib
import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.config.tables import KUBERNETES_VERSIONS
from platformctl.region.services.base import Call
from platformctl.region.services.eks.records import Record, Records, arn, in_use, shown, wrong

PORT = 6443
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_SECTIONS = {
    "accessConfig": "AccessConfigUpdate",
    "computeConfig": "AutoModeUpdate",
    "controlPlaneScalingConfig": "ControlPlaneScalingConfigUpdate",
    "deletionProtection": "DeletionProtectionUpdate",
    "kubeApiServerConfig": "ControlPlaneComponentConfigUpdate",
    "kubeControllerManagerConfig": "ControlPlaneComponentConfigUpdate",
    "kubeSchedulerConfig": "ControlPlaneComponentConfigUpdate",
    "kubernetesNetworkConfig": "AutoModeUpdate",
    "logging": "LoggingUpdate",
    "remoteNetworkConfig": "RemoteNetworkConfigUpdate",
    "resourcesVpcConfig": "VpcConfigUpdate",
    "storageConfig": "AutoModeUpdate",
    "upgradePolicy": "UpgradePolicyUpdate",
    "zonalShiftConfig": "ZonalShiftConfigUpdate",
}
"""What `UpdateClusterConfig` changes → the kind of update it makes; one at a time, as in AWS."""


class ClusterOperations(Records):
    """The operations on clusters."""

    async def create_cluster(self, call: Call) -> dict[str, Any]:
        """Create a cluster; its API server answers when it is active."""
        given = call.parameters
        name = given["name"]
        if not _NAME.fullmatch(name):
            raise wrong(f"Cluster name {name!r} does not match {_NAME.pattern}")
        table = self.table(call.region, "clusters")
        if name in table:
            raise in_use(f"Cluster already exists with name: {name}")
        version = given.get("version") or KUBERNETES_VERSIONS[-1]
        _check_version(version)
        subnets = given["resourcesVpcConfig"].get("subnetIds") or []
        if len(subnets) < 2:
            raise wrong("Subnets specified must be in at least two different AZs")
        owner = f"eks/{call.region}/{name}"
        address = self.runtime.addresses.allocate(owner, PORT)
        identity = hashlib.sha256(f"{owner}/{self.runtime.now()}".encode()).hexdigest()[:32].upper()
        issuer = f"https://oidc.eks.{call.region}.amazonaws.com/id/{identity}"
        vpc = await self._vpc(call.region, subnets)
        group = await self._group(call.region, name, vpc)
        record: Record = {
            "name": name,
            "arn": arn(call, "cluster", name),
            "createdAt": self.runtime.now(),
            "version": version,
            "platformVersion": "eks.1",
            "roleArn": given["roleArn"],
            "endpoint": f"https://{address.host}:{address.port}",
            "status": "CREATING",
            "identity": {"oidc": {"issuer": issuer}},
            "certificateAuthority": {
                "data": base64.b64encode(self.runtime.certificates.bundle.read_bytes()).decode()
            },
            "resourcesVpcConfig": _network(given["resourcesVpcConfig"], vpc, group),
            "kubernetesNetworkConfig": _service_network(given.get("kubernetesNetworkConfig")),
            "logging": _logging(given.get("logging")),
            "accessConfig": _access(given.get("accessConfig")),
            "upgradePolicy": given.get("upgradePolicy") or {"supportType": "EXTENDED"},
            "deletionProtection": given.get("deletionProtection") or False,
            "encryptionConfig": given.get("encryptionConfig"),
            "tags": dict(given.get("tags") or {}),
            "health": {"issues": []},
        }
        for section in _SECTIONS:
            record.setdefault(section, given.get(section))
        table[name] = record
        self.bring_up(call.region, name)
        return {"cluster": shown(record)}

    async def _vpc(self, region: str, subnets: list[str]) -> str:
        """Return the VPC of the subnets, or one that stands for it where nobody made them."""
        try:
            wanted = {"SubnetIds": subnets}
            found = await self.runtime.call("ec2", region, "describe_subnets", wanted)
        except (BotoCoreError, ClientError):
            return "vpc-00000000"
        return found["Subnets"][0]["VpcId"] if found["Subnets"] else "vpc-00000000"

    async def _group(self, region: str, name: str, vpc: str) -> str:
        """Make the group that the control plane and all nodes are in; return its id."""
        wanted = {
            "GroupName": f"eks-cluster-sg-{name}",
            "Description": "EKS created security group applied to the control plane and nodes",
            "VpcId": vpc,
        }
        try:
            made = await self.runtime.call("ec2", region, "create_security_group", wanted)
        except (BotoCoreError, ClientError):
            return "sg-00000000"  # there is no such VPC, nor anybody to miss its group
        return made["GroupId"]

    def describe_cluster(self, call: Call) -> dict[str, Any]:
        """Describe a cluster."""
        return {"cluster": shown(self.cluster(call.region, call.parameters["name"]))}

    def list_clusters(self, call: Call) -> dict[str, Any]:
        """List the names of clusters."""
        return {"clusters": self.table(call.region, "clusters").keys()}

    def delete_cluster(self, call: Call) -> dict[str, Any]:
        """Delete a cluster, with everything that runs in it, once it has no nodes."""
        name = call.parameters["name"]
        record = self.cluster(call.region, name)
        if record["deletionProtection"]:
            raise wrong(f"Cluster {name} has deletion protection enabled")
        if self.parts(call.region, "nodegroups", name):
            raise in_use(f"Cluster has nodegroups attached: {name}")
        record["status"] = "DELETING"
        self.table(call.region, "clusters")[name] = record
        self.retire(call.region, name)
        return {"cluster": shown(record)}

    def update_cluster_config(self, call: Call) -> dict[str, Any]:
        """Change one section of a cluster's configuration."""
        record = self.cluster(call.region, call.parameters["name"])
        changed = {key: value for key, value in call.parameters.items() if key in _SECTIONS}
        kinds = {_SECTIONS[key] for key in changed}
        if len(kinds) != 1:
            raise wrong("Only one type of update can be allowed at a time")
        for key, value in changed.items():
            if key == "resourcesVpcConfig":
                value = _network({**record[key], **value}, "", "")  # noqa: PLW2901  # completed
            elif key == "logging":
                value = _logging(value)  # noqa: PLW2901  # as above
            elif key == "accessConfig":
                value = {**record[key], **value}  # noqa: PLW2901  # as above
            record[key] = value
        self.table(call.region, "clusters")[record["name"]] = record
        return self.update_done(call, kinds.pop(), {})

    def update_cluster_version(self, call: Call) -> dict[str, Any]:
        """Upgrade the control plane by one minor version."""
        record = self.cluster(call.region, call.parameters["name"])
        before, after = record["version"], call.parameters["version"]
        _check_version(after)
        if _minor(after) != _minor(before) + 1:
            raise wrong(f"Unsupported Kubernetes minor version update from {before} to {after}")
        record["version"] = after
        self.table(call.region, "clusters")[record["name"]] = record
        return self.update_done(call, "VersionUpdate", {"Version": after})

    def describe_update(self, call: Call) -> dict[str, Any]:
        """Describe an update; they are all through."""
        found = self.table(call.region, "updates").get(call.parameters["updateId"])
        if found is None:
            raise wrong(f"No update found for ID: {call.parameters['updateId']}")
        return {"update": shown(found)}

    def bring_up(self, region: str, name: str) -> None:
        """Have a cluster's API server answer, and the cluster become active."""
        raise NotImplementedError

    def retire(self, region: str, name: str) -> None:
        """Stop all that runs in a cluster and forget it."""
        raise NotImplementedError


def _minor(version: str) -> int:
    return int(version.partition(".")[2])


def _check_version(version: str) -> None:
    if version not in KUBERNETES_VERSIONS:
        raise wrong(f"unsupported Kubernetes version: {version}")


def _network(given: Mapping[str, Any], vpc: str, group: str) -> Record:
    """Return the network section, completed as EKS completes it."""
    public = given.get("endpointPublicAccess", True)
    blocks = given.get("publicAccessCidrs") or (["0.0.0.0/0"] if public else [])
    for block in blocks:
        try:
            ipaddress.ip_network(block)
        except ValueError as error:
            raise wrong(f"Invalid CIDR: {error}") from error
    if not public and not given.get("endpointPrivateAccess"):
        raise wrong("Private and public endpoint access cannot be false")
    return {
        "subnetIds": list(given.get("subnetIds") or []),
        "securityGroupIds": list(given.get("securityGroupIds") or []),
        "clusterSecurityGroupId": given.get("clusterSecurityGroupId") or group,
        "vpcId": given.get("vpcId") or vpc,
        "endpointPublicAccess": public,
        "endpointPrivateAccess": given.get("endpointPrivateAccess", False),
        "publicAccessCidrs": list(blocks),
    }


def _service_network(given: Mapping[str, Any] | None) -> Record:
    return {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4", **(given or {})}


def _access(given: Mapping[str, Any] | None) -> Record:
    standard = {
        "bootstrapClusterCreatorAdminPermissions": True,
        "authenticationMode": "API_AND_CONFIG_MAP",
    }
    return {**standard, **(given or {})}


def _logging(given: Mapping[str, Any] | None) -> Record:
    """Return which logs are on and which are off, each type once."""
    on = {
        kind
        for setup in (given or {}).get("clusterLogging") or ()
        if setup.get("enabled")
        for kind in setup.get("types") or ()
    }
    off = [kind for kind in _LOG_TYPES if kind not in on]
    setups = [{"types": sorted(on), "enabled": True}] if on else []
    return {"clusterLogging": [*setups, *([{"types": off, "enabled": False}] if off else [])]}
