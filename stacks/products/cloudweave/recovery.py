"""What stands ready of CloudWeave in the recovery region.

The database follows within seconds; services are there without tasks. A failover promotes the
database and starts them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.components import (
    ApplicationLoadBalancer,
    ContainerCluster,
    FargateService,
    PostgresReplica,
    RedisCache,
)
from platformctl.stacks.building import edge, stores
from platformctl.stacks.building.services import cluster as home
from platformctl.stacks.building.services import service_outputs
from platformctl.stacks.products.cloudweave import services
from platformctl.stacks.products.cloudweave.context import (
    PAGE_HEALTH,
    PARAMETERS,
    STATIC_PARAMETERS,
    USERNAME,
    CloudweaveContext,
)
from platformctl.stacks.products.cloudweave.groups import security_groups
from platformctl.stacks.products.cloudweave.parts import Cloudweave


@dataclass(frozen=True)
class Standby:
    """The parts that stand ready.

    Attributes:
        balancer: The load balancer.
        api_balancer: The load balancer before the API.
        cluster: Where the services run.
        frontend: Serves the console.
        backend: Serves the API.
        database: Follows the other side's database.
        cache: Sessions, and the API's answers.
    """

    balancer: ApplicationLoadBalancer
    api_balancer: ApplicationLoadBalancer
    cluster: ContainerCluster
    frontend: FargateService
    backend: FargateService
    database: PostgresReplica
    cache: RedisCache


def standby(context: CloudweaveContext, primary: Cloudweave) -> Standby:
    """Make what stands ready.

    Args:
        context: The product, on the side that takes over.
        primary: Its parts on the side that serves.
    """
    config, groups = context.config, security_groups(context)
    database = stores.postgres_replica(
        context,
        config.database,
        config.recovery,
        groups,
        primary.database,
        parameters=PARAMETERS,
        static_parameters=STATIC_PARAMETERS,
    )
    connection = stores.replica_connection(context, database, primary.database, username=USERNAME)
    cache = stores.redis(context, config.cache, groups)
    balancer = edge.load_balancer(context, groups)
    before_api = services.api_balancer(context, groups, balancer)
    edge.origin_failover(
        context,
        primary.balancer,
        balancer,
        health_path=PAGE_HEALTH,
        serving={"frontend": primary.frontend},
    )
    cluster = home(context)
    tokens_arn = stores.copied_arn(context, primary.tokens.arn)
    return Standby(
        balancer=balancer,
        api_balancer=before_api,
        cluster=cluster,
        frontend=services.frontend(context, cluster, groups, balancer, before_api),
        backend=services.backend(
            context, cluster, groups, before_api, connection, cache, tokens_arn
        ),
        database=database,
        cache=cache,
    )


OUTPUTS: Mapping[str, Callable[[Standby], Any]] = {
    "load_balancer_arn": lambda made: made.balancer.arn,
    "load_balancer_dns": lambda made: made.balancer.dns_name,
    "listener_arn": lambda made: made.balancer.listener_arn,
    "api_listener_arn": lambda made: made.api_balancer.listener_arn,
    "cluster_name": lambda made: made.cluster.cluster_name,
    **service_outputs("frontend", lambda made: made.frontend),
    **service_outputs("backend", lambda made: made.backend),
    "database_endpoint": lambda made: made.database.address,
    "database_identifier": lambda made: made.database.identifier,
    "redis_endpoint": lambda made: made.cache.address,
}
