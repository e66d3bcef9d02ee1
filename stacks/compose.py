"""An environment from the ground up: shared layers first, then the products on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformctl.config.app import App
from platformctl.config.environment import EnvironmentConfig, Product
from platformctl.stacks.layers.domain import hosted_zone
from platformctl.stacks.layers.network import network_layer
from platformctl.stacks.layers.observability import observability_layer
from platformctl.stacks.layers.security import security_layer
from platformctl.stacks.layers.shared import Shared
from platformctl.stacks.products.context import Context
from platformctl.stacks.products.table import product


@dataclass(frozen=True)
class Environment:
    """Everything that the program made.

    Attributes:
        config: What was asked for.
        shared: The layers that products stand on.
        products: The parts of each product asked for, by its name.
    """

    config: EnvironmentConfig
    shared: Shared
    products: Mapping[Product, Any]


def compose(config: EnvironmentConfig, apps: Mapping[str, App], project: Path) -> Environment:
    """Make an environment.

    Args:
        config: What the stack file says.
        apps: The applications by image name.
        project: Root of the project, for files that are uploaded.
    """
    keys = security_layer(config)
    network = network_layer(config, keys)
    alerts = observability_layer(config, keys)
    shared = Shared(
        config=config,
        apps=apps,
        side="primary",
        region=config.region,
        keys=keys,
        network=network,
        alerts=alerts,
        hosted_zone_id=hosted_zone(config),
    )
    products: dict[Product, Any] = {
        name: product(name).make(Context(name, shared, getattr(config, name), project))
        for name in config.products
    }
    return Environment(config=config, shared=shared, products=products)
