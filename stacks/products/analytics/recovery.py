"""What stands ready of the analytics product in the recovery region.

The database follows within seconds, Kafka's topics likewise; of each service a few tasks run. A
failover promotes the database and starts the rest.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.components import (
    ApplicationLoadBalancer,
    ContainerCluster,
    FargateService,
    KafkaCluster,
    KafkaReplicator,
    PostgresReplica,
    RedisCache,
    StandaloneTask,
)
from platformctl.stacks.building import edge, stores
from platformctl.stacks.building.services import cluster as home
from platformctl.stacks.building.services import feature_flags, service_outputs
from platformctl.stacks.products.analytics import services, stream
from platformctl.stacks.products.analytics.context import (
    COUNTED_RULES,
    HEALTH_PATH,
    USERNAME,
    AnalyticsContext,
)
from platformctl.stacks.products.analytics.groups import security_groups
from platformctl.stacks.products.analytics.migrations import migrations
from platformctl.stacks.products.analytics.parts import Analytics


@dataclass(frozen=True)
class Standby:
    """The parts that stand ready.

    Attributes:
        balancer: The load balancer.
        cluster: Where the services run.
        ingestion: Takes events in.
        consumer: Writes them to the database.
        api: Answers questions about them.
        migrations: Migrates the database, once it has taken over.
        kafka: Between ingestion and consumer.
        replicator: Copies events from the other side.
        database: Follows the other side's database.
        cache: The API's answers.
    """

    balancer: ApplicationLoadBalancer
    cluster: ContainerCluster
    ingestion: FargateService
    consumer: FargateService
    api: FargateService
    migrations: StandaloneTask
    kafka: KafkaCluster
    replicator: KafkaReplicator
    database: PostgresReplica
    cache: RedisCache


def standby(context: AnalyticsContext, primary: Analytics) -> Standby:
    """Make what stands ready.

    Args:
        context: The product, on the side that takes over.
        primary: Its parts on the side that serves.
    """
    config, groups = context.config, security_groups(context)
    kafka = stream.kafka(context, groups)
    database = stores.postgres_replica(
        context, config.database, config.recovery, groups, primary.database
    )
    connection = stores.replica_connection(context, database, primary.database, username=USERNAME)
    cache = stores.redis(context, config.cache, groups)
    balancer = edge.load_balancer(context, groups, counted_rules=COUNTED_RULES)
    edge.origin_failover(
        context,
        primary.balancer,
        balancer,
        health_path=HEALTH_PATH,
        serving={"ingestion": primary.ingestion, "api": primary.api},
    )
    cluster = home(context)
    return Standby(
        balancer=balancer,
        cluster=cluster,
        ingestion=services.ingestion(context, cluster, groups, balancer, kafka),
        consumer=services.consumer(context, cluster, groups, kafka, connection),
        api=services.api(
            context, cluster, groups, balancer, connection, cache, feature_flags(context)
        ),
        migrations=migrations(context, cluster, groups, connection, database.address),
        kafka=kafka,
        replicator=stream.replicator(context, primary.kafka, kafka),
        database=database,
        cache=cache,
    )


OUTPUTS: Mapping[str, Callable[[Standby], Any]] = {
    "load_balancer_arn": lambda made: made.balancer.arn,
    "load_balancer_dns": lambda made: made.balancer.dns_name,
    "listener_arn": lambda made: made.balancer.listener_arn,
    "cluster_name": lambda made: made.cluster.cluster_name,
    **service_outputs("ingestion", lambda made: made.ingestion),
    **service_outputs("consumer", lambda made: made.consumer),
    **service_outputs("api", lambda made: made.api),
    "kafka_arn": lambda made: made.kafka.arn,
    "kafka_brokers": lambda made: made.kafka.brokers,
    "replicator_arn": lambda made: made.replicator.arn,
    "database_endpoint": lambda made: made.database.address,
    "database_identifier": lambda made: made.database.identifier,
    "redis_endpoint": lambda made: made.cache.address,
}
