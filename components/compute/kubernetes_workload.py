"""A service on Kubernetes; its objects are written in `kubernetes_manifests`."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from platformctl.components.base import Component
from platformctl.components.compute import kubernetes_manifests as manifests
from platformctl.components.compute.kubernetes_access import assume_from_service_account
from platformctl.components.compute.kubernetes_arguments import KubernetesWorkloadArgs
from platformctl.components.compute.service_routing import Route, add_rule, add_target_group
from platformctl.components.security.access import read_secret
from platformctl.components.security.roles import Statement, policy_document

SIDES = ("blue", "green")
# What operations change at run time, and nothing else, belongs to them.
SIDE_IGNORED = ["spec.replicas", "spec.template.spec.containers[0].image"]


class KubernetesWorkload(Component):
    """A service on Kubernetes: unprivileged pods, spread over zones, reached by whom was named.

    Makes a service account with an IAM role (may do what `statements` say and read its secrets),
    a config map, a deployment (or two sides), a service, a disruption budget, a network policy,
    and where asked for an autoscaler, the secrets' source, and a target group with its rule.

    Example::

        KubernetesWorkload("web", KubernetesWorkloadArgs(
            workload_name="web", namespace=shop.namespace, namespace_name="shop-prod",
            image="…/web:1", identity_provider_arn=cluster.identity_provider_arn,
            issuer=cluster.issuer, callers=["gateway"],
            scaling=PodScaling(minimum=3, maximum=10)),
            pulumi.ResourceOptions(providers=[cluster.provider]))

    Costs nothing beyond the nodes that it runs on.

    Attributes:
        workload_name: Its name in Kubernetes.
        address: Host and port by which the cluster's pods reach it.
        role_arn: ARN of the pods' IAM role.
        deployment_names: Its deployments, the blue side first.
        target_group_arn: Its target group; None without a route.
        target_group_suffix: The target group as CloudWatch's dimension; None without a route.
    """

    workload_name: pulumi.Output[str]
    address: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    deployment_names: pulumi.Output[list[str]]
    target_group_arn: pulumi.Output[str] | None
    target_group_suffix: pulumi.Output[str] | None

    def __init__(
        self, name: str, args: KubernetesWorkloadArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:KubernetesWorkload", name, args, opts)
        self.args = args
        role, permissions = _role(self, args)
        before = [*permissions, *_configuration(self, args, role.arn)]
        sides = SIDES if args.deployment == "blueGreen" else ("",)
        self.deployments = [_deployment(self, args, side, before) for side in sides]
        self.service = self.child(
            "service",
            kubernetes.core.v1.Service,
            **manifests.service(args, side=sides[0]),
            options=pulumi.ResourceOptions(
                ignore_changes=["spec.selector"] if sides[0] else None, depends_on=permissions
            ),
        )
        _upkeep(self, args)
        self.target_group = _binding(self, args, args.route) if args.route else None
        self.workload_name = self.service.metadata.apply(lambda one: one.name or "")
        self.address = pulumi.Output.concat(
            args.workload_name, ".", args.namespace, f".svc.cluster.local:{args.port}"
        )
        self.role_arn = role.arn
        self.deployment_names = pulumi.Output.from_input(
            [manifests.side_name(args.workload_name, side) for side in sides]
        )
        group = self.target_group
        self.target_group_arn = group.arn if group else None
        self.target_group_suffix = group.arn_suffix if group else None
        self.finish(
            "workload_name",
            "address",
            "role_arn",
            "deployment_names",
            "target_group_arn",
            "target_group_suffix",
        )


def _role(
    component: Component, args: KubernetesWorkloadArgs
) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """Make the role that exactly this workload's service account may take."""
    role = component.child(
        "role",
        aws.iam.Role,
        limit="role",
        assume_role_policy=assume_from_service_account(
            args.identity_provider_arn, args.issuer, args.namespace_name, args.workload_name
        ),
    )
    statements = [*args.statements]
    for arn in manifests.distinct([secret.secret_arn for secret in args.secrets.values()]):
        statements += [
            *read_secret(arn, args.secret_key_arn),
            Statement(actions=["secretsmanager:DescribeSecret"], resources=[arn]),
        ]
    if not statements:
        return role, []
    policy = component.child(
        "policy",
        aws.iam.RolePolicy,
        role=role.name,
        policy=pulumi.Output.json_dumps(policy_document(statements)),
    )
    return role, [policy]


def _configuration(
    component: Component, args: KubernetesWorkloadArgs, role_arn: pulumi.Output[str]
) -> list[pulumi.Resource]:
    """Make what a pod needs before it can start."""
    made: list[pulumi.Resource] = [
        component.child(
            "account", kubernetes.core.v1.ServiceAccount, **manifests.account(args, role_arn)
        ),
        component.child("config", kubernetes.core.v1.ConfigMap, **manifests.config(args)),
        component.child(
            "network", kubernetes.networking.v1.NetworkPolicy, **manifests.network_policy(args)
        ),
    ]
    if args.secrets:
        made.append(
            component.child(
                "secrets",
                kubernetes.apiextensions.CustomResource,
                api_version="secrets-store.csi.x-k8s.io/v1",
                kind="SecretProviderClass",
                **manifests.secret_provider(args),
            )
        )
    return made


def _deployment(
    component: Component,
    args: KubernetesWorkloadArgs,
    side: str,
    before: Sequence[pulumi.Resource],
) -> kubernetes.apps.v1.Deployment:
    ignored = list(SIDE_IGNORED) if side else ["spec.replicas"] if args.scaling else None
    if args.awaiting_release and not side:
        ignored = None
    return component.child(
        side,
        kubernetes.apps.v1.Deployment,
        **manifests.deployment(args, side),
        options=pulumi.ResourceOptions(ignore_changes=ignored, depends_on=list(before)),
    )


def _upkeep(component: Component, args: KubernetesWorkloadArgs) -> None:
    """Make what keeps the right number of pods, whatever happens to nodes or load."""
    component.child(
        "disruption", kubernetes.policy.v1.PodDisruptionBudget, **manifests.disruption(args)
    )
    if args.scaling is None:
        return
    for side in SIDES if args.deployment == "blueGreen" else ("",):
        component.child(
            f"scaling-{side}" if side else "scaling",
            kubernetes.autoscaling.v2.HorizontalPodAutoscaler,
            **manifests.autoscaler(args, args.scaling, side),
        )


def _binding(
    component: KubernetesWorkload, args: KubernetesWorkloadArgs, route: Route
) -> aws.lb.TargetGroup:
    """Have a load balancer send requests to the service's ready pods, without detours."""
    group = add_target_group(component, "http", route, args.port)
    action = {"type": "forward", "target_group_arn": group.arn}
    add_rule(component, "rule", route, route.listener_arn, action)
    component.child(
        "targets",
        kubernetes.apiextensions.CustomResource,
        api_version="elbv2.k8s.aws/v1beta1",
        kind="TargetGroupBinding",
        **manifests.target_group_binding(args, group.arn),
        options=pulumi.ResourceOptions(depends_on=[component.service]),
    )
    return group
