"""A Kubernetes cluster on EKS: control plane, nodes, add-ons, and who may use it."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, ip_network
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from platformctl.components.base import Args, Component
from platformctl.components.compute.kubernetes_access import (
    add_administrators,
    add_identity_provider,
    assume_from_service_account,
    attach,
    cluster_role,
    node_role,
)
from platformctl.components.observability.logs import LogGroup, LogGroupArgs
from platformctl.config.tables import KUBERNETES_VERSIONS

LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
AMI_TYPES = {"x86_64": "AL2023_x86_64_STANDARD", "arm64": "AL2023_ARM_64_STANDARD"}
PRIVATE_BLOCKS = tuple(
    IPv4Network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10")
)
DAEMONS = ("vpc-cni", "kube-proxy")
"""Add-ons that run on every node; without them no node becomes ready, so they come first."""
ADD_ONS = ("aws-ebs-csi-driver", "coredns", "metrics-server")
SECRETS_ADD_ON = "aws-secrets-store-csi-driver-provider"
ADD_ON_ROLES = {
    "vpc-cni": ("aws-node", "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"),
    "aws-ebs-csi-driver": (
        "ebs-csi-controller-sa",
        "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
    ),
}
"""Add-on → its service account in `kube-system`, and the AWS managed policy it needs."""
ADD_ON_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    # Without it network policies are accepted and ignored.
    "vpc-cni": {"enableNetworkPolicy": "true"},
    # Workloads read secrets as environment variables, which needs the copy into the cluster.
    SECRETS_ADD_ON: {"secrets-store-csi-driver": {"syncSecret": {"enabled": True}}},
}


@dataclass(frozen=True, kw_only=True)
class NodeGroup:
    """Machines of one kind.

    Attributes:
        instance_types: EC2 instance types; several for spot capacity.
        minimum: Fewest nodes.
        maximum: Most nodes.
        desired: Nodes to run.
        architecture: `x86_64` or `arm64`.
        disk_size: Root volume of a node in GiB.
        spot: Whether the nodes are spot instances.
        labels: Labels of the nodes.
    """

    instance_types: Sequence[str]
    minimum: int
    maximum: int
    desired: int
    architecture: str = "x86_64"
    disk_size: int = 50
    spot: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)

    def mistakes(self, name: str) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,30}", name):
            yield f"node_groups has {name!r}: a name has up to 31 letters, digits, - and _"
        if not self.instance_types:
            yield f"node group {name} names no instance_types"
        if self.architecture not in AMI_TYPES:
            yield f"node group {name} is {self.architecture!r}: must be {' or '.join(AMI_TYPES)}"
        if not 0 <= self.minimum <= self.desired <= self.maximum or self.maximum < 1:
            sizes = f"{self.minimum}, {self.desired}, {self.maximum}"
            yield f"node group {name} has the sizes {sizes}: must be minimum, desired, maximum"
        if self.disk_size < 20:
            yield f"node group {name} has a disk of {self.disk_size} GiB: must be at least 20"


@dataclass(frozen=True, kw_only=True)
class KubernetesClusterArgs(Args):
    """What a cluster is.

    Attributes:
        cluster_name: Its name in EKS.
        region: Region it runs in.
        version: Kubernetes version, `major.minor`; one that EKS supports.
        subnet_ids: Private subnets of the nodes, in at least two zones.
        node_groups: Name → machines.
        key_arn: KMS key that encrypts Kubernetes secrets. Changing it makes a new cluster.
        public_access_cidrs: Networks that may reach the API server from the internet; without any
            it can be reached from inside the VPC only.
        administrators: ARNs of roles and users that may do everything in the cluster.
        security_group_ids: Further groups of the control plane's network interfaces.
        log_key_arn: KMS key of the control plane's logs.
        log_retention_days: Days to keep them.
        deletion_protection: Whether AWS and Pulumi refuse to delete the cluster.
    """

    cluster_name: str
    region: str
    subnet_ids: Sequence[pulumi.Input[str]]
    node_groups: Mapping[str, NodeGroup]
    key_arn: pulumi.Input[str]
    version: str = KUBERNETES_VERSIONS[-1]
    public_access_cidrs: Sequence[str] = ()
    administrators: Sequence[str] = ()
    security_group_ids: Sequence[pulumi.Input[str]] = ()
    log_key_arn: pulumi.Input[str] | None = None
    log_retention_days: int = 365
    deletion_protection: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", self.cluster_name):
            yield (
                f"cluster_name is {self.cluster_name!r}: up to 100 letters, digits, - and _, a "
                "letter or digit first"
            )
        if self.version not in KUBERNETES_VERSIONS:
            yield f"version is {self.version!r}: must be one of {', '.join(KUBERNETES_VERSIONS)}"
        if len(self.subnet_ids) < 2:
            yield f"subnet_ids are {len(self.subnet_ids)}: EKS needs two, in different zones"
        if not self.node_groups:
            yield "node_groups is empty: a cluster without nodes runs nothing"
        for name, group in self.node_groups.items():
            yield from group.mistakes(name)
        for block in self.public_access_cidrs:
            yield from _block_mistakes(block)


def _block_mistakes(block: str) -> Iterator[str]:
    try:
        network = ip_network(block)
    except ValueError as error:
        yield f"public_access_cidrs has {block!r}: {error}"
        return
    if network.prefixlen == 0:
        yield f"public_access_cidrs has {block}: name the networks that may reach the API server"
    if isinstance(network, IPv4Network) and any(map(network.subnet_of, PRIVATE_BLOCKS)):
        yield f"public_access_cidrs has {block}: private addresses do not come from the internet"


class KubernetesCluster(Component):
    """An EKS cluster: Kubernetes secrets encrypted, everything logged, nodes in private subnets.

    Makes the control plane with a log group, an OIDC provider so that service accounts can take
    IAM roles, managed node groups on Amazon Linux 2023, and the add-ons for networking (network
    policies enforced), DNS, volumes, metrics and secrets. `provider` manages objects in it.

    Example::

        cluster = KubernetesCluster("shop", KubernetesClusterArgs(
            cluster_name="shop", region="us-east-1", subnet_ids=network.app_subnet_ids,
            key_arn=keys.arns["secrets"], public_access_cidrs=["203.0.113.0/24"],
            node_groups={"main": NodeGroup(
                instance_types=["m6i.large"], minimum=3, desired=3, maximum=6)}))
        KubernetesWorkload("web", ..., pulumi.ResourceOptions(providers=[cluster.provider]))

    Monthly cost in us-east-1: $0.10/h for the control plane is $73.00; three m6i.large nodes are
    3 × 730 × $0.096 = $210.24, and their disks 3 × 50 GiB × $0.08 = $12.00.

    Attributes:
        cluster_name: Name of the cluster.
        arn: ARN of the cluster.
        endpoint: URL of the API server.
        security_group_id: Group of the control plane and of all nodes and pods.
        identity_provider_arn: ARN of the OIDC provider.
        issuer: URL of the OIDC provider.
        kubeconfig: How to connect, as JSON; the token comes from `aws eks get-token`.
    """

    cluster_name: pulumi.Output[str]
    arn: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    identity_provider_arn: pulumi.Output[str]
    issuer: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]

    def __init__(
        self, name: str, args: KubernetesClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:KubernetesCluster", name, args, opts)
        self.args = args
        self.cluster = _control_plane(self, args)
        self.cluster_name = self.cluster.name
        self.arn = self.cluster.arn
        self.endpoint = self.cluster.endpoint
        self.security_group_id = self.cluster.vpc_config.apply(
            lambda config: config.cluster_security_group_id or ""
        )
        self.issuer = self.cluster.identities.apply(_issuer)
        self.identity_provider_arn = add_identity_provider(self, self.issuer)
        daemons = [_add_on(self, add_on) for add_on in DAEMONS]
        self.nodes = _node_groups(self, args, daemons)
        for add_on in (*ADD_ONS, SECRETS_ADD_ON):
            _add_on(self, add_on, after=self.nodes)
        add_administrators(self, self.cluster.name, args.administrators)
        self.kubeconfig = pulumi.Output.secret(_kubeconfig(self.cluster, args.region))
        self.provider = _provider(self)
        self.finish(
            "cluster_name",
            "arn",
            "endpoint",
            "security_group_id",
            "identity_provider_arn",
            "issuer",
            "kubeconfig",
        )


def _issuer(identities: Sequence[Any]) -> str:
    return identities[0].oidcs[0].issuer


def _control_plane(component: Component, args: KubernetesClusterArgs) -> aws.eks.Cluster:
    logs = LogGroup(
        f"{component.name}-logs",
        LogGroupArgs(
            name=f"/aws/eks/{args.cluster_name}/cluster",
            retention_days=args.log_retention_days,
            key_arn=args.log_key_arn,
            tags=args.tags,
        ),
        component.options(),
    )
    role, permissions = cluster_role(component)
    return component.child(
        "",
        aws.eks.Cluster,
        name=args.cluster_name,
        version=args.version,
        role_arn=role.arn,
        vpc_config={
            "subnet_ids": args.subnet_ids,
            "security_group_ids": args.security_group_ids,
            "endpoint_private_access": True,
            "endpoint_public_access": bool(args.public_access_cidrs),
            "public_access_cidrs": args.public_access_cidrs or None,
        },
        encryption_config={"provider": {"key_arn": args.key_arn}, "resources": ["secrets"]},
        enabled_cluster_log_types=LOG_TYPES,
        access_config={
            "authentication_mode": "API",
            "bootstrap_cluster_creator_admin_permissions": True,
        },
        bootstrap_self_managed_addons=False,
        upgrade_policy={"support_type": "STANDARD"},
        deletion_protection=args.deletion_protection,
        options=pulumi.ResourceOptions(
            # Logs of a group that AWS made by itself would be neither encrypted nor forgotten.
            depends_on=[logs, *permissions],
            protect=args.deletion_protection,
        ),
    )


def _node_groups(
    component: KubernetesCluster, args: KubernetesClusterArgs, after: Sequence[pulumi.Resource]
) -> list[aws.eks.NodeGroup]:
    role, permissions = node_role(component)
    return [
        component.child(
            f"nodes-{name}",
            aws.eks.NodeGroup,
            cluster_name=component.cluster_name,
            node_group_name=name,
            node_role_arn=role.arn,
            subnet_ids=args.subnet_ids,
            version=args.version,
            ami_type=AMI_TYPES[group.architecture],
            capacity_type="SPOT" if group.spot else "ON_DEMAND",
            instance_types=list(group.instance_types),
            disk_size=group.disk_size,
            labels=dict(group.labels) or None,
            scaling_config={
                "min_size": group.minimum,
                "max_size": group.maximum,
                "desired_size": group.desired,
            },
            update_config={"max_unavailable": 1},
            node_repair_config={"enabled": True},
            options=pulumi.ResourceOptions(depends_on=[*after, *permissions]),
        )
        for name, group in args.node_groups.items()
    ]


def _add_on(
    component: KubernetesCluster, name: str, after: Sequence[pulumi.Resource] = ()
) -> aws.eks.Addon:
    role_arn, needed = None, list(after)
    if name in ADD_ON_ROLES:
        account, policy_arn = ADD_ON_ROLES[name]
        role = component.child(
            f"{name}-role",
            aws.iam.Role,
            limit="role",
            assume_role_policy=assume_from_service_account(
                component.identity_provider_arn, component.issuer, "kube-system", account
            ),
        )
        needed.append(attach(component, name, role, policy_arn))
        role_arn = role.arn
    settings = ADD_ON_SETTINGS.get(name)
    return component.child(
        name,
        aws.eks.Addon,
        cluster_name=component.cluster_name,
        addon_name=name,
        service_account_role_arn=role_arn,
        configuration_values=json.dumps(settings) if settings else None,
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        options=pulumi.ResourceOptions(depends_on=needed),
    )


def _kubeconfig(cluster: aws.eks.Cluster, region: str) -> pulumi.Output[str]:
    """Return how to connect: whoever may use the cluster gets a token from AWS at that moment."""

    def write(name: str, endpoint: str, authority: str) -> str:
        command = ["eks", "get-token", "--cluster-name", name, "--region", region]
        login = {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "aws",
            "args": [*command, "--output", "json"],
            "interactiveMode": "Never",
        }
        server = {"server": endpoint, "certificate-authority-data": authority}
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": name, "cluster": server}],
                "users": [{"name": name, "user": {"exec": login}}],
                "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
                "current-context": name,
            }
        )

    authority = cluster.certificate_authority.apply(lambda found: found.data or "")
    return pulumi.Output.all(cluster.name, cluster.endpoint, authority).apply(
        lambda parts: write(*parts)
    )


def _provider(component: KubernetesCluster) -> kubernetes.Provider:
    """Make the provider of what is in the cluster; it can do nothing before there are nodes."""
    return component.child(
        "provider",
        kubernetes.Provider,
        kubeconfig=component.kubeconfig,
        enable_server_side_apply=True,
        options=pulumi.ResourceOptions(depends_on=component.nodes),
    )
