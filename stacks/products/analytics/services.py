"""What runs: ingestion, consumer, API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from platformctl.components import (
    ApplicationLoadBalancer,
    ContainerCluster,
    ContainerClusterArgs,
    CpuTracking,
    FargateService,
    FargateServiceArgs,
    HealthCheck,
    ImageRepository,
    ImageRepositoryArgs,
    KafkaCluster,
    MetricTracking,
    PostgresDatabase,
    RedisCache,
    Route,
    Scaling,
    SecurityGroups,
    Statement,
)
from platformctl.components.security import access
from platformctl.config.compute import ServiceConfig
from platformctl.errors import ConfigurationError
from platformctl.stacks.layers.security import LOGS, SECRETS
from platformctl.stacks.products.analytics.context import (
    CONSUMER_GROUP,
    DATABASE,
    DEAD_LETTER_TOPIC,
    EVENTS_TOPIC,
    LAG_METRIC,
    METRICS_NAMESPACE,
    PRODUCT,
    USERNAME,
    AnalyticsContext,
)

INGESTION_PRIORITY, API_PRIORITY = 10, 20
Variables = Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What distinguishes one service from the others.

    Attributes:
        name: Its name within the product.
        config: Its section of the stack file.
        variables: Its environment variables.
        secrets: Its secret environment variables, as references.
        secret_arns: The secrets they refer to.
        statements: What its tasks may do.
        route: Requests that go to it, if any.
        tracking: What autoscaling follows.
        spot_percent: Share of its tasks on Fargate Spot.
    """

    name: str
    config: ServiceConfig
    variables: Variables
    secrets: Variables
    secret_arns: Sequence[pulumi.Input[str]]
    statements: Sequence[Statement]
    route: Route | None
    tracking: CpuTracking | MetricTracking
    spot_percent: int = 0


def cluster(context: AnalyticsContext) -> ContainerCluster:
    """Make the cluster that the product's services run in."""
    return ContainerCluster(
        f"{PRODUCT}-cluster",
        ContainerClusterArgs(cluster_name=f"{PRODUCT}-cluster", tags=context.tags("cluster")),
    )


def ingestion(
    context: AnalyticsContext,
    home: ContainerCluster,
    groups: SecurityGroups,
    balancer: ApplicationLoadBalancer,
    stream: KafkaCluster,
) -> FargateService:
    """Make the service that takes events in."""
    config = context.config.ingestion
    return _service(
        context,
        home,
        groups,
        Purpose(
            name="ingestion",
            config=config,
            variables=_kafka_variables(stream),
            secrets={},
            secret_arns=(),
            statements=[
                *access.describe_kafka(stream.arn),
                *access.connect_kafka(stream.arn),
                *access.write_topic(stream.arn, EVENTS_TOPIC),
            ],
            route=_route(
                context, balancer, config, INGESTION_PRIORITY, ["/v1/events"], ["OPTIONS", "POST"]
            ),
            tracking=CpuTracking(target=config.cpu_target),
        ),
    )


