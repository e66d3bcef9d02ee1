"""Who may talk to whom in CloudWeave."""

from collections.abc import Iterator

from platformctl.components import Allow, SecurityGroups
from platformctl.components.data import postgres, redis
from platformctl.stacks.building.groups import BALANCER, HTTPS, chain, from_internet, to_aws
from platformctl.stacks.building.stores import CACHE_GROUP, DATABASE_GROUP
from platformctl.stacks.products.cloudweave.context import (
    BACKEND,
    BACKEND_PORT,
    FRONTEND,
    FRONTEND_PORT,
    CloudweaveContext,
)

GROUPS = {
    BALANCER: "Load balancer of CloudWeave",
    FRONTEND: "Tasks that serve the console, and the inner load balancer",
    BACKEND: "Tasks that serve the API",
    DATABASE_GROUP: "PostgreSQL instance",
    CACHE_GROUP: "Redis nodes",
}


def security_groups(context: CloudweaveContext) -> SecurityGroups:
    """Make the chain of security groups."""
    rules = [
        *from_internet(context),
        *_between_tiers(context),
        *to_aws(context, (FRONTEND, BACKEND)),
    ]
    return chain(context, GROUPS, rules)


def _between_tiers(context: CloudweaveContext) -> Iterator[Allow]:
    api_port = context.port(BACKEND, BACKEND_PORT)
    yield Allow(BALANCER, FRONTEND, context.port(FRONTEND, FRONTEND_PORT))
    if context.config.api_behind == "frontend":
        # The inner load balancer is in the frontend's own group and connects to the API from there.
        yield Allow(FRONTEND, FRONTEND, context.shared.config.edge.http_port or HTTPS)
        yield Allow(FRONTEND, BACKEND, api_port)
    else:
        yield Allow(BALANCER, BACKEND, api_port)
    yield Allow(BACKEND, DATABASE_GROUP, postgres.PORT)
    yield Allow(BACKEND, CACHE_GROUP, redis.PORT)
    if context.config.database.proxy is not None:
        # The proxy is in the database's own group and connects to the instance from there.
        yield Allow(DATABASE_GROUP, DATABASE_GROUP, postgres.PORT)
