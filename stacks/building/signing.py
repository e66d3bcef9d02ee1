"""The key that a product signs tokens with, which changes by itself."""

from typing import Any

from pulumi import AssetArchive, FileAsset

from platformctl.components import (
    Alarm,
    SecretRotation,
    SecretRotationArgs,
    SigningSecret,
    SigningSecretArgs,
)
from platformctl.config.app import files
from platformctl.errors import ConfigurationError
from platformctl.stacks.building import watch
from platformctl.stacks.layers.security import LOGS, SECRETS
from platformctl.stacks.products.context import Context

ROTATION = "platform-secret-rotation"
LAMBDA = "AWS/Lambda"


def token_key(
    context: Context[Any], *, expires_in: str = "15m", refresh_expires_in: str = "7d"
) -> SigningSecret:
    """Make the secret with the key, and what rotates it where that is configured.

    Args:
        context: The product.
        expires_in: How long an access token lives.
        refresh_expires_in: How long a refresh token lives.
    """
    shared, days = context.shared, context.shared.config.rotation.signing_key_days
    key = SigningSecret(
        context.name("jwt"),
        SigningSecretArgs(
            name=f"{context.product}/jwt",
            expires_in=expires_in,
            refresh_expires_in=refresh_expires_in,
            key_arn=shared.keys.arns[SECRETS],
            recovery_window_days=shared.secret_recovery_window_days,
            rotated=days is not None,
            replica_regions=context.replica_keys,
            tags=context.tags("tokens", "confidential"),
        ),
        context.options,
    )
    if days is not None:
        _rotate(context, key, days)
    return key


def _rotate(context: Context[Any], key: SigningSecret, days: int) -> None:
    shared, app = context.shared, context.shared.apps.get(ROTATION)
    if app is None:
        raise ConfigurationError(
            f"there is no function {ROTATION}",
            why=f"no apps/*/*/app.yaml has the image {ROTATION}",
            remedy="remove platform:rotation.signingKeyDays, or bring the application back",
        )
    rotation = SecretRotation(
        context.name("jwt-rotation"),
        SecretRotationArgs(
            secret_arn=key.arn,
            kind="jwt",
            function_name=f"{context.product}-jwt-rotation",
            code=AssetArchive({name: FileAsset(str(path)) for name, path in files(app).items()}),
            key_arn=shared.keys.arns[SECRETS],
            every_days=days,
            log_key_arn=shared.keys.arns[LOGS],
            log_retention_days=shared.config.logs.retention_days,
            tags=context.tags("tokens"),
        ),
        context.options,
    )
    watch.alarms(
        context,
        {
            f"jwt-rotation-{metric.lower()}": Alarm(
                description="The key that tokens are signed with does not change: look at the log "
                "of the rotation.",
                namespace=LAMBDA,
                metric=metric,
                dimensions={"FunctionName": rotation.function.function_name},
                statistic="Sum",
                threshold=0,
                period=300,
                missing_data="notBreaching",
            )
            for metric in ("Errors", "Throttles")
        },
        part="jwt-rotation-alarms",
    )