def consumer(
    context: AnalyticsContext,
    home: ContainerCluster,
    groups: SecurityGroups,
    stream: KafkaCluster,
    store: PostgresDatabase,
) -> FargateService:
    """Make the service that writes events to the database."""
    config = context.config.consumer
    return _service(
        context,
        home,
        groups,
        Purpose(
            name="consumer",
            config=config,
            variables={
                **_kafka_variables(stream),
                **_database_variables(store.address),
                "KAFKA_DEAD_LETTER_TOPIC": DEAD_LETTER_TOPIC,
                "KAFKA_GROUP_ID": CONSUMER_GROUP,
                "METRICS_NAMESPACE": METRICS_NAMESPACE,
            },
            secrets={"DB_PASSWORD": store.secret.reference("password")},
            secret_arns=[store.secret_arn],
            statements=[
                *access.connect_kafka(stream.arn),
                *access.read_topic(stream.arn, EVENTS_TOPIC, CONSUMER_GROUP),
                *access.write_topic(stream.arn, DEAD_LETTER_TOPIC),
                *access.read_secret(store.secret_arn, context.shared.keys.arns[SECRETS]),
                *access.connect_database(store.connect_arn),
                *access.publish_metrics(METRICS_NAMESPACE),
            ],
            route=None,
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
    store: PostgresDatabase,
    answers: RedisCache,
) -> FargateService:
    """Make the service that answers questions, from the replica and the cache."""
    config = context.config.api
    return _service(
        context,
        home,
        groups,
        Purpose(
            name="api",
            config=config,
            variables={
                **_database_variables(store.replica_address),
                "REDIS_HOST": answers.address,
                "REDIS_PORT": str(answers.port),
                "REDIS_TLS": "true",
                "CACHE_TTL_SECONDS": str(context.config.cache.ttl_seconds),
            },
            secrets={
                "DB_PASSWORD": store.secret.reference("password"),
                "REDIS_AUTH_TOKEN": answers.secret.reference("authToken"),
            },
            secret_arns=[store.secret_arn, answers.secret_arn],
            statements=(),
            route=_route(
                context, balancer, config, API_PRIORITY, ["/v1/*"], ["GET", "HEAD", "OPTIONS"]
            ),
            tracking=CpuTracking(target=config.cpu_target),
        ),
    )


def _kafka_variables(stream: KafkaCluster) -> Variables:
    return {
        "KAFKA_BROKERS": stream.brokers,
        "KAFKA_SECURITY_PROTOCOL": stream.security_protocol,
        "KAFKA_TOPIC": EVENTS_TOPIC,
    }


def _database_variables(address: pulumi.Input[str]) -> Variables:
    return {
        "DB_HOST": address,
        "DB_PORT": "5432",
        "DB_NAME": DATABASE,
        "DB_USER": USERNAME,
        "DB_SSLMODE": "verify-full",
    }


def _route(
    context: AnalyticsContext,
    balancer: ApplicationLoadBalancer,
    config: ServiceConfig,
    priority: int,
    paths: Sequence[str],
    methods: Sequence[str],
) -> Route:
    check = config.health_check
    return Route(
        listener_arn=balancer.listener_arn,
        vpc_id=context.shared.network.vpc_id,
        priority=priority,
        paths=paths,
        methods=methods,
        health_check=HealthCheck(
            interval=check.interval,
            timeout=check.timeout,
            healthy_threshold=check.healthy_threshold,
            unhealthy_threshold=check.unhealthy_threshold,
        ),
        deregistration_delay=config.deregistration_delay,
    )


def _service(
    context: AnalyticsContext, home: ContainerCluster, groups: SecurityGroups, purpose: Purpose
) -> FargateService:
    """Make a service out of what it is for, its section of the stack file, and its `app.yaml`."""
    shared, config, app = context.shared, purpose.config, context.app(purpose.name)
    name = f"{PRODUCT}-{purpose.name}"
    if app is None:
        raise ConfigurationError(
            f"there is no application with the image {name!r}",
            why=f"apps/*/*/app.yaml name {', '.join(sorted(shared.apps)) or 'none'}",
        )
    repository = ImageRepository(
        name,
        ImageRepositoryArgs(
            repository_name=app.image,
            force_delete=not shared.config.deletion_protection,
            tags=context.tags(purpose.name),
        ),
    )
    low, high = config.min_count, config.max_count
    scaling = None
    if low is not None and high is not None:
        scaling = Scaling(minimum=low, maximum=high, tracking=purpose.tracking)
    return FargateService(
        name,
        FargateServiceArgs(
            service_name=name,
            container_name=purpose.name,
            region=shared.config.region,
            cluster_arn=home.arn,
            cluster_name=home.cluster_name,
            image=pulumi.Output.concat(repository.url, ":", config.version or app.digest),
            repository_arn=repository.arn,
            subnet_ids=shared.network.app_subnet_ids,
            security_group_ids=[groups.ids[purpose.name]],
            cpu=config.cpu,
            memory=config.memory,
            desired_count=config.desired_count,
            port=app.port,
            environment={
                "LOG_LEVEL": "info",
                **purpose.variables,
                **config.environment,
                "SERVICE_NAME": name,
            },
            secrets=purpose.secrets,
            secret_arns=purpose.secret_arns,
            secret_key_arn=shared.keys.arns[SECRETS],
            statements=purpose.statements,
            health_command=app.health_check,
            stop_timeout=app.stop_timeout,
            route=purpose.route,
            scaling=scaling,
            spot_percent=purpose.spot_percent,
            log_key_arn=shared.keys.arns[LOGS],
            log_retention_days=shared.config.logs.retention_days,
            tags=context.tags(purpose.name),
        ),
    )
