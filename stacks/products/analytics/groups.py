"""Who may talk to whom in the analytics product."""

from platformctl.components import Allow, SecurityGroups, SecurityGroupsArgs
from platformctl.components.data import postgres, redis
from platformctl.components.security.groups import INTERNET
from platformctl.components.streaming import kafka
from platformctl.stacks.products.analytics.context import (
    API_PORT,
    INGESTION_PORT,
    PRODUCT,
    AnalyticsContext,
)

ENDPOINTS, S3 = "endpoints", "s3"
SERVICES = ("ingestion", "consumer", "api")
GROUPS = {
    "balancer": "Load balancer of the analytics platform",
    "ingestion": "Tasks that take events in",
    "consumer": "Tasks that write events to the database",
    "api": "Tasks that answer questions about events",
    "kafka": "Kafka brokers",
    "database": "PostgreSQL instances and their proxy",
    "redis": "Redis nodes",
}


def security_groups(context: AnalyticsContext) -> SecurityGroups:
    """Make the chain of security groups."""
    network = context.shared.network
    endpoint_group = network.endpoint_security_group_id
    return SecurityGroups(
        PRODUCT,
        SecurityGroupsArgs(
            vpc_id=network.vpc_id,
            groups=GROUPS,
            rules=[*_from_outside(context), *_between_tiers(context), *_to_aws(context)],
            existing={ENDPOINTS: endpoint_group} if endpoint_group is not None else {},
            prefix_lists={S3: network.s3_prefix_list_id},
            tags=context.tags("security-groups"),
        ),
    )


def _from_outside(context: AnalyticsContext) -> list[Allow]:
    """Let the internet reach the load balancer only; port 80 does nothing but redirect."""
    port = context.shared.config.edge.http_port
    return [Allow(INTERNET, "balancer", port) for port in ([port] if port else [443, 80])]


def _between_tiers(context: AnalyticsContext) -> list[Allow]:
    kafka_port = kafka.PORTS[context.config.kafka.authentication]
    rules = [
        Allow("balancer", "ingestion", context.port("ingestion", INGESTION_PORT)),
        Allow("balancer", "api", context.port("api", API_PORT)),
        Allow("ingestion", "kafka", kafka_port),
        Allow("consumer", "kafka", kafka_port),
        Allow("consumer", "database", postgres.PORT),
        Allow("api", "database", postgres.PORT),
        Allow("api", "redis", redis.PORT),
    ]
    if context.config.database.proxy is not None:
        # The proxy is in the database's own group and connects to the instance from there.
        rules.append(Allow("database", "database", postgres.PORT))
    return rules


def _to_aws(context: AnalyticsContext) -> list[Allow]:
    """Let tasks pull images, read secrets and write logs: inside the VPC where that is possible."""
    rules = [Allow(service, S3, 443) for service in SERVICES]
    vpc = context.shared.config.vpc
    if vpc.interface_endpoints:
        rules += [Allow(service, ENDPOINTS, 443) for service in SERVICES]
    elif vpc.nat_gateways != "none":
        rules += [Allow(service, INTERNET, 443) for service in SERVICES]
    return rules
