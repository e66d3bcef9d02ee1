"""Where the services run: the cluster, its namespace, the controller for target groups."""

from dataclasses import dataclass

import pulumi

from platformctl.components import (
    KubernetesCluster,
    KubernetesClusterArgs,
    KubernetesNamespace,
    KubernetesNamespaceArgs,
    LoadBalancerController,
    LoadBalancerControllerArgs,
    NodeGroup,
)
from platformctl.stacks.layers.security import LOGS, SECRETS
from platformctl.stacks.products.aura.context import AuraContext, namespace


@dataclass(frozen=True)
class Home:
    """What the services run in.

    Attributes:
        cluster: The cluster.
        namespace: Their namespace.
        controller: Registers their pods in target groups.
        options: Options of whatever is in the namespace.
    """

    cluster: KubernetesCluster
    namespace: KubernetesNamespace
    controller: LoadBalancerController
    options: pulumi.ResourceOptions


def home(context: AuraContext) -> Home:
    """Make what the services run in."""
    cluster = _cluster(context)
    inside = pulumi.ResourceOptions.merge(
        context.options, pulumi.ResourceOptions(providers=[cluster.provider])
    )
    name = namespace(context)
    controller = LoadBalancerController(
        context.name("controller"),
        LoadBalancerControllerArgs(
            cluster_name=cluster.cluster_name,
            region=context.shared.region,
            vpc_id=context.shared.network.vpc_id,
            identity_provider_arn=cluster.identity_provider_arn,
            issuer=cluster.issuer,
            target_tags={
                "Environment": context.shared.config.environment,
                "Product": context.product,
            },
            tags=context.tags("controller"),
        ),
        inside,
    )
    made = KubernetesNamespace(
        context.name("namespace"),
        KubernetesNamespaceArgs(
            namespace=name,
            labels={"environment": context.shared.config.environment, "app": "aura-journal"},
            deletion_protection=context.shared.config.deletion_protection,
        ),
        inside,
    )
    return Home(cluster=cluster, namespace=made, controller=controller, options=inside)


def _cluster(context: AuraContext) -> KubernetesCluster:
    config, shared = context.config.kubernetes, context.shared
    return KubernetesCluster(
        context.name("cluster"),
        KubernetesClusterArgs(
            cluster_name=namespace(context),
            region=shared.region,
            version=config.version,
            subnet_ids=shared.network.app_subnet_ids,
            node_groups={
                name: NodeGroup(
                    instance_types=group.instance_types,
                    minimum=group.minimum,
                    desired=group.desired,
                    maximum=group.maximum,
                    architecture=group.architecture,
                    disk_size=group.disk_size,
                    spot=group.spot,
                )
                for name, group in config.node_groups.items()
            },
            key_arn=shared.keys.arns[SECRETS],
            public_access_cidrs=config.public_access_cidrs,
            administrators=config.administrators,
            log_key_arn=shared.keys.arns[LOGS],
            log_retention_days=shared.config.logs.retention_days,
            deletion_protection=shared.config.deletion_protection,
            tags=context.tags("cluster"),
        ),
        context.options,
    )
