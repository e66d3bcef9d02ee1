"""What the services keep: accounts and entries, sessions, exports, keys."""

from dataclasses import dataclass

from platformctl.components import (
    Bucket,
    BucketArgs,
    LifecycleRule,
    PostgresDatabase,
    RedisCache,
    SecurityGroups,
    SigningSecret,
    SigningSecretArgs,
)
from platformctl.stacks.building import stores
from platformctl.stacks.layers.security import DATA, SECRETS
from platformctl.stacks.products.aura.context import DATABASE, USERNAME, AuraContext

EXPORT_DAYS = 7
"""Days that a user can fetch an export; afterwards nobody has a reason to keep it."""


@dataclass(frozen=True)
class Stores:
    """Everything that is kept.

    Attributes:
        database: PostgreSQL with accounts and entries.
        cache: Redis with sessions, limits and pages.
        exports: Exports of their data for users.
        tokens: Key that tokens are signed with.
        entries: Key that users' keys are derived from.
    """

    database: PostgresDatabase
    cache: RedisCache
    exports: Bucket
    tokens: SigningSecret
    entries: SigningSecret


def make(context: AuraContext, groups: SecurityGroups) -> Stores:
    """Make every store."""
    return Stores(
        database=stores.postgres(
            context, context.config.database, groups, database=DATABASE, username=USERNAME
        ),
        cache=stores.redis(context, context.config.cache, groups),
        exports=_exports(context),
        tokens=_key(context, "jwt"),
        entries=_key(context, "entries"),
    )


def _exports(context: AuraContext) -> Bucket:
    return Bucket(
        context.name("exports"),
        BucketArgs(
            key_arn=context.shared.keys.arns[DATA],
            lifecycle=[LifecycleRule(key="fetched", expire_days=EXPORT_DAYS)],
            force_destroy=not context.shared.config.deletion_protection,
            tags=context.tags("exports", "confidential"),
        ),
        context.options,
    )


def _key(context: AuraContext, name: str) -> SigningSecret:
    return SigningSecret(
        context.name(name),
        SigningSecretArgs(
            name=f"{context.product}/{name}",
            key_arn=context.shared.keys.arns[SECRETS],
            recovery_window_days=context.shared.secret_recovery_window_days,
            tags=context.tags(name, "confidential"),
        ),
        context.options,
    )
