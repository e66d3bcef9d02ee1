"""The parts of AURA Journal."""

from collections.abc import Mapping
from dataclasses import dataclass

from platformctl.components import ApplicationLoadBalancer, Distribution, KubernetesWorkload
from platformctl.stacks.building.edge import Urls
from platformctl.stacks.products.aura.cluster import Home
from platformctl.stacks.products.aura.context import Service
from platformctl.stacks.products.aura.stores import Stores


@dataclass(frozen=True)
class Aura:
    """The parts of the product.

    Attributes:
        urls: Where to connect.
        balancer: The load balancer.
        page: CloudFront before the load balancer.
        home: Where the services run.
        services: The services by name.
        stores: What they keep.
    """

    urls: Urls
    balancer: ApplicationLoadBalancer
    page: Distribution
    home: Home
    services: Mapping[Service, KubernetesWorkload]
    stores: Stores
