"""The parts of CloudWeave."""

from dataclasses import dataclass

from platformctl.components import (
    ApplicationLoadBalancer,
    ContainerCluster,
    Distribution,
    FargateService,
    PostgresDatabase,
    RedisCache,
    SigningSecret,
)
from platformctl.stacks.building.edge import Urls


@dataclass(frozen=True)
class Cloudweave:
    """The parts of the product.

    Attributes:
        urls: Where to connect.
        balancer: The load balancer.
        api_balancer: The load balancer before the API; the same one, if so configured.
        page: CloudFront before the load balancer.
        cluster: Where the services run.
        frontend: Serves the console.
        backend: Serves the API.
        database: What the API knows.
        cache: Sessions, and the API's answers.
        tokens: Key that tokens are signed with.
    """

    urls: Urls
    balancer: ApplicationLoadBalancer
    api_balancer: ApplicationLoadBalancer
    page: Distribution
    cluster: ContainerCluster
    frontend: FargateService
    backend: FargateService
    database: PostgresDatabase
    cache: RedisCache
    tokens: SigningSecret
