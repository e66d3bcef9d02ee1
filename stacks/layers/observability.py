"""Where alarms of all products go."""

from platformctl.components import Alarm, Alarms, AlarmsArgs, Alerts, AlertsArgs, Keys
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.security import MESSAGES
from platformctl.stacks.layers.shared import SHARED, Place, tags

PUBLISHERS = [f"{name}.amazonaws.com" for name in ("aps", "backup", "budgets", "cloudwatch")]
DEAD_LETTERS = "alerts-queue-dead-letters"


def observability_layer(place: Place, keys: Keys) -> Alerts:
    """Make the topic that alarms publish to, with everybody who is told."""
    config = place.config
    alerts = Alerts(
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
    Alarms(
        place.name("alerts-alarms"),
        AlarmsArgs(
            prefix="alerts",
            topic_arn=alerts.topic_arn,
            alarms={
                "unread": Alarm(
                    description="Alarms could not be read from their queue: look at its dead "
                    "letters.",
                    namespace="AWS/SQS",
                    metric="ApproximateNumberOfMessagesVisible",
                    dimensions={"QueueName": DEAD_LETTERS},
                    statistic="Maximum",
                    threshold=0,
                    period=300,
                    missing_data="notBreaching",
                )
            },
            tags=component_tags(tags(config, SHARED), "alerts"),
        ),
        place.options,
    )
    return alerts
