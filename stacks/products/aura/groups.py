"""Who may talk to whom in the journal.

All pods are in the cluster's own group, so between them and the stores the groups say which tier
may connect; which service may is said by the network policies.
"""

from platformctl.components import Allow, KubernetesCluster, SecurityGroups
from platformctl.components.data import documents, postgres, redis
from platformctl.stacks.building.groups import BALANCER, chain, from_internet, to_endpoints
from platformctl.stacks.building.stores import CACHE_GROUP, DATABASE_GROUP
from platformctl.stacks.products.aura.context import PORT, AuraContext
from platformctl.stacks.products.aura.stores import DOCUMENTS_GROUP

CLUSTER = "cluster"
GROUPS = {
    BALANCER: "Load balancer of AURA Journal",
    DATABASE_GROUP: "PostgreSQL instances",
    DOCUMENTS_GROUP: "DocumentDB instances",
    CACHE_GROUP: "Redis nodes",
}


def security_groups(context: AuraContext, cluster: KubernetesCluster) -> SecurityGroups:
    """Make the chain of security groups."""
    return chain(
        context,
        GROUPS,
        [
            *from_internet(context),
            Allow(BALANCER, CLUSTER, context.port("gateway", PORT)),
            Allow(CLUSTER, DATABASE_GROUP, postgres.PORT),
            Allow(CLUSTER, DOCUMENTS_GROUP, documents.PORT),
            Allow(CLUSTER, CACHE_GROUP, redis.PORT),
            *to_endpoints(context, CLUSTER),  # nodes pull images, the driver reads secrets
        ],
        existing={CLUSTER: cluster.security_group_id},
    )
