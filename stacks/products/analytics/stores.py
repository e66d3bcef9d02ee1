"""Where the events are: Kafka, PostgreSQL, Redis."""

from platformctl.components import (
    KafkaCluster,
    KafkaClusterArgs,
    PostgresDatabase,
    PostgresDatabaseArgs,
    Proxy,
    RedisCache,
    RedisCacheArgs,
    Replica,
    SecurityGroups,
    Topic,
)
from platformctl.stacks.layers.security import DATA, LOGS, SECRETS
from platformctl.stacks.products.analytics.context import (
    DATABASE,
    DEAD_LETTER_TOPIC,
    EVENTS_TOPIC,
    PRODUCT,
    USERNAME,
    AnalyticsContext,
)

MILLISECONDS_AN_HOUR = 3_600_000
DEAD_LETTER_PARTITIONS, DEAD_LETTER_HOURS = 3, 14 * 24


def kafka(context: AnalyticsContext, groups: SecurityGroups) -> KafkaCluster:
    """Make the Kafka cluster, the topic of events, and the one of those nobody can read."""
    config, shared = context.config.kafka, context.shared
    replication = min(3, config.brokers)
    return KafkaCluster(
        f"{PRODUCT}-kafka",
        KafkaClusterArgs(
            cluster_name=f"{PRODUCT}-kafka",
            subnet_ids=shared.network.data_subnet_ids,
            security_group_ids=[groups.ids["kafka"]],
            instance_type=config.instance_type,
            brokers=config.brokers,
            volume_size=config.volume_size,
            version=config.version,
            authentication=config.authentication,
            topics=[
                Topic(
                    name=EVENTS_TOPIC,
                    partitions=config.partitions,
                    replication=replication,
                    retention_ms=config.retention_hours * MILLISECONDS_AN_HOUR,
                ),
                Topic(
                    name=DEAD_LETTER_TOPIC,
                    partitions=DEAD_LETTER_PARTITIONS,
                    replication=replication,
                    retention_ms=DEAD_LETTER_HOURS * MILLISECONDS_AN_HOUR,
                ),
            ],
            key_arn=shared.keys.arns[DATA],
            log_key_arn=shared.keys.arns[LOGS],
            log_retention_days=shared.config.logs.retention_days,
            deletion_protection=shared.config.deletion_protection,
            tags=context.tags("kafka", "confidential"),
        ),
    )


def database(context: AnalyticsContext, groups: SecurityGroups) -> PostgresDatabase:
    """Make the database, with replica and proxy where configured."""
    config, shared = context.config.database, context.shared
    replica, proxy = config.replica, config.proxy
    return PostgresDatabase(
        f"{PRODUCT}-database",
        PostgresDatabaseArgs(
            identifier=PRODUCT,
            subnet_ids=shared.network.data_subnet_ids,
            security_group_ids=[groups.ids["database"]],
            instance_class=config.instance_class,
            allocated_storage=config.allocated_storage,
            engine_version=config.engine_version,
            database=DATABASE,
            username=USERNAME,
            multi_az=config.multi_az,
            backup_retention=config.backup_retention,
            backup_window=config.backup_window,
            maintenance_window=config.maintenance_window,
            replica=Replica(instance_class=replica.instance_class) if replica else None,
            proxy=Proxy(
                idle_client_timeout=proxy.idle_client_timeout,
                max_connections_percent=proxy.max_connections_percent,
            )
            if proxy
            else None,
            key_arn=shared.keys.arns[DATA],
            secret_key_arn=shared.keys.arns[SECRETS],
            deletion_protection=shared.config.deletion_protection,
            secret_recovery_window_days=shared.secret_recovery_window_days,
            tags=context.tags("database", "confidential"),
        ),
    )


def cache(context: AnalyticsContext, groups: SecurityGroups) -> RedisCache:
    """Make the cache of the API's answers."""
    config, shared = context.config.cache, context.shared
    return RedisCache(
        f"{PRODUCT}-cache",
        RedisCacheArgs(
            identifier=PRODUCT,
            subnet_ids=shared.network.app_subnet_ids,
            security_group_ids=[groups.ids["redis"]],
            node_type=config.node_type,
            nodes=config.nodes,
            engine_version=config.engine_version,
            snapshot_retention=config.snapshot_retention,
            key_arn=shared.keys.arns[DATA],
            secret_key_arn=shared.keys.arns[SECRETS],
            deletion_protection=shared.config.deletion_protection,
            secret_recovery_window_days=shared.secret_recovery_window_days,
            tags=context.tags("cache", "confidential"),
        ),
    )
