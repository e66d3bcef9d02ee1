"""Who may talk to whom in the analytics product."""

from platformctl.components import Allow, SecurityGroups
from platformctl.components.data import postgres, redis
from platformctl.components.streaming import kafka
from platformctl.stacks.building.groups import chain, from_internet, to_aws
from platformctl.stacks.products.analytics.context import (
    API_PORT,
    INGESTION_PORT,
    AnalyticsContext,
)

SERVICES = ("ingestion", "consumer", "api", "migrations")
GROUPS = {
    "balancer": "Load balancer of the analytics platform",
    "ingestion": "Tasks that take events in",
    "consumer": "Tasks that write events to the database",
    "api": "Tasks that answer questions about events",
    "migrations": "Tasks that migrate the database",
    "kafka": "Kafka brokers",
    "database": "PostgreSQL instances and their proxy",
    "redis": "Redis nodes",
}


def security_groups(context: AnalyticsContext) -> SecurityGroups:
    """Make the chain of security groups."""
    rules = [*from_internet(context), *_between_tiers(context), *to_aws(context, SERVICES)]
    return chain(context, GROUPS, rules)


def _between_tiers(context: AnalyticsContext) -> list[Allow]:
    kafka_port = kafka.PORTS[context.config.kafka.authentication]
    rules = [
        Allow("balancer", "ingestion", context.port("ingestion", INGESTION_PORT)),
        Allow("balancer", "api", context.port("api", API_PORT)),
        Allow("ingestion", "kafka", kafka_port),
        Allow("consumer", "kafka", kafka_port),
        Allow("consumer", "database", postgres.PORT),
        Allow("api", "database", postgres.PORT),
        Allow("migrations", "database", postgres.PORT),
        Allow("api", "redis", redis.PORT),
    ]
    if context.recovery is not None or context.shared.side == "recovery":
        # The replicator connects from the brokers' own group, on either side.
        rules.append(Allow("kafka", "kafka", kafka_port))
    if context.config.database.proxy is not None:
        # The proxy is in the database's own group and connects to the instance from there.
        rules.append(Allow("database", "database", postgres.PORT))
    return rules
