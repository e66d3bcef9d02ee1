"""Alarms and dashboard of CloudWeave."""

from platformctl.components import (
    ApplicationLoadBalancer,
    FargateService,
    PostgresDatabase,
    RedisCache,
)
from platformctl.stacks.building import watch
from platformctl.stacks.products.cloudweave.context import CloudweaveContext


def alarms(
    context: CloudweaveContext,
    balancer: ApplicationLoadBalancer,
    store: PostgresDatabase,
    sessions: RedisCache,
) -> None:
    """Make the alarms that wake somebody."""
    limits = context.config.alarms
    watch.alarms(
        context,
        {
            "high-error-rate": watch.server_errors(balancer, limits.target_errors),
            "slow-answers": watch.slow_answers(balancer, limits.latency_seconds),
            "database-high-cpu": watch.database_cpu(store, limits.database_cpu),
            "cache-memory": watch.cache_memory(sessions, limits.cache_memory),
        },
    )


def dashboard(
    context: CloudweaveContext,
    services: dict[str, tuple[ApplicationLoadBalancer, FargateService]],
    store: PostgresDatabase,
    sessions: RedisCache,
) -> None:
    """Make the dashboard of the whole product.

    Args:
        context: The product.
        services: Heading → load balancer and service.
        store: The database.
        sessions: The cache.
    """
    watch.dashboard(
        context,
        {
            **{
                heading: [
                    *watch.request_graphs(balancer, service),
                    watch.task_graph(context, service),
                ]
                for heading, (balancer, service) in services.items()
            },
            "Database": watch.database_graphs(store),
            "Cache": watch.cache_graphs(sessions),
        },
    )
