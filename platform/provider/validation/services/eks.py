"""Kubernetes clusters, nodes, add-ons."""

from platformctl.plugin.provider import CheckFailure
from platformctl.plugin.values import UNKNOWN
from platformctl.provider.validation.formats import arn, cidr, json_document
from platformctl.provider.validation.paths import block
from platformctl.provider.validation.rules import (
    AtMostOne,
    Count,
    Custom,
    ExactlyOne,
    Failures,
    Follows,
    Inputs,
    Length,
    OneOf,
    Pattern,
    Range,
    Row,
    When,
)

CLUSTER = r"[0-9A-Za-z][\w-]{0,99}"
VERSION = r"1\.\d{2}"
PRIVATE = r"(10|172\.(1[6-9]|2\d|3[01])|192\.168)\.[\d.]+"


def _scaling(inputs: Inputs) -> Failures:
    """The wanted size is between the smallest and the largest."""
    scaling = block(inputs, "scalingConfig")
    given = [scaling.get(key) for key in ("minSize", "desiredSize", "maxSize")]
    sizes = [size for size in given if isinstance(size, int)]
    if len(sizes) == len(given) and sizes != sorted(sizes):
        yield CheckFailure(
            "scalingConfig", f"scalingConfig must have minSize ≤ desiredSize ≤ maxSize, not {sizes}"
        )


def _automatic(inputs: Inputs) -> Failures:
    """EKS runs machines, balancers and volumes itself, or none of them."""
    parts = {
        "computeConfig": block(inputs, "computeConfig"),
        "kubernetesNetworkConfig.elasticLoadBalancing": block(
            block(inputs, "kubernetesNetworkConfig"), "elasticLoadBalancing"
        ),
        "storageConfig.blockStorage": block(block(inputs, "storageConfig"), "blockStorage"),
    }
    switches = {f"{place}.enabled": part.get("enabled") for place, part in parts.items()}
    if UNKNOWN in switches.values() or len({bool(value) for value in switches.values()}) == 1:
        return
    place = next(place for place, value in switches.items() if not value)
    yield CheckFailure(place, f"{' and '.join(switches)} must be true together or not at all")


ROWS = {
    "aws:eks/cluster:Cluster": Row(
        "eks/cluster.go",
        (
            Pattern("name", CLUSTER),
            Pattern("version", VERSION),
            Follows("roleArn", arn),
            OneOf("accessConfig.authenticationMode", ("API", "API_AND_CONFIG_MAP", "CONFIG_MAP")),
            Count("vpcConfig.subnetIds", 2),
            Count("vpcConfig.securityGroupIds", 0, 5),
            Follows("vpcConfig.publicAccessCidrs[]", cidr),
            OneOf(
                "enabledClusterLogTypes[]",
                ("api", "audit", "authenticator", "controllerManager", "scheduler"),
            ),
            OneOf("encryptionConfig.resources[]", ("secrets",)),
            Follows("encryptionConfig.provider.keyArn", arn),
            OneOf("upgradePolicy.supportType", ("STANDARD", "EXTENDED")),
            OneOf("kubernetesNetworkConfig.ipFamily", ("ipv4", "ipv6")),
            Follows("kubernetesNetworkConfig.serviceIpv4Cidr", cidr),
            Pattern(
                "kubernetesNetworkConfig.serviceIpv4Cidr",
                rf"{PRIVATE}/(1[2-9]|2[0-4])",
                "a private network of a size between /12 and /24",
            ),
            Pattern("remoteNetworkConfig.remoteNodeNetworks.cidrs[]", f"{PRIVATE}/.+", "private"),
            Pattern("remoteNetworkConfig.remotePodNetworks.cidrs[]", f"{PRIVATE}/.+", "private"),
            AtMostOne(("encryptionConfig", "outpostConfig")),
            AtMostOne(("kubernetesNetworkConfig", "outpostConfig")),
            AtMostOne(("remoteNetworkConfig", "outpostConfig")),
            OneOf("computeConfig.nodePools[]", ("general-purpose", "system")),
            Follows("computeConfig.nodeRoleArn", arn),
            Custom(_automatic),
        ),
    ),
    "aws:eks/nodeGroup:NodeGroup": Row(
        "eks/node_group.go",
        (
            Pattern("clusterName", CLUSTER),
            AtMostOne(("nodeGroupName", "nodeGroupNamePrefix")),
            Pattern("nodeGroupName", r"[0-9A-Za-z][\w-]{0,62}"),
            Pattern("version", VERSION),
            Follows("nodeRoleArn", arn),
            Custom(_scaling),
            Range("scalingConfig.minSize", 0),
            Range("scalingConfig.maxSize", 1),
            ExactlyOne(("maxUnavailable", "maxUnavailablePercentage"), "updateConfig"),
            Range("updateConfig.maxUnavailable", 1, 100),
            OneOf("capacityType", ("ON_DEMAND", "SPOT", "CAPACITY_BLOCK")),
            Count("subnetIds", 1),
            Range("diskSize", 1),
            Length("nodeGroupNamePrefix", 0, 37),
            AtMostOne(("diskSize", "launchTemplate")),
            AtMostOne(("remoteAccess", "launchTemplate")),
            ExactlyOne(("id", "name"), "launchTemplate"),
            Pattern("launchTemplate.id", "lt-[0-9a-z]{1,252}"),
            Pattern("launchTemplate.name", r"[0-9A-Za-z().\-/_]{3,125}"),
            Length("launchTemplate.version", 1, 255),
            Count("taints", 0, 50),
        ),
    ),
    "aws:eks/addon:Addon": Row(
        "eks/addon.go",
        (
            Pattern("clusterName", CLUSTER),
            Pattern(
                "addonVersion",
                r"v\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?",
                "a version such as v1.19.0-eksbuild.1",
            ),
            Follows("configurationValues", json_document),
            Follows("podIdentityAssociations[].roleArn", arn),
            Follows("serviceAccountRoleArn", arn),
            OneOf("resolveConflictsOnCreate", ("NONE", "OVERWRITE")),
            OneOf("resolveConflictsOnUpdate", ("NONE", "OVERWRITE", "PRESERVE")),
        ),
    ),
    "aws:eks/accessEntry:AccessEntry": Row(
        "eks/access_entry.go",
        (
            Pattern("clusterName", CLUSTER),
            Follows("principalArn", arn),
            Pattern("kubernetesGroups[]", r"(?!system:|eks:|aws:|amazon:|iam:).+"),
        ),
    ),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": Row(
        "eks/access_policy_association.go",
        (
            Pattern("clusterName", CLUSTER),
            Follows("policyArn", arn),
            Follows("principalArn", arn),
            OneOf("accessScope.type", ("cluster", "namespace")),
            When("accessScope.type", ("namespace",), needs=("accessScope.namespaces",)),
        ),
    ),
}
