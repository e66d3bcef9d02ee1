"""The controller in a cluster that registers pods in target groups."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from platformctl.components.base import Args, Component
from platformctl.components.compute.kubernetes_access import assume_from_service_account
from platformctl.components.security.roles import Statement, policy_document

NAMESPACE = "kube-system"
ACCOUNT = "aws-load-balancer-controller"
CHART = "aws-load-balancer-controller"
CHARTS = "https://aws.github.io/eks-charts"
VERSION = "1.13.4"
READING = [
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInstances",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
]
WRITING = ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"]


@dataclass(frozen=True, kw_only=True)
class LoadBalancerControllerArgs(Args):
    """What a controller is.

    Attributes:
        cluster_name: The cluster.
        region: Its region.
        vpc_id: Its VPC.
        identity_provider_arn: OIDC provider of the cluster.
        issuer: URL of that provider.
        target_tags: Tags that a target group must have for its targets to be changed.
        version: Version of the Helm chart.
    """

    cluster_name: pulumi.Input[str]
    region: str
    vpc_id: pulumi.Input[str]
    identity_provider_arn: pulumi.Input[str]
    issuer: pulumi.Input[str]
    target_tags: Mapping[str, str]
    version: str = VERSION

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not self.target_tags:
            yield "target_tags is empty: the controller could change every target group"
        if not re.fullmatch(r"\d+\.\d+\.\d+", self.version):
            yield f"version is {self.version!r}: must be an exact version such as {VERSION}"


class LoadBalancerController(Component):
    """The AWS Load Balancer Controller, for bindings of services to target groups and no more.

    It makes no load balancers: those belong to Pulumi, so its role may only register targets, and
    only in target groups with the tags named.

    Example::

        LoadBalancerController("shop", LoadBalancerControllerArgs(
            cluster_name=cluster.cluster_name, region="us-east-1", vpc_id=network.vpc_id,
            identity_provider_arn=cluster.identity_provider_arn, issuer=cluster.issuer,
            target_tags={"Product": "shop"}), pulumi.ResourceOptions(providers=[cluster.provider]))

    Costs nothing beyond the nodes that it runs on.

    Attributes:
        release_name: Name of the Helm release; bindings can be made once it is known.
    """

    release_name: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: LoadBalancerControllerArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("compute:LoadBalancerController", name, args, opts)
        role = self.child(
            "role",
            aws.iam.Role,
            limit="role",
            assume_role_policy=assume_from_service_account(
                args.identity_provider_arn, args.issuer, NAMESPACE, ACCOUNT
            ),
        )
        policy = self.child(
            "policy",
            aws.iam.RolePolicy,
            role=role.name,
            policy=pulumi.Output.json_dumps(policy_document(_statements(args))),
        )
        self.release = self.child(
            "",
            kubernetes.helm.v3.Release,
            name=CHART,
            chart=CHART,
            version=args.version,
            namespace=NAMESPACE,
            repository_opts={"repo": CHARTS},
            values=_values(args, role.arn),
            options=pulumi.ResourceOptions(depends_on=[policy]),
        )
        self.release_name = self.release.name.apply(lambda known: known or CHART)
        self.finish("release_name")


def _statements(args: LoadBalancerControllerArgs) -> list[Statement]:
    tags = {f"aws:ResourceTag/{key}": value for key, value in args.target_tags.items()}
    groups = f"arn:aws:elasticloadbalancing:{args.region}:*:targetgroup/*"
    return [
        Statement(actions=READING, resources=["*"]),
        Statement(actions=WRITING, resources=[groups], condition={"StringEquals": tags}),
    ]


def _values(args: LoadBalancerControllerArgs, role_arn: pulumi.Input[str]) -> dict[str, object]:
    return {
        "clusterName": args.cluster_name,
        "region": args.region,
        "vpcId": args.vpc_id,
        "serviceAccount": {
            "create": True,
            "name": ACCOUNT,
            "annotations": {"eks.amazonaws.com/role-arn": role_arn},
        },
        "replicaCount": 2,
        "createIngressClassResource": False,
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": False,
    }
