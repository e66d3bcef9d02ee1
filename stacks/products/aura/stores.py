"""What the services keep: accounts and entries, sessions, exports, keys."""

from dataclasses import dataclass

from platformctl.components import (
    Bucket,
    BucketArgs,
    BucketReplication,
    DocumentDatabase,
    DocumentDatabaseArgs,
    LifecycleRule,
    PostgresDatabase,
    RedisCache,
    SecurityGroups,
    SigningSecret,
    SigningSecretArgs,
)
from platformctl.stacks.building import signing, stores
from platformctl.stacks.layers.access_logs import logged
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
        exports_copy: Where the recovery region keeps the same; None without one.
        tokens: Key that tokens are signed with.
        entries: Key that users' keys are derived from.
    """

    database: PostgresDatabase
    documents: DocumentDatabase
    cache: RedisCache
    exports: Bucket
    exports_copy: Bucket | None
    tokens: SigningSecret
    entries: SigningSecret


def make(context: AuraContext, groups: SecurityGroups) -> Stores:
    """Make every store."""
    exports_copy = _exports(context.recovery) if context.recovery else None
    return Stores(
        database=stores.postgres(
            context, context.config.database, groups, database=DATABASE, username=USERNAME
        ),
        documents=_documents(context, groups),
        cache=stores.redis(context, context.config.cache, groups),
        exports=_exports(context, exports_copy),
        exports_copy=exports_copy,
        tokens=signing.token_key(context),
        entries=_entries_key(context),
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
            secret_replica_regions=context.replica_keys,
            deletion_protection=shared.config.deletion_protection,
            # DocumentDB follows into another region only for clusters of a price class above.
            tags={**context.tags("documents", "confidential"), **context.restored},
        ),
        context.options,
    )


def _exports(context: AuraContext, copy: Bucket | None = None) -> Bucket:
    return Bucket(
        context.name("exports"),
        BucketArgs(
            key_arn=context.shared.keys.arns[DATA],
            lifecycle=[LifecycleRule(key="fetched", expire_days=EXPORT_DAYS)],
            replication=BucketReplication(
                bucket_arn=copy.arn, key_arn=copy.args.key_arn, time_control=True
            )
            if copy
            else None,
            access_logs=logged(context.shared, context.name("exports")),
            force_destroy=not context.shared.config.deletion_protection,
            tags=context.tags("exports", "confidential"),
        ),
        context.options,
    )


def _entries_key(context: AuraContext) -> SigningSecret:
    """Make the key that users' keys are derived from; with another one no entry can be read."""
    return SigningSecret(
        context.name("entries"),
        SigningSecretArgs(
            name=f"{context.product}/entries",
            key_arn=context.shared.keys.arns[SECRETS],
            recovery_window_days=context.shared.secret_recovery_window_days,
            replica_regions=context.replica_keys,
            tags=context.tags("entries", "confidential"),
        ),
        context.options,
    )
