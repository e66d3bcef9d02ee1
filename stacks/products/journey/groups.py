"""Who may talk to whom in the product."""

from collections.abc import Iterator

from platformctl.components import Allow, SecurityGroups
from platformctl.components.data import redis
from platformctl.stacks.building.groups import (
    BALANCER,
    DYNAMODB,
    HTTPS,
    chain,
    from_internet,
    to_aws,
)
from platformctl.stacks.building.stores import CACHE_GROUP
from platformctl.stacks.products.journey.context import (
    API,
    API_PORT,
    DASHBOARD,
    PAGE_PORT,
    USER_APP,
    WEBSOCKET,
    WEBSOCKET_PORT,
    JourneyContext,
)

GROUPS = {
    BALANCER: "Load balancer of user journeys",
    API: "Tasks that take events in and answer questions",
    WEBSOCKET: "Tasks that tell dashboards what happens",
    USER_APP: "Tasks that serve the application of the users",
    DASHBOARD: "Tasks that serve the dashboard of the analysts",
    CACHE_GROUP: "Redis nodes",
}
PORTS = {
    API: API_PORT,
    WEBSOCKET: WEBSOCKET_PORT,
    USER_APP: PAGE_PORT,
    DASHBOARD: PAGE_PORT,
}


def security_groups(context: JourneyContext) -> SecurityGroups:
    """Make the chain of security groups."""
    rules = [*from_internet(context), *_between_tiers(context), *to_aws(context, PORTS)]
    return chain(context, GROUPS, rules)


def _between_tiers(context: JourneyContext) -> Iterator[Allow]:
    for service, port in PORTS.items():
        yield Allow(BALANCER, service, context.port(service, port))
    yield Allow(API, DYNAMODB, HTTPS)
    for service in (API, WEBSOCKET):
        yield Allow(service, CACHE_GROUP, redis.PORT)
