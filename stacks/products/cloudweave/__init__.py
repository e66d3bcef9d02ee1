"""CloudWeave: a console and an API that manage cloud environments.

browser → CloudFront → load balancer → frontend (Nginx) → inner load balancer → backend
backend → PostgreSQL, Redis
"""

from collections.abc import Callable, Mapping
from typing import Any

from platformctl.stacks.building import edge, signing, stores
from platformctl.stacks.building.services import cluster as home
from platformctl.stacks.building.services import service_outputs
from platformctl.stacks.products.cloudweave import recovery, services, watch
from platformctl.stacks.products.cloudweave.context import (
    ASSETS,
    PARAMETERS,
    STATIC_PARAMETERS,
    USERNAME,
    CloudweaveContext,
    database_name,
)
from platformctl.stacks.products.cloudweave.groups import security_groups
from platformctl.stacks.products.cloudweave.parts import Cloudweave
from platformctl.stacks.products.product import Product

ACCESS_TOKEN_LIFE, REFRESH_TOKEN_LIFE = "15m", "7d"


def cloudweave(context: CloudweaveContext) -> Cloudweave:
    """Make the product."""
    groups = security_groups(context)
    database = stores.postgres(
        context,
        context.config.database,
        groups,
        database=database_name(context),
        username=USERNAME,
        parameters=PARAMETERS,
        static_parameters=STATIC_PARAMETERS,
    )
    cache = stores.redis(context, context.config.cache, groups)
    tokens = signing.token_key(
        context, expires_in=ACCESS_TOKEN_LIFE, refresh_expires_in=REFRESH_TOKEN_LIFE
    )
    balancer = edge.load_balancer(context, groups)
    edge.origin_alias(context, balancer)
    api_balancer = services.api_balancer(context, groups, balancer)
    page = edge.distribution(context, balancer, cached_paths=[ASSETS])
    cluster = home(context)
    frontend = services.frontend(context, cluster, groups, balancer, api_balancer)
    backend = services.backend(
        context, cluster, groups, api_balancer, stores.connection(database), cache, tokens.arn
    )
    running = {"Frontend": (balancer, frontend), "Backend": (api_balancer, backend)}
    watch.alarms(context, balancer, running, database, cache)
    watch.dashboard(context, running, database, cache)
    return Cloudweave(
        urls=edge.urls(context, balancer, page),
        balancer=balancer,
        api_balancer=api_balancer,
        page=page,
        cluster=cluster,
        frontend=frontend,
        backend=backend,
        database=database,
        cache=cache,
        tokens=tokens,
    )


OUTPUTS: Mapping[str, Callable[[Cloudweave], Any]] = {
    "frontend_url": lambda made: made.urls.frontend,
    "origin_url": lambda made: made.urls.origin,
    "load_balancer_arn": lambda made: made.balancer.arn,
    "load_balancer_dns": lambda made: made.balancer.dns_name,
    "listener_arn": lambda made: made.balancer.listener_arn,
    "api_listener_arn": lambda made: made.api_balancer.listener_arn,
    "distribution_id": lambda made: made.page.distribution_id,
    "cluster_name": lambda made: made.cluster.cluster_name,
    **service_outputs("frontend", lambda made: made.frontend),
    **service_outputs("backend", lambda made: made.backend),
    "database_endpoint": lambda made: made.database.address,
    "database_identifier": lambda made: made.database.primary_identifier,
    "database_secret_arn": lambda made: made.database.secret_arn,
    "redis_endpoint": lambda made: made.cache.address,
    "redis_secret_arn": lambda made: made.cache.secret_arn,
    "jwt_secret_arn": lambda made: made.tokens.arn,
}

PRODUCT = Product(
    make=cloudweave,
    outputs=OUTPUTS,
    recover=recovery.standby,
    recovery_outputs=recovery.OUTPUTS,
)
