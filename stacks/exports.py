"""The stack's outputs as one table; operations and people read these names, so they stay."""

from collections.abc import Callable, Mapping
from typing import Any

from platformctl.stacks.compose import Environment
from platformctl.stacks.products.analytics import Analytics

SHARED_OUTPUTS: Mapping[str, Callable[[Environment], Any]] = {
    "environment": lambda made: made.config.environment,
    "region": lambda made: made.config.region,
    "vpc_id": lambda made: made.shared.network.vpc_id,
    "alerts_topic_arn": lambda made: made.shared.alerts.topic_arn,
    "alerts_queue_url": lambda made: made.shared.alerts.queue_url,
}

ANALYTICS_OUTPUTS: Mapping[str, Callable[[Analytics], Any]] = {
    "frontend_url": lambda made: made.urls.frontend,
    "ingestion_url": lambda made: made.urls.ingestion,
    "api_url": lambda made: made.urls.api,
    "load_balancer_arn": lambda made: made.balancer.arn,
    "load_balancer_dns": lambda made: made.balancer.dns_name,
    "listener_arn": lambda made: made.balancer.listener_arn,
    "distribution_id": lambda made: made.site.distribution_id,
    "frontend_bucket": lambda made: made.site.bucket_name,
    "cluster_name": lambda made: made.cluster.cluster_name,
    "ingestion_service": lambda made: made.ingestion.service_name,
    "consumer_service": lambda made: made.consumer.service_name,
    "api_service": lambda made: made.api.service_name,
    "kafka_arn": lambda made: made.kafka.arn,
    "kafka_brokers": lambda made: made.kafka.brokers,
    "database_endpoint": lambda made: made.database.address,
    "database_replica_endpoint": lambda made: made.database.replica_address,
    "database_identifier": lambda made: made.database.primary_identifier,
    "database_replica_identifier": lambda made: made.database.replica_identifier,
    "database_secret_arn": lambda made: made.database.secret_arn,
    "redis_endpoint": lambda made: made.cache.address,
    "redis_secret_arn": lambda made: made.cache.secret_arn,
}


def stack_outputs(environment: Environment) -> dict[str, Any]:
    """Return the outputs of an environment; a product that is not there has none."""
    outputs = {name: value(environment) for name, value in SHARED_OUTPUTS.items()}
    if environment.analytics is not None:
        product = environment.analytics
        outputs |= {name: value(product) for name, value in ANALYTICS_OUTPUTS.items()}
    return outputs
