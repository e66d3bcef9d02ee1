"""Where containers run."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

CAPACITY_PROVIDERS = ["FARGATE", "FARGATE_SPOT"]


@dataclass(frozen=True, kw_only=True)
class ContainerClusterArgs(Args):
    """What a cluster is.

    Attributes:
        cluster_name: Its name in ECS.
        container_insights: Whether CloudWatch counts tasks, CPU and memory by service.
    """

    cluster_name: str
    container_insights: bool = True


class ContainerCluster(Component):
    """An ECS cluster on Fargate, on demand and spot.

    Example::

        ContainerCluster("shop", ContainerClusterArgs(cluster_name="shop"))

    Costs nothing itself; Container Insights are about $0.30 for each metric and month.

    Attributes:
        arn: ARN of the cluster.
        cluster_name: Name of the cluster.
    """

    arn: pulumi.Output[str]
    cluster_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: ContainerClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:ContainerCluster", name, args, opts)
        insights = "enabled" if args.container_insights else "disabled"
        self.cluster = self.child(
            "",
            aws.ecs.Cluster,
            name=args.cluster_name,
            settings=[{"name": "containerInsights", "value": insights}],
        )
        self.capacity_providers = self.child(
            "capacity-providers",
            aws.ecs.ClusterCapacityProviders,
            cluster_name=self.cluster.name,
            capacity_providers=CAPACITY_PROVIDERS,
            default_capacity_provider_strategies=[{"capacity_provider": "FARGATE", "weight": 1}],
        )
        self.arn = self.cluster.arn
        # Known once the providers are attached, so that services wait for them.
        self.cluster_name = self.capacity_providers.cluster_name
        self.finish("arn", "cluster_name")
