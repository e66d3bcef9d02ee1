"""Where alarms of all products go."""

from platformctl.components import Alerts, AlertsArgs, Keys
from platformctl.config.environment import EnvironmentConfig
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.security import MESSAGES
from platformctl.stacks.layers.shared import SHARED, tags


def observability_layer(config: EnvironmentConfig, keys: Keys) -> Alerts:
    """Make the topic that alarms publish to, with everybody who is told."""
    return Alerts(
        "alerts",
        AlertsArgs(
            topic_name="alerts",
            emails=config.alerts.emails,
            retention_seconds=config.alerts.queue_retention,
            key_arn=keys.arns[MESSAGES],
            tags=component_tags(tags(config, SHARED), "alerts"),
        ),
    )
