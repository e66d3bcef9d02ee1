"""The analytics product: events in, through Kafka, into PostgreSQL, out at an API and a page.

browser → CloudFront → S3 (the page)
↘ load balancer → ingestion → Kafka → consumer → PostgreSQL
↘ api → replica, Redis
"""

from dataclasses import dataclass
from pathlib import Path

from platformctl.components import (
    ApplicationLoadBalancer,
    ContainerCluster,
    FargateService,
    KafkaCluster,
    PostgresDatabase,
    RedisCache,
    StaticSite,
)
from platformctl.config.analytics import AnalyticsConfig
from platformctl.stacks.layers.shared import Shared
from platformctl.stacks.products.analytics import edge, services, stores, watch
from platformctl.stacks.products.analytics.context import Context
from platformctl.stacks.products.analytics.groups import security_groups


@dataclass(frozen=True)
class Analytics:
    """The parts of the product.

    Attributes:
        urls: Where to connect.
        balancer: The load balancer.
        site: The page.
        cluster: Where the services run.
        ingestion: Takes events in.
        consumer: Writes them to the database.
        api: Answers questions about them.
        kafka: Between ingestion and consumer.
        database: Where the events are kept.
        cache: The API's answers.
    """

    urls: edge.Urls
    balancer: ApplicationLoadBalancer
    site: StaticSite
    cluster: ContainerCluster
    ingestion: FargateService
    consumer: FargateService
    api: FargateService
    kafka: KafkaCluster
    database: PostgresDatabase
    cache: RedisCache


def analytics(shared: Shared, config: AnalyticsConfig, project: Path) -> Analytics:
    """Make the product.

    Args:
        shared: The layers it stands on.
        config: Its section of the stack file.
        project: Root of the project, where the page's files are.
    """
    context = Context(shared, config)
    groups = security_groups(context)
    kafka = stores.kafka(context, groups)
    database = stores.database(context, groups)
    cache = stores.cache(context, groups)
    balancer = edge.balancer(context, groups)
    site = edge.website(context, balancer, project)
    cluster = services.cluster(context)
    ingestion = services.ingestion(context, cluster, groups, balancer, kafka)
    consumer = services.consumer(context, cluster, groups, kafka, database)
    api = services.api(context, cluster, groups, balancer, database, cache)
    watch.alarms(context, balancer, database)
    watch.dashboards(context, balancer, ingestion, kafka, database)
    return Analytics(
        urls=edge.urls(context, balancer, site),
        balancer=balancer,
        site=site,
        cluster=cluster,
        ingestion=ingestion,
        consumer=consumer,
        api=api,
        kafka=kafka,
        database=database,
        cache=cache,
    )
