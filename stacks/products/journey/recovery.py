"""What stands ready of user journey analytics in the recovery region.

The tables are the same ones, written and read in both regions within seconds of one another; the
lake follows within 15 minutes. Stream, processor and services are there and take over with the
name. Events that the lost region's stream had not handed on yet come when that region is back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.components import (
    ApplicationLoadBalancer,
    Bucket,
    ContainerCluster,
    FargateService,
    KinesisStream,
    LambdaFunction,
    Queue,
    RedisCache,
)
from platformctl.errors import ConfigurationError
from platformctl.stacks.building import edge
from platformctl.stacks.building import stores as building
from platformctl.stacks.building.services import cluster as home
from platformctl.stacks.building.services import service_outputs
from platformctl.stacks.products.journey import processing, services, stores
from platformctl.stacks.products.journey.context import HEALTH_PATH, USER_APP, JourneyContext
from platformctl.stacks.products.journey.groups import security_groups
from platformctl.stacks.products.journey.parts import Journey


@dataclass(frozen=True)
class Standby:
    """The parts that stand ready.

    Attributes:
        balancer: The load balancer.
        cluster: Where the services run.
        api: Takes events in and answers questions.
        websocket: Tells open dashboards what happens.
        user_app: Serves the application of the users.
        dashboard: Serves the dashboard of the analysts.
        stream: What events come on.
        processor: Writes events to the tables.
        failures: Tells of events that were given up.
        tables: The replicas of events, sessions, summaries.
        lake: Follows the lake of the other side.
        cache: Rate limits, sessions, live updates.
    """

    balancer: ApplicationLoadBalancer
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


def standby(context: JourneyContext, primary: Journey) -> Standby:
    """Make what stands ready.

    Args:
        context: The product, on the side that takes over.
        primary: Its parts on the side that serves.

    Raises:
        ConfigurationError: The lake has no copy on this side.
    """
    if primary.lake_copy is None:
        raise ConfigurationError(
            f"{context.product} cannot stand ready in {context.shared.region}",
            why="its lake is not replicated there",
        )
    groups = security_groups(context)
    stream, tables = stores.stream(context), stores.replicas(context, primary.tables)
    failures = processing.failures(context)
    processor = processing.processor(context, stream, tables, failures)
    cache = building.redis(context, context.config.cache, groups)
    balancer = edge.load_balancer(context, groups)
    edge.origin_failover(
        context,
        primary.balancer,
        balancer,
        health_path=HEALTH_PATH,
        serving={USER_APP: primary.user_app},
    )
    tokens_arn, firebase_arn = (
        building.copied_arn(context, secret.arn) for secret in (primary.tokens, primary.firebase)
    )
    ground = services.Ground(context, home(context), groups, balancer, cache, tokens_arn)
    return Standby(
        balancer=balancer,
        cluster=ground.home,
        api=services.api(ground, stream, tables, primary.lake_copy, firebase_arn),
        websocket=services.websocket(ground),
        user_app=services.user_app(ground),
        dashboard=services.dashboard(ground),
        stream=stream,
        processor=processor,
        failures=failures,
        tables=tables,
        lake=primary.lake_copy,
        cache=cache,
    )


OUTPUTS: Mapping[str, Callable[[Standby], Any]] = {
    "load_balancer_arn": lambda made: made.balancer.arn,
    "load_balancer_dns": lambda made: made.balancer.dns_name,
    "listener_arn": lambda made: made.balancer.listener_arn,
    "cluster_name": lambda made: made.cluster.cluster_name,
    **service_outputs("api", lambda made: made.api),
    **service_outputs("websocket", lambda made: made.websocket),
    **service_outputs("user_app", lambda made: made.user_app),
    **service_outputs("dashboard", lambda made: made.dashboard),
    "stream_name": lambda made: made.stream.stream_name,
    "processor_function": lambda made: made.processor.function_name,
    "dead_letter_queue_url": lambda made: made.failures.url,
    "events_table_arn": lambda made: made.tables.events.arn,
    "sessions_table_arn": lambda made: made.tables.sessions.arn,
    "summary_table_arn": lambda made: made.tables.summary.arn,
    "lake_bucket": lambda made: made.lake.bucket_name,
    "redis_endpoint": lambda made: made.cache.address,
}
