"""What runs all the time: API, WebSocket service and the two pages."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from platformctl.components import (
    ApplicationLoadBalancer,
    Bucket,
    ContainerCluster,
    FargateService,
    KinesisStream,
    RedisCache,
    SecurityGroups,
    Statement,
)
from platformctl.components.security import access
from platformctl.stacks.building.services import (
    Purpose,
    Traffic,
    Variables,
    cache_secrets,
    cache_variables,
    secret_key,
    service,
)
from platformctl.stacks.layers.security import DATA
from platformctl.stacks.products.journey.context import (
    API,
    API_PATHS,
    API_PORT,
    DASHBOARD,
    DASHBOARD_PATHS,
    METRICS_NAMESPACE,
    PAGE_PORT,
    USER_APP,
    WEBSOCKET,
    WEBSOCKET_PATHS,
    WEBSOCKET_PORT,
    JourneyContext,
)
from platformctl.stacks.products.journey.stores import (
    ERASE,
    READ,
    Tables,
    use_lake,
    use_tables,
)

API_PRIORITY, WEBSOCKET_PRIORITY, DASHBOARD_PRIORITY, USER_APP_PRIORITY = 10, 20, 30, 40


@dataclass(frozen=True)
class Ground:
    """What all services stand on.

    Attributes:
        context: The product.
        home: The cluster they run in.
        groups: Their security groups.
        balancer: The load balancer that sends them requests.
        cache: Redis with rate limits, sessions and live updates.
        tokens_arn: Secret with the key that tokens are signed with.
    """

    context: JourneyContext
    home: ContainerCluster
    groups: SecurityGroups
    balancer: ApplicationLoadBalancer
    cache: RedisCache
    tokens_arn: pulumi.Output[str]

    def service(self, purpose: Purpose) -> FargateService:
        """Make a service."""
        return service(self.context, self.home, self.groups, purpose)

    def traffic(self, priority: int, paths: Sequence[str]) -> Traffic:
        """Say which requests go to a service."""
        return Traffic(balancer=self.balancer, priority=priority, paths=paths)

    def secrets(self) -> Variables:
        """Return what services need to use the cache and to judge tokens."""
        return {**cache_secrets(self.cache), "JWT_SECRET": secret_key(self.tokens_arn, "secret")}


def api(
    ground: Ground,
    stream: KinesisStream,
    tables: Tables,
    lake: Bucket,
    firebase_arn: pulumi.Output[str],
) -> FargateService:
    """Make the API, which alone may put events on the stream and ask about users."""
    context, config = ground.context, ground.context.config
    return ground.service(
        Purpose(
            name=API,
            config=config.compute.api,
            port=API_PORT,
            variables={
                **cache_variables(ground.cache),
                "KINESIS_STREAM": stream.stream_name,
                "EVENTS_TABLE": tables.events.table_name,
                "SESSIONS_TABLE": tables.sessions.table_name,
                "SUMMARY_TABLE": tables.summary.table_name,
                "LAKE_BUCKET": lake.bucket_name,
                "RATE_LIMIT_PER_MINUTE": str(config.requests_per_minute),
                "BEDROCK_MODELS": ",".join(config.analysis.bedrock_models),
                "BEDROCK_AGENTS": ",".join(config.analysis.bedrock_agents),
                "SAGEMAKER_ENDPOINTS": ",".join(config.analysis.sagemaker_endpoints),
                "METRICS_NAMESPACE": METRICS_NAMESPACE,
            },
            secrets={
                **ground.secrets(),
                "FIREBASE_CREDENTIALS": secret_key(firebase_arn, "credentials"),
            },
            secret_arns=[ground.cache.secret_arn, ground.tokens_arn, firebase_arn],
            statements=[
                *access.write_stream(stream.arn, context.shared.keys.arns[DATA]),
                # Erasing is for users who want to be forgotten.
                *use_tables(context, tables.all, (*READ, *ERASE)),
                *use_lake(context, lake),
                *access.publish_metrics(METRICS_NAMESPACE),
                *_analysis(context),
            ],
            traffic=ground.traffic(API_PRIORITY, API_PATHS),
        )
    )


def websocket(ground: Ground) -> FargateService:
    """Make the service that tells open dashboards what happens, over all its tasks by Redis."""
    return ground.service(
        Purpose(
            name=WEBSOCKET,
            config=ground.context.config.compute.websocket,
            port=WEBSOCKET_PORT,
            variables=cache_variables(ground.cache),
            secrets=ground.secrets(),
            secret_arns=[ground.cache.secret_arn, ground.tokens_arn],
            statements=access.publish_metrics(METRICS_NAMESPACE),
            traffic=ground.traffic(WEBSOCKET_PRIORITY, WEBSOCKET_PATHS),
        )
    )


def user_app(ground: Ground) -> FargateService:
    """Make Nginx with the application of the users."""
    config = ground.context.config.compute.user_app
    traffic = ground.traffic(USER_APP_PRIORITY, ["/*"])
    return ground.service(Purpose(name=USER_APP, config=config, port=PAGE_PORT, traffic=traffic))


def dashboard(ground: Ground) -> FargateService:
    """Make Nginx with the dashboard of the analysts."""
    config = ground.context.config.compute.dashboard
    traffic = ground.traffic(DASHBOARD_PRIORITY, DASHBOARD_PATHS)
    return ground.service(Purpose(name=DASHBOARD, config=config, port=PAGE_PORT, traffic=traffic))


def _analysis(context: JourneyContext) -> Sequence[Statement]:
    """Allow asking exactly the configured models, agents and endpoints."""
    config, region = context.config.analysis, context.shared.region
    account = aws.get_caller_identity_output(opts=_look_up(context)).account_id
    statements: list[Statement] = []
    if config.bedrock_models:
        models = [f"arn:aws:bedrock:{region}::foundation-model/{m}" for m in config.bedrock_models]
        actions = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
        statements.append(Statement(actions=actions, resources=models))
    if config.bedrock_agents:
        agents = [
            pulumi.Output.concat(f"arn:aws:bedrock:{region}:", account, f":agent-alias/{agent}")
            for agent in config.bedrock_agents
        ]
        statements.append(Statement(actions=["bedrock:InvokeAgent"], resources=agents))
    if config.sagemaker_endpoints:
        endpoints = [
            pulumi.Output.concat(f"arn:aws:sagemaker:{region}:", account, f":endpoint/{endpoint}")
            for endpoint in config.sagemaker_endpoints
        ]
        statements.append(Statement(actions=["sagemaker:InvokeEndpoint"], resources=endpoints))
    return statements


def _look_up(context: JourneyContext) -> pulumi.InvokeOutputOptions | None:
    options = context.options
    return pulumi.InvokeOutputOptions(provider=options.provider) if options else None
