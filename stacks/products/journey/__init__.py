"""User journey analytics: events through Kinesis into DynamoDB, live on a dashboard.

browser → CloudFront → load balancer → user app, dashboard (Nginx)
↘ API → Kinesis → event processor (Lambda) → DynamoDB
↘ WebSocket service ← Redis ← API
"""

from collections.abc import Callable, Mapping
from typing import Any

from platformctl.components import (
    StoredSecret,
    StoredSecretArgs,
)
from platformctl.stacks.building import edge, signing
from platformctl.stacks.building import stores as building
from platformctl.stacks.building.services import cluster as home
from platformctl.stacks.building.services import service_outputs
from platformctl.stacks.layers.security import SECRETS
from platformctl.stacks.products.journey import processing, recovery, services, stores, watch
from platformctl.stacks.products.journey.context import (
    API,
    DASHBOARD,
    USER_APP,
    WEBSOCKET,
    JourneyContext,
)
from platformctl.stacks.products.journey.groups import security_groups
from platformctl.stacks.products.journey.parts import Journey
from platformctl.stacks.products.product import Product

TOKEN_LIFE, REFRESH_TOKEN_LIFE = "3600s", "7d"
ASSETS = "/assets/*"


def journey(context: JourneyContext) -> Journey:
    """Make the product."""
    groups = security_groups(context)
    tables, stream = stores.tables(context), stores.stream(context)
    lake_copy = stores.lake(context.recovery) if context.recovery else None
    lake = stores.lake(context, lake_copy)
    failures = processing.failures(context)
    processor = processing.processor(context, stream, tables, failures)
    cache = building.redis(context, context.config.cache, groups)
    tokens = signing.token_key(
        context, expires_in=TOKEN_LIFE, refresh_expires_in=REFRESH_TOKEN_LIFE
    )
    firebase = _firebase(context)
    balancer = edge.load_balancer(context, groups)
    edge.origin_alias(context, balancer)
    page = edge.distribution(context, balancer, cached_paths=[ASSETS])
    ground = services.Ground(context, home(context), groups, balancer, cache, tokens.arn)
    made = {
        API: services.api(ground, stream, tables, lake, firebase.arn),
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
        lake_copy=lake_copy,
        cache=cache,
        tokens=tokens,
        firebase=firebase,
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
            replica_regions=context.replica_keys,
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

PRODUCT = Product(
    make=journey,
    outputs=OUTPUTS,
    recover=recovery.standby,
    recovery_outputs=recovery.OUTPUTS,
)
