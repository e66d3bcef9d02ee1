"""What the services keep: accounts and entries, sessions, exports, keys."""

from dataclasses import dataclass

from platformctl.components import (
    Bucket,
    BucketArgs,
    DocumentDatabase,
    DocumentDatabaseArgs,
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

DOCUMENTS_GROUP = "documents"
EXPORT_DAYS = 7
"""Days that a user can fetch an export; afterwards nobody has a reason to keep it."""


@dataclass(frozen=True)
class Stores:
    """Everything that is kept.

    Attributes:
        database: PostgreSQL with accounts and entries.
        documents: DocumentDB with analyses of entries.
        cache: Redis with sessions, limits and pages.
        exports: Exports of their data for users.
        tokens: Key that tokens are signed with.
        entries: Key that users' keys are derived from.
    """

    database: PostgresDatabase
    documents: DocumentDatabase
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
        documents=_documents(context, groups),
        cache=stores.redis(context, context.config.cache, groups),
        exports=_exports(context),
        tokens=_key(context, "jwt"),
        entries=_key(context, "entries"),
    )


def _documents(context: AuraContext, groups: SecurityGroups) -> DocumentDatabase:
    config, shared = context.config.documents, context.shared
    return DocumentDatabase(
        context.name("documents"),
        DocumentDatabaseArgs(
            identifier=context.product,
            subnet_ids=shared.network.data_subnet_ids,
            security_group_ids=[groups.ids[DOCUMENTS_GROUP]],
            instance_class=config.instance_class,
            instances=config.instances,
            username=USERNAME,
            backup_retention=config.backup_retention,
            key_arn=shared.keys.arns[DATA],
            secret_key_arn=shared.keys.arns[SECRETS],
            secret_recovery_window_days=shared.secret_recovery_window_days,
            deletion_protection=shared.config.deletion_protection,
            tags=context.tags("documents", "confidential"),
        ),
        context.options,
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
