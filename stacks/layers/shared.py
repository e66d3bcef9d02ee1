"""What a product is given to stand on."""

from collections.abc import Mapping
from dataclasses import dataclass

from platformctl.components import Alerts, Keys, Network
from platformctl.config.app import App
from platformctl.config.environment import EnvironmentConfig
from platformctl.naming.tags import resource_tags

SHARED = "platform"


@dataclass(frozen=True)
class Shared:
    """The shared layers of one environment.

    Attributes:
        config: What the stack file says.
        apps: The applications by image name.
        keys: KMS keys by class of data.
        network: The VPC.
        alerts: Where alarms go.
    """

    config: EnvironmentConfig
    apps: Mapping[str, App]
    keys: Keys
    network: Network
    alerts: Alerts

    @property
    def secret_recovery_window_days(self) -> int:
        """Days that a deleted secret can be restored; none where nothing is protected."""
        return 30 if self.config.deletion_protection else 0


def tags(config: EnvironmentConfig, product: str) -> dict[str, str]:
    """Return the tags of a product, or of what products share."""
    return resource_tags(
        environment=config.environment,
        product=product,
        cost_center=config.cost_center,
        owner=config.owner,
    )
