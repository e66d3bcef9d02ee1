"""The analytics product: events in, through Kafka, into PostgreSQL, out at an API and a page.

browser → CloudFront → S3 (the page)
↘ load balancer → ingestion → Kafka → consumer → PostgreSQL
↘ api → replica, Redis
"""

from collections.abc import Callable, Mapping
from typing import Any

from platformctl.stacks.building import edge, stores
from platformctl.stacks.building.services import cluster as home
from platformctl.stacks.building.services import feature_flags, service_outputs
from platformctl.stacks.products.analytics import recovery, services, stream, watch
from platformctl.stacks.products.analytics.context import (
    API_PATH,
    COUNTED_RULES,
    DATABASE,
    USERNAME,
    AnalyticsContext,
)
from platformctl.stacks.products.analytics.groups import security_groups
from platformctl.stacks.products.analytics.migrations import migrations
from platformctl.stacks.products.analytics.parts import Analytics
from platformctl.stacks.products.product import Product


def analytics(context: AnalyticsContext) -> Analytics:
    """Make the product."""
    groups = security_groups(context)
    kafka = stream.kafka(context, groups)
    database = stores.postgres(
        context, context.config.database, groups, database=DATABASE, username=USERNAME
    )
    connection = stores.connection(database)
    cache = stores.redis(context, context.config.cache, groups)
    balancer = edge.load_balancer(context, groups, counted_rules=COUNTED_RULES)
    edge.origin_alias(context, balancer)
    site = edge.static_site(
        context,
        balancer,
        folder=context.project / "apps" / context.product / "frontend" / "public",
        api_path=API_PATH,
        counted_rules=COUNTED_RULES,
    )
    cluster = home(context)
    ingestion = services.ingestion(context, cluster, groups, balancer, kafka)
    consumer = services.consumer(context, cluster, groups, kafka, connection)
    api = services.api(
        context, cluster, groups, balancer, connection, cache, feature_flags(context)
    )
    migrating = migrations(context, cluster, groups, connection, database.primary.address)
    running = {"ingestion": ingestion, "consumer": consumer, "api": api}
    watch.alarms(context, balancer, running, kafka, database, cache)
    watch.dashboards(context, balancer, ingestion, kafka, database)
    return Analytics(
        urls=edge.urls(context, balancer, site),
        balancer=balancer,
        site=site,
        cluster=cluster,
        ingestion=ingestion,
        consumer=consumer,
        api=api,
        migrations=migrating,
        kafka=kafka,
        database=database,
        cache=cache,
    )


OUTPUTS: Mapping[str, Callable[[Analytics], Any]] = {
    "frontend_url": lambda made: made.urls.frontend,
    "ingestion_url": lambda made: made.urls.origin,
    "api_url": lambda made: made.urls.origin,
    "load_balancer_arn": lambda made: made.balancer.arn,
    "load_balancer_dns": lambda made: made.balancer.dns_name,
    "listener_arn": lambda made: made.balancer.listener_arn,
    "distribution_id": lambda made: made.site.distribution_id,
    "frontend_bucket": lambda made: made.site.bucket_name,
    "cluster_name": lambda made: made.cluster.cluster_name,
    **service_outputs("ingestion", lambda made: made.ingestion),
    **service_outputs("consumer", lambda made: made.consumer),
    **service_outputs("api", lambda made: made.api),
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

PRODUCT = Product(
    make=analytics,
    outputs=OUTPUTS,
    recover=recovery.standby,
    recovery_outputs=recovery.OUTPUTS,
)
