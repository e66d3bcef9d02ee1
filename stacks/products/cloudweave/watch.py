"""Alarms and dashboard of CloudWeave."""

from collections.abc import Mapping

from platformctl.components import (
    Alarm,
    ApplicationLoadBalancer,
    FargateService,
    PostgresDatabase,
    RedisCache,
)
from platformctl.config.cloudweave import CloudweaveAlarmsConfig
from platformctl.stacks.building import watch
from platformctl.stacks.products.cloudweave.context import CloudweaveContext


def alarms(
    context: CloudweaveContext,
    balancer: ApplicationLoadBalancer,
    services: Mapping[str, tuple[ApplicationLoadBalancer, FargateService]],
    store: PostgresDatabase,
    sessions: RedisCache,
) -> None:
    """Make the alarms that wake somebody; `services` as for the dashboard."""
    limits = context.config.alarms
    watch.alarms(
        context,
        {
            "high-error-rate": watch.server_errors(balancer, limits.target_errors),
            "slow-answers": watch.slow_answers(balancer, limits.latency_seconds),
            **{
                key: alarm
                for heading, (before, service) in services.items()
                for key, alarm in watch.service_alarms(
                    context, heading.lower(), service, before
                ).items()
            },
            **_api_alarms(balancer, services, limits),
            **watch.database_alarms(store, context.config.database, limits.database_cpu),
            **watch.cache_alarms(sessions, limits.cache_memory),
        },
    )


def _api_alarms(
    balancer: ApplicationLoadBalancer,
    services: Mapping[str, tuple[ApplicationLoadBalancer, FargateService]],
    limits: CloudweaveAlarmsConfig,
) -> dict[str, Alarm]:
    """Tell what happens at the load balancer before the API, if it has one of its own."""
    before_api, _ = services["Backend"]
    if before_api is balancer:
        return {}
    return {
        "api-high-error-rate": watch.server_errors(before_api, limits.target_errors),
        "api-slow-answers": watch.slow_answers(before_api, limits.latency_seconds),
    }


def dashboard(
    context: CloudweaveContext,
    services: Mapping[str, tuple[ApplicationLoadBalancer, FargateService]],
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
