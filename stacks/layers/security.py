"""KMS keys by class of data."""

from platformctl.components import Keys, KeysArgs
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.shared import SHARED, Place, tags

DATA, LOGS, MESSAGES, SECRETS = "data", "logs", "messages", "secrets"
PUBLISHING = ("aps", "backup", "budgets", "cloudwatch", "sns")
"""Services that put messages on encrypted topics."""


def security_layer(place: Place) -> Keys:
    """Make one key for each class of data, usable by exactly the services that need it."""
    config = place.config
    return Keys(
        place.name("keys"),
        KeysArgs(
            alias_prefix=f"platform-{config.environment}",
            classes={
                DATA: [],
                LOGS: [f"logs.{place.region}.amazonaws.com", "xray.amazonaws.com"],
                MESSAGES: [
                    "budgets.amazonaws.com",
                    "cloudwatch.amazonaws.com",
                    "sns.amazonaws.com",
                ],
                SECRETS: [],
            },
            deletion_window_days=30 if config.deletion_protection else 7,
            deletion_protection=config.deletion_protection,
            tags=component_tags(tags(config, SHARED), "keys", "confidential"),
        ),
        place.options,
    )
