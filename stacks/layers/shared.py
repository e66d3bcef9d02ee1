"""What a product is given to stand on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi

from platformctl.components import Alerts, Bucket, Keys, MetricsWorkspace, Network
from platformctl.config.app import App
from platformctl.config.environment import EnvironmentConfig
from platformctl.naming.tags import resource_tags

SHARED = "platform"
Side = Literal["primary", "recovery"]


@dataclass(frozen=True)
class Place:
    """Where one side of an environment is.

    Attributes:
        config: What the stack file says.
        side: Whether this side serves, or takes over when the other one is lost.
        region: Its region.
        zones: Its availability zones.
        cidr: Address block of its VPC.
        options: Options of everything on this side: the provider of its region.
    """

    config: EnvironmentConfig
    side: Side
    region: str
    zones: Sequence[str]
    cidr: str
    options: pulumi.ResourceOptions | None = None

    def name(self, part: str) -> str:
        """Return the logical name of a shared part, different on either side."""
        return part if self.side == "primary" else f"{self.side}-{part}"


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
        access_logs: Where buckets log their accesses.
        hosted_zone_id: Zone of the environment's domain; None without a domain.
        options: Options of everything on this side: the provider of its region.
        metrics: Where services' own metrics are kept; None where nobody collects them.
        recovery: The side that takes over; None without one, and on that side itself.
    """

    config: EnvironmentConfig
    apps: Mapping[str, App]
    side: Side
    region: str
    keys: Keys
    network: Network
    alerts: Alerts
    access_logs: Bucket
    hosted_zone_id: pulumi.Input[str] | None = None
    options: pulumi.ResourceOptions | None = None
    metrics: MetricsWorkspace | None = None
    recovery: "Shared | None" = None

    @property
    def secret_recovery_window_days(self) -> int:
        """Days that a deleted secret can be restored; none where nothing is protected."""
        return 30 if self.config.deletion_protection else 0

    @property
    def prefix(self) -> str:
        """What logical names of this side begin with, after the product's name."""
        return "" if self.side == "primary" else f"{self.side}-"


def observed(config: EnvironmentConfig) -> bool:
    """Tell whether a collector runs beside tasks; the local region cannot run its image."""
    return config.environment != "local" and not config.rehearsal


def tags(config: EnvironmentConfig, product: str) -> dict[str, str]:
    """Return the tags of a product, or of what products share."""
    return resource_tags(
        environment=config.environment,
        product=product,
        cost_center=config.cost_center,
        owner=config.owner,
    )
