"""What every part of the product is given."""

from dataclasses import dataclass

from platformctl.config.analytics import AnalyticsConfig
from platformctl.config.app import App
from platformctl.errors import ConfigurationError
from platformctl.naming.tags import DataClass, component_tags
from platformctl.stacks.layers.shared import Shared, tags

PRODUCT = "analytics"
DATABASE = "analytics"
USERNAME = "analytics"
EVENTS_TOPIC = "analytics-events"
DEAD_LETTER_TOPIC = "analytics-events-dead-letter"
CONSUMER_GROUP = "analytics-consumers"
METRICS_NAMESPACE = "Analytics"
LAG_METRIC = "ConsumerLag"


@dataclass(frozen=True)
class Context:
    """The product's configuration and what it stands on.

    Attributes:
        shared: The shared layers.
        config: The product's section of the stack file.
    """

    shared: Shared
    config: AnalyticsConfig

    def tags(self, component: str, data_class: DataClass = "internal") -> dict[str, str]:
        """Return the tags of one part of the product."""
        return component_tags(tags(self.shared.config, PRODUCT), component, data_class)

    def app(self, name: str) -> App:
        """Return the application of a service.

        Raises:
            ConfigurationError: There is no such application under `apps/`.
        """
        image = f"{PRODUCT}-{name}"
        try:
            return self.shared.apps[image]
        except KeyError:
            known = ", ".join(sorted(self.shared.apps)) or "none"
            raise ConfigurationError(
                f"there is no application with the image {image!r}",
                why=f"apps/*/*/app.yaml name {known}",
            ) from None

    def port(self, name: str) -> int:
        """Return the port of a service.

        Raises:
            ConfigurationError: Its application serves none.
        """
        port = self.app(name).port
        if port is None:
            raise ConfigurationError(
                f"{self.app(name).path} has no port", why=f"the service {name!r} needs one"
            )
        return port
