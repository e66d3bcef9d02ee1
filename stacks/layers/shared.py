"""What a product is given to stand on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi

from platformctl.components import Alerts, Keys, Network
from platformctl.config.app import App
from platformctl.config.environment import EnvironmentConfig
from platformctl.naming.tags import resource_tags

SHARED = "platform"
Side = Literal["primary", "recovery"]


@dataclass(frozen=True)
class Shared:
    """The shared layers of one side of an environment.

    Attributes:
        config: What the stack file says.
        apps: The applications by image name.
        side: Whether this side serves, or takes over when the other one is lost.
        region: Region of this side.
        keys: KMS keys by class of data.
        network: The VPC.
        alerts: Where alarms go.
        hosted_zone_id: Zone of the environment's domain; None without a domain.
        options: Options of everything on this side: the provider of its region.
    """

    config: EnvironmentConfig
    apps: Mapping[str, App]
    side: Side
    region: str
    keys: Keys
    network: Network
    alerts: Alerts
    hosted_zone_id: pulumi.Input[str] | None = None
    options: pulumi.ResourceOptions | None = None

    @property
    def secret_recovery_window_days(self) -> int:
        """Days that a deleted secret can be restored; none where nothing is protected."""
        return 30 if self.config.deletion_protection else 0

    @property
    def prefix(self) -> str:
        """What logical names of this side begin with, after the product's name."""
        return "" if self.side == "primary" else f"{self.side}-"


def tags(config: EnvironmentConfig, product: str) -> dict[str, str]:
    """Return the tags of a product, or of what products share."""
    return resource_tags(
        environment=config.environment,
        product=product,
        cost_center=config.cost_center,
        owner=config.owner,
    )
