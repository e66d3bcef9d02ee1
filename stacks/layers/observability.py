"""Where alarms of all products go."""

from platformctl.components import Alerts, AlertsArgs, Keys
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.security import MESSAGES
from platformctl.stacks.layers.shared import SHARED, Place, tags

PUBLISHERS = [f"{name}.amazonaws.com" for name in ("aps", "backup", "budgets", "cloudwatch")]


def observability_layer(place: Place, keys: Keys) -> Alerts:
    """Make the topic that alarms publish to, with everybody who is told."""
    config = place.config
    return Alerts(
        place.name("alerts"),
        AlertsArgs(
            topic_name="alerts",
            emails=config.alerts.emails,
            publishers=PUBLISHERS,
            retention_seconds=config.alerts.queue_retention,
            key_arn=keys.arns[MESSAGES],
            tags=component_tags(tags(config, SHARED), "alerts"),
        ),
        place.options,
    )
