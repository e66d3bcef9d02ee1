"""Who may do what around a Kubernetes cluster: its own roles, people, service accounts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component

POLICIES = "arn:aws:iam::aws:policy"
CLUSTER_POLICIES = ("AmazonEKSClusterPolicy",)
NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
ADMINISTRATOR = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
AUDIENCE = "sts.amazonaws.com"

RoleWithPolicies = tuple["aws.iam.Role", list["aws.iam.RolePolicyAttachment"]]


def cluster_role(component: Component) -> RoleWithPolicies:
    """Make the role of the control plane."""
    return _service_role(component, "role", "eks.amazonaws.com", CLUSTER_POLICIES)


def node_role(component: Component) -> RoleWithPolicies:
    """Make the role of the nodes: join the cluster and pull images, nothing else."""
    return _service_role(component, "nodes", "ec2.amazonaws.com", NODE_POLICIES)


def _service_role(
    component: Component, key: str, service: str, policies: Sequence[str]
) -> RoleWithPolicies:
    role = component.child(
        key,
        aws.iam.Role,
        limit="role",
        assume_role_policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": service},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
    )
    return role, [attach(component, key, role, f"{POLICIES}/{policy}") for policy in policies]


def attach(
    component: Component, key: str, role: aws.iam.Role, policy_arn: str
) -> aws.iam.RolePolicyAttachment:
    """Attach a policy of AWS's own to a role."""
    return component.child(
        f"{key}-{policy_arn.rpartition('/')[2]}",
        aws.iam.RolePolicyAttachment,
        role=role.name,
        policy_arn=policy_arn,
    )


def add_identity_provider(component: Component, issuer: pulumi.Output[str]) -> pulumi.Output[str]:
    """Let IAM believe the cluster's tokens of service accounts; return the provider's ARN."""
    return component.child(
        "identity",
        aws.iam.OpenIdConnectProvider,
        url=issuer,
        client_id_lists=[AUDIENCE],
    ).arn


def add_administrators(
    component: Component, cluster_name: pulumi.Output[str], principals: Sequence[str]
) -> None:
    """Let roles and users do everything in the cluster."""
    for principal in principals:
        key = principal.rpartition("/")[2]
        entry = component.child(
            f"access-{key}",
            aws.eks.AccessEntry,
            cluster_name=cluster_name,
            principal_arn=principal,
            type="STANDARD",
        )
        component.child(
            f"administrator-{key}",
            aws.eks.AccessPolicyAssociation,
            cluster_name=cluster_name,
            principal_arn=entry.principal_arn,
            policy_arn=ADMINISTRATOR,
            access_scope={"type": "cluster"},
        )


def assume_from_service_account(
    identity_provider_arn: pulumi.Input[str],
    issuer: pulumi.Input[str],
    namespace: str,
    service_account: str,
) -> pulumi.Output[str]:
    """Return the trust policy of a role that exactly one service account may take.

    Args:
        identity_provider_arn: ARN of the cluster's OIDC provider.
        issuer: Its URL.
        namespace: Namespace of the service account.
        service_account: Its name.
    """

    def write(provider_arn: str, url: str) -> str:
        host = url.removeprefix("https://")
        condition: Mapping[str, Any] = {
            f"{host}:aud": AUDIENCE,
            f"{host}:sub": f"system:serviceaccount:{namespace}:{service_account}",
        }
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": condition},
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    return pulumi.Output.all(identity_provider_arn, issuer).apply(lambda both: write(*both))
