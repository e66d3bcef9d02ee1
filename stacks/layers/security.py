"""KMS keys by class of data."""

from platformctl.components import Keys, KeysArgs
from platformctl.config.environment import EnvironmentConfig
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.shared import SHARED, tags

DATA, LOGS, MESSAGES, SECRETS = "data", "logs", "messages", "secrets"


def security_layer(config: EnvironmentConfig) -> Keys:
    """Make one key for each class of data, usable by exactly the services that need it."""
    return Keys(
        "keys",
        KeysArgs(
            alias_prefix=f"platform-{config.environment}",
            classes={
                DATA: [],
                LOGS: [f"logs.{config.region}.amazonaws.com"],
                MESSAGES: ["cloudwatch.amazonaws.com", "sns.amazonaws.com"],
                SECRETS: [],
            },
            deletion_window_days=30 if config.deletion_protection else 7,
            deletion_protection=config.deletion_protection,
            tags=component_tags(tags(config, SHARED), "keys", "confidential"),
        ),
    )
