"""What runs: the console behind Nginx, and the API."""

import pulumi

from platformctl.components import (
    ApplicationLoadBalancer,
    ContainerCluster,
    CpuSteps,
    FargateService,
    RedisCache,
    SecurityGroups,
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
from platformctl.stacks.building.stores import Connection
from platformctl.stacks.products.cloudweave.context import (
    API_HEALTH,
    API_PATH,
    BACKEND,
    BACKEND_PORT,
    FRONTEND,
    FRONTEND_PORT,
    PAGE_HEALTH,
    USERNAME,
    CloudweaveContext,
    database_name,
)

API_PRIORITY, PAGE_PRIORITY = 10, 20
TOKEN_VARIABLES = {
    "JWT_SECRET": "secret",
    "JWT_EXPIRES_IN": "expiresIn",
    "JWT_REFRESH_EXPIRES_IN": "refreshExpiresIn",
}
STEPS = CpuSteps(up_percent=70, up_periods=2, down_percent=30, down_periods=5)
"""Both services: more tasks above 70 % for two periods, fewer below 30 % for five."""


def api_balancer(
    context: CloudweaveContext, groups: SecurityGroups, balancer: ApplicationLoadBalancer
) -> ApplicationLoadBalancer:
    """Return the load balancer before the API: an inner one, or the public one if configured."""
    if context.config.api_behind == "balancer":
        return balancer
    return edge.inner_balancer(context, groups, group=FRONTEND)


def frontend(
    context: CloudweaveContext,
    home: ContainerCluster,
    groups: SecurityGroups,
    balancer: ApplicationLoadBalancer,
    before_api: ApplicationLoadBalancer,
) -> FargateService:
    """Make Nginx with the console; it sends requests of the API to `before_api`."""
    own = before_api is balancer
    return service(
        context,
        home,
        groups,
        Purpose(
            name=FRONTEND,
            config=context.config.compute.frontend,
            port=FRONTEND_PORT,
            variables={} if own else {"API_ORIGIN": edge.inner_url(context, before_api)},
            traffic=Traffic(
                balancer=balancer, priority=PAGE_PRIORITY, paths=["/*"], health_path=PAGE_HEALTH
            ),
            steps=STEPS,
        ),
    )


def backend(
    context: CloudweaveContext,
    home: ContainerCluster,
    groups: SecurityGroups,
    before_api: ApplicationLoadBalancer,
    store: Connection,
    sessions: RedisCache,
    tokens_arn: pulumi.Input[str],
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
                **{
                    variable: pulumi.Output.concat(tokens_arn, f":{key}::")
                    for variable, key in TOKEN_VARIABLES.items()
                },
            },
            secret_arns=[store.secret_arn, sessions.secret_arn, tokens_arn],
            traffic=Traffic(
                balancer=before_api,
                priority=API_PRIORITY,
                paths=[API_PATH],
                health_path=API_HEALTH,
            ),
            steps=STEPS,
        ),
    )
