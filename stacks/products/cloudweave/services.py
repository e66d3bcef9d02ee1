"""What runs: the console behind Nginx, and the API."""

from platformctl.components import (
    ApplicationLoadBalancer,
    ContainerCluster,
    CpuSteps,
    FargateService,
    PostgresDatabase,
    RedisCache,
    SecurityGroups,
    SigningSecret,
)
from platformctl.stacks.building import edge
from platformctl.stacks.building.services import (
    Purpose,
    Traffic,
    cache_secrets,
    cache_variables,
    database_secrets,
    database_variables,
    service,
)
from platformctl.stacks.products.cloudweave.context import (
    API_HEALTH,
    API_PATH,
    BACKEND,
    BACKEND_PORT,
    FRONTEND,
    FRONTEND_PORT,
    USERNAME,
    CloudweaveContext,
    database_name,
)

API_PRIORITY, PAGE_PRIORITY = 10, 20
STEPS = CpuSteps(up_percent=70, up_periods=2, down_percent=30, down_periods=5)
"""Both services: more tasks above 70 % for two periods, fewer below 30 % for five."""


def frontend(
    context: CloudweaveContext,
    home: ContainerCluster,
    groups: SecurityGroups,
    balancer: ApplicationLoadBalancer,
    api_balancer: ApplicationLoadBalancer,
) -> FargateService:
    """Make Nginx with the console; it sends requests of the API to `api_balancer`."""
    own = api_balancer is balancer
    return service(
        context,
        home,
        groups,
        Purpose(
            name=FRONTEND,
            config=context.config.compute.frontend,
            port=FRONTEND_PORT,
            variables={} if own else {"API_ORIGIN": edge.inner_url(context, api_balancer)},
            traffic=Traffic(balancer=balancer, priority=PAGE_PRIORITY, paths=["/*"]),
            steps=STEPS,
        ),
    )


def backend(
    context: CloudweaveContext,
    home: ContainerCluster,
    groups: SecurityGroups,
    api_balancer: ApplicationLoadBalancer,
    store: PostgresDatabase,
    sessions: RedisCache,
    tokens: SigningSecret,
) -> FargateService:
    """Make the API."""
    return service(
        context,
        home,
        groups,
        Purpose(
            name=BACKEND,
            config=context.config.compute.backend,
            port=BACKEND_PORT,
            variables={
                **database_variables(
                    store.address, database=database_name(context), username=USERNAME
                ),
                **cache_variables(sessions),
                "CACHE_TTL_SECONDS": str(context.config.cache.ttl_seconds),
            },
            secrets={
                **database_secrets(store),
                **cache_secrets(sessions),
                "JWT_SECRET": tokens.reference("secret"),
                "JWT_EXPIRES_IN": tokens.reference("expiresIn"),
                "JWT_REFRESH_EXPIRES_IN": tokens.reference("refreshExpiresIn"),
            },
            secret_arns=[store.secret_arn, sessions.secret_arn, tokens.arn],
            traffic=Traffic(
                balancer=api_balancer,
                priority=API_PRIORITY,
                paths=[API_PATH],
                health_path=API_HEALTH,
            ),
            steps=STEPS,
        ),
    )
