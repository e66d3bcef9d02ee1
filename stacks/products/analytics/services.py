"""What runs: ingestion, consumer, API."""

from platformctl.components import (
    ApplicationLoadBalancer,
    ContainerCluster,
    FargateService,
    FeatureFlags,
    KafkaCluster,
    MetricTracking,
    RedisCache,
    SecurityGroups,
)
from platformctl.components.security import access
from platformctl.stacks.building.services import (
    Purpose,
    Traffic,
    Variables,
    cache_secrets,
    cache_variables,
    database_secrets,
    database_variables,
    service,
)
from platformctl.stacks.building.stores import Connection
from platformctl.stacks.layers.security import SECRETS
from platformctl.stacks.products.analytics.context import (
    API_PATH,
    API_PORT,
    CONSUMER_GROUP,
    DATABASE,
    DEAD_LETTER_TOPIC,
    EVENTS_TOPIC,
    HEALTH_PATH,
    INGESTION_PORT,
    LAG_METRIC,
    METRICS_NAMESPACE,
    USERNAME,
    AnalyticsContext,
)

INGESTION_PRIORITY, API_PRIORITY = 10, 20


def ingestion(
    context: AnalyticsContext,
    home: ContainerCluster,
    groups: SecurityGroups,
    balancer: ApplicationLoadBalancer,
    stream: KafkaCluster,
) -> FargateService:
    """Make the service that takes events in."""
    config = context.config.ingestion
    return service(
        context,
        home,
        groups,
        Purpose(
            name="ingestion",
            config=config,
            port=INGESTION_PORT,
            variables=_kafka_variables(stream),
            statements=[
                *access.describe_kafka(stream.arn),
                *access.connect_kafka(stream.arn),
                *access.write_topic(stream.arn, EVENTS_TOPIC),
            ],
            traffic=Traffic(
                balancer=balancer,
                priority=INGESTION_PRIORITY,
                paths=["/v1/events"],
                methods=["OPTIONS", "POST"],
            ),
        ),
    )


def consumer(
    context: AnalyticsContext,
    home: ContainerCluster,
    groups: SecurityGroups,
    stream: KafkaCluster,
    store: Connection,
) -> FargateService:
    """Make the service that writes events to the database."""
    config = context.config.consumer
    return service(
        context,
        home,
        groups,
        Purpose(
            name="consumer",
            config=config,
            variables={
                **_kafka_variables(stream),
                **database_variables(store.address, database=DATABASE, username=USERNAME),
                "KAFKA_DEAD_LETTER_TOPIC": DEAD_LETTER_TOPIC,
                "KAFKA_GROUP_ID": CONSUMER_GROUP,
                "METRICS_NAMESPACE": METRICS_NAMESPACE,
            },
            secrets=database_secrets(store),
            secret_arns=[store.secret_arn],
            statements=[
                *access.connect_kafka(stream.arn),
                *access.read_topic(stream.arn, EVENTS_TOPIC, CONSUMER_GROUP),
                *access.write_topic(stream.arn, DEAD_LETTER_TOPIC),
                *access.read_secret(store.secret_arn, context.shared.keys.arns[SECRETS]),
                *access.connect_database(store.connect_arn),
                *access.publish_metrics(METRICS_NAMESPACE),
            ],
            tracking=MetricTracking(
                namespace=METRICS_NAMESPACE, metric=LAG_METRIC, target=config.lag_target
            ),
            spot_percent=config.spot_percent,
        ),
    )


def api(
    context: AnalyticsContext,
    home: ContainerCluster,
    groups: SecurityGroups,
    balancer: ApplicationLoadBalancer,
    store: Connection,
    answers: RedisCache,
    flags: FeatureFlags,
) -> FargateService:
    """Make the service that answers questions, from the replica and the cache."""
    config = context.config.api
    return service(
        context,
        home,
        groups,
        Purpose(
            name="api",
            config=config,
            port=API_PORT,
            variables={
                **database_variables(store.reader_address, database=DATABASE, username=USERNAME),
                **cache_variables(answers),
                "CACHE_TTL_SECONDS": str(context.config.cache.ttl_seconds),
                "FLAGS_PARAMETER": flags.parameter_name,
            },
            secrets={**database_secrets(store), **cache_secrets(answers)},
            secret_arns=[store.secret_arn, answers.secret_arn],
            statements=flags.statements,
            traffic=Traffic(
                balancer=balancer,
                priority=API_PRIORITY,
                paths=[API_PATH, HEALTH_PATH],
                methods=["GET", "HEAD", "OPTIONS"],
            ),
        ),
    )


def _kafka_variables(stream: KafkaCluster) -> Variables:
    return {
        "KAFKA_BROKERS": stream.brokers,
        "KAFKA_SECURITY_PROTOCOL": stream.security_protocol,
        "KAFKA_TOPIC": EVENTS_TOPIC,
    }
