"""An environment from the ground up: shared layers first, then the products on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from platformctl.components import DynamoTable, GrafanaWorkspace
from platformctl.config.app import App
from platformctl.config.environment import EnvironmentConfig, Product
from platformctl.stacks.layers.access_logs import access_log_layer
from platformctl.stacks.layers.backups import backups
from platformctl.stacks.layers.costs import budgets
from platformctl.stacks.layers.domain import hosted_zone
from platformctl.stacks.layers.images import replicated_images
from platformctl.stacks.layers.metrics import grafana, metrics_layer
from platformctl.stacks.layers.network import network_layer
from platformctl.stacks.layers.observability import observability_layer
from platformctl.stacks.layers.operations import operations_layer
from platformctl.stacks.layers.recovery import primary_place, recovery_place
from platformctl.stacks.layers.security import security_layer
from platformctl.stacks.layers.shared import Place, Shared
from platformctl.stacks.layers.tracing import tracing_layer
from platformctl.stacks.products.context import Context
from platformctl.stacks.products.table import product


@dataclass(frozen=True)
class Environment:
    """Everything that the program made.

    Attributes:
        config: What was asked for.
        shared: The layers that products stand on.
        products: The parts of each product asked for, by its name.
        standbys: What stands ready of a product in the recovery region, by its name.
        operations: What operators do to it is recorded here.
        grafana: Where metrics are looked at; None where nobody collects them.
    """

    config: EnvironmentConfig
    shared: Shared
    products: Mapping[Product, Any]
    standbys: Mapping[Product, Any]
    operations: DynamoTable
    grafana: GrafanaWorkspace | None


def compose(config: EnvironmentConfig, apps: Mapping[str, App], project: Path) -> Environment:
    """Make an environment.

    Args:
        config: What the stack file says.
        apps: The applications by image name.
        project: Root of the project, for files that are uploaded.
    """
    zone = hosted_zone(config)
    elsewhere = recovery_place(config)
    recovery = _side(elsewhere, apps, zone) if elsewhere else None
    shared = _side(primary_place(config), apps, zone, recovery)
    budgets(config, shared.alerts)
    backups(shared)
    operations = operations_layer(shared)
    replicated_images(shared)
    tracing_layer(shared)
    boards = grafana(shared)
    products: dict[Product, Any] = {}
    standbys: dict[Product, Any] = {}
    for name in config.products:
        kind = product(name)
        context = Context(name, shared, getattr(config, name), project)
        products[name] = kind.make(context)
        if kind.recover is not None and context.recovery is not None:
            standbys[name] = kind.recover(context.recovery, products[name])
    return Environment(
        config=config,
        shared=shared,
        products=products,
        standbys=standbys,
        operations=operations,
        grafana=boards,
    )


def _side(
    place: Place,
    apps: Mapping[str, App],
    zone: pulumi.Input[str] | None,
    recovery: Shared | None = None,
) -> Shared:
    keys = security_layer(place)
    alerts = observability_layer(place, keys)
    return Shared(
        config=place.config,
        apps=apps,
        side=place.side,
        region=place.region,
        keys=keys,
        network=network_layer(place, keys),
        alerts=alerts,
        metrics=metrics_layer(place, keys, alerts.topic_arn),
        access_logs=access_log_layer(place),
        hosted_zone_id=zone,
        options=place.options,
        recovery=recovery,
    )
