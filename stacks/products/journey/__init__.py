"""User journey analytics: events through Kinesis into DynamoDB, live on a dashboard.

browser → CloudFront → load balancer → user app, dashboard (Nginx)
↘ API → Kinesis → event processor (Lambda) → DynamoDB
↘ WebSocket service ← Redis ← API
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.components import (
    ApplicationLoadBalancer,
    Bucket,
    ContainerCluster,
    Distribution,
    FargateService,
    KinesisStream,
    LambdaFunction,
    Queue,
    RedisCache,
    SigningSecret,
    SigningSecretArgs,
    StoredSecret,
    StoredSecretArgs,
)
from platformctl.stacks.building import edge
from platformctl.stacks.building import stores as building
from platformctl.stacks.building.services import cluster as home
from platformctl.stacks.building.services import service_outputs
from platformctl.stacks.layers.security import SECRETS
from platformctl.stacks.products.journey import processing, services, stores, watch
from platformctl.stacks.products.journey.context import (
    API,
    DASHBOARD,
    USER_APP,
    WEBSOCKET,
    JourneyContext,
)
from platformctl.stacks.products.journey.groups import security_groups
from platformctl.stacks.products.product import Product

TOKEN_LIFE, REFRESH_TOKEN_LIFE = "3600s", "7d"
ASSETS = "/assets/*"


@dataclass(frozen=True)
class Journey:
    """The parts of the product.

    Attributes:
        urls: Where to connect.
        balancer: The load balancer.
        page: CloudFront before the load balancer.
        cluster: Where the services run.
        api: Takes events in and answers questions.
        websocket: Tells open dashboards what happens.
        user_app: Serves the application of the users.
        dashboard: Serves the dashboard of the analysts.
        stream: What events come on.
        processor: Writes events to the tables.
        failures: Tells of events that were given up.
        tables: Events, sessions, summaries.
        lake: Everything that is kept for later.
        cache: Rate limits, sessions, live updates.
        tokens: Key that tokens of analysts are signed with.
        firebase: Credentials that tokens of users are judged with.
    """

    urls: edge.Urls
    balancer: ApplicationLoadBalancer
    page: Distribution
    cluster: ContainerCluster
    api: FargateService
    websocket: FargateService
    user_app: FargateService
    dashboard: FargateService
    stream: KinesisStream
    processor: LambdaFunction
    failures: Queue
    tables: stores.Tables
    lake: Bucket
    cache: RedisCache
    tokens: SigningSecret
    firebase: StoredSecret


def journey(context: JourneyContext) -> Journey:
    """Make the product."""
    groups = security_groups(context)
    tables, stream, lake = stores.tables(context), stores.stream(context), stores.lake(context)
    failures = processing.failures(context)
    processor = processing.processor(context, stream, tables, failures)
    cache = building.redis(context, context.config.cache, groups)
    tokens, firebase = _tokens(context), _firebase(context)
    balancer = edge.load_balancer(context, groups)
    edge.origin_alias(context, balancer)
    page = edge.distribution(context, balancer, cached_paths=[ASSETS])
    ground = services.Ground(context, home(context), groups, balancer, cache, tokens)
    made = {
        API: services.api(ground, stream, tables, lake, firebase),
        WEBSOCKET: services.websocket(ground),
        USER_APP: services.user_app(ground),
        DASHBOARD: services.dashboard(ground),
    }
    watch.alarms(context, balancer, made, stream, processor, failures, tables, cache)
    watch.dashboard(context, balancer, made[API], stream, processor, failures, tables, cache)
    return Journey(
        urls=edge.urls(context, balancer, page),
        balancer=balancer,
        page=page,
        cluster=ground.home,
        api=made[API],
        websocket=made[WEBSOCKET],
        user_app=made[USER_APP],
        dashboard=made[DASHBOARD],
        stream=stream,
        processor=processor,
        failures=failures,
        tables=tables,
        lake=lake,
        cache=cache,
        tokens=tokens,
        firebase=firebase,
    )


def _tokens(context: JourneyContext) -> SigningSecret:
    return SigningSecret(
        context.name("jwt"),
        SigningSecretArgs(
            name=f"{context.product}/jwt",
            expires_in=TOKEN_LIFE,
            refresh_expires_in=REFRESH_TOKEN_LIFE,
            key_arn=context.shared.keys.arns[SECRETS],
            recovery_window_days=context.shared.secret_recovery_window_days,
            tags=context.tags("tokens", "confidential"),
        ),
        context.options,
    )


def _firebase(context: JourneyContext) -> StoredSecret:
    """Make the secret for Firebase's service account; its value is Firebase's, not ours.

    Whoever has the account stores it (`platformctl secret`); Pulumi leaves it alone from then on.
    """
    return StoredSecret(
        context.name("firebase"),
        StoredSecretArgs(
            name=f"{context.product}/firebase",
            description="Service account that tokens of Firebase are judged with",
            value={"credentials": "{}"},
            key_arn=context.shared.keys.arns[SECRETS],
            recovery_window_days=context.shared.secret_recovery_window_days,
            rotated=True,
            tags=context.tags("firebase", "confidential"),
        ),
        context.options,
    )


OUTPUTS: Mapping[str, Callable[[Journey], Any]] = {
    "frontend_url": lambda made: made.urls.frontend,
    "origin_url": lambda made: made.urls.origin,
    "load_balancer_arn": lambda made: made.balancer.arn,
    "load_balancer_dns": lambda made: made.balancer.dns_name,
    "listener_arn": lambda made: made.balancer.listener_arn,
    "distribution_id": lambda made: made.page.distribution_id,
    "cluster_name": lambda made: made.cluster.cluster_name,
    **service_outputs("api", lambda made: made.api),
    **service_outputs("websocket", lambda made: made.websocket),
    **service_outputs("user_app", lambda made: made.user_app),
    **service_outputs("dashboard", lambda made: made.dashboard),
    "stream_name": lambda made: made.stream.stream_name,
    "processor_function": lambda made: made.processor.function_name,
    "dead_letter_queue_url": lambda made: made.failures.url,
    "events_table": lambda made: made.tables.events.table_name,
    "sessions_table": lambda made: made.tables.sessions.table_name,
    "summary_table": lambda made: made.tables.summary.table_name,
    "lake_bucket": lambda made: made.lake.bucket_name,
    "redis_endpoint": lambda made: made.cache.address,
    "redis_secret_arn": lambda made: made.cache.secret_arn,
    "jwt_secret_arn": lambda made: made.tokens.arn,
    "firebase_secret_arn": lambda made: made.firebase.arn,
}

PRODUCT = Product(make=journey, outputs=OUTPUTS)
