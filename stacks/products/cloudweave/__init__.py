"""CloudWeave: a console and an API that manage cloud environments.

browser → CloudFront → load balancer → frontend (Nginx) → inner load balancer → backend
backend → PostgreSQL, Redis
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.components import (
    ApplicationLoadBalancer,
    ContainerCluster,
    Distribution,
    FargateService,
    PostgresDatabase,
    RedisCache,
    SigningSecret,
    SigningSecretArgs,
)
from platformctl.stacks.building import edge, stores
from platformctl.stacks.building.services import cluster as home
from platformctl.stacks.building.services import service_outputs
from platformctl.stacks.layers.security import SECRETS
from platformctl.stacks.products.cloudweave import services, watch
from platformctl.stacks.products.cloudweave.context import (
    ASSETS,
    FRONTEND,
    USERNAME,
    CloudweaveContext,
    database_name,
)
from platformctl.stacks.products.cloudweave.groups import security_groups
from platformctl.stacks.products.product import Product

ACCESS_TOKEN_LIFE, REFRESH_TOKEN_LIFE = "15m", "7d"


@dataclass(frozen=True)
class Cloudweave:
    """The parts of the product.

    Attributes:
        urls: Where to connect.
        balancer: The load balancer.
        api_balancer: The load balancer before the API; the same one, if so configured.
        page: CloudFront before the load balancer.
        cluster: Where the services run.
        frontend: Serves the console.
        backend: Serves the API.
        database: What the API knows.
        cache: Sessions, and the API's answers.
        tokens: Key that tokens are signed with.
    """

    urls: edge.Urls
    balancer: ApplicationLoadBalancer
    api_balancer: ApplicationLoadBalancer
    page: Distribution
    cluster: ContainerCluster
    frontend: FargateService
    backend: FargateService
    database: PostgresDatabase
    cache: RedisCache
    tokens: SigningSecret


def cloudweave(context: CloudweaveContext) -> Cloudweave:
    """Make the product."""
    groups = security_groups(context)
    database = stores.postgres(
        context,
        context.config.database,
        groups,
        database=database_name(context),
        username=USERNAME,
    )
    cache = stores.redis(context, context.config.cache, groups)
    tokens = _tokens(context)
    balancer = edge.load_balancer(context, groups)
    edge.origin_alias(context, balancer)
    behind_frontend = context.config.api_behind == "frontend"
    api_balancer = (
        edge.inner_balancer(context, groups, group=FRONTEND) if behind_frontend else balancer
    )
    page = edge.distribution(context, balancer, cached_paths=[ASSETS])
    cluster = home(context)
    frontend = services.frontend(context, cluster, groups, balancer, api_balancer)
    backend = services.backend(context, cluster, groups, api_balancer, database, cache, tokens)
    watch.alarms(context, balancer, database, cache)
    watch.dashboard(
        context,
        {"Frontend": (balancer, frontend), "Backend": (api_balancer, backend)},
        database,
        cache,
    )
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


def _tokens(context: CloudweaveContext) -> SigningSecret:
    return SigningSecret(
        context.name("jwt"),
        SigningSecretArgs(
            name=f"{context.product}/jwt",
            expires_in=ACCESS_TOKEN_LIFE,
            refresh_expires_in=REFRESH_TOKEN_LIFE,
            key_arn=context.shared.keys.arns[SECRETS],
            recovery_window_days=context.shared.secret_recovery_window_days,
            tags=context.tags("tokens", "confidential"),
        ),
        context.options,
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

PRODUCT = Product(make=cloudweave, outputs=OUTPUTS)
