"""The parts of user journey analytics."""

from dataclasses import dataclass

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
    StoredSecret,
)
from platformctl.stacks.building.edge import Urls
from platformctl.stacks.products.journey.stores import Tables


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
        lake_copy: Where the recovery region keeps the same; None without one.
        cache: Rate limits, sessions, live updates.
        tokens: Key that tokens of analysts are signed with.
        firebase: Credentials that tokens of users are judged with.
    """

    urls: Urls
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
    tables: Tables
    lake: Bucket
    lake_copy: Bucket | None
    cache: RedisCache
    tokens: SigningSecret
    firebase: StoredSecret
