"""The parts of the analytics product."""

from dataclasses import dataclass

from platformctl.components import (
    ApplicationLoadBalancer,
    ContainerCluster,
    FargateService,
    KafkaCluster,
    PostgresDatabase,
    RedisCache,
    StandaloneTask,
    StaticSite,
)
from platformctl.stacks.building.edge import Urls


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
        migrations: Migrates the database.
        kafka: Between ingestion and consumer.
        database: Where the events are kept.
        cache: The API's answers.
    """

    urls: Urls
    balancer: ApplicationLoadBalancer
    site: StaticSite
    cluster: ContainerCluster
    ingestion: FargateService
    consumer: FargateService
    api: FargateService
    migrations: StandaloneTask
    kafka: KafkaCluster
    database: PostgresDatabase
    cache: RedisCache
