"""Stores as their sections of the stack file say."""

from typing import Any

from platformctl.components import (
    PostgresDatabase,
    PostgresDatabaseArgs,
    Proxy,
    RedisCache,
    RedisCacheArgs,
    Replica,
    SecurityGroups,
)
from platformctl.config.data import CacheConfig, DatabaseConfig
from platformctl.stacks.layers.security import DATA, SECRETS
from platformctl.stacks.products.context import Context

DATABASE_GROUP, CACHE_GROUP = "database", "redis"


def postgres(
    context: Context[Any],
    config: DatabaseConfig,
    groups: SecurityGroups,
    *,
    database: str,
    username: str,
) -> PostgresDatabase:
    """Make a product's database, with replica and proxy where configured.

    Args:
        context: The product.
        config: The database's section.
        groups: Groups of the product; `database` is the database's.
        database: Name of the database.
        username: Name of the master user.
    """
    shared, replica, proxy = context.shared, config.replica, config.proxy
    return PostgresDatabase(
        context.name("database"),
        PostgresDatabaseArgs(
            identifier=context.product,
            subnet_ids=shared.network.data_subnet_ids,
            security_group_ids=[groups.ids[DATABASE_GROUP]],
            instance_class=config.instance_class,
            allocated_storage=config.allocated_storage,
            engine_version=config.engine_version,
            database=database,
            username=username,
            multi_az=config.multi_az,
            backup_retention=config.backup_retention,
            backup_window=config.backup_window,
            maintenance_window=config.maintenance_window,
            replica=Replica(instance_class=replica.instance_class) if replica else None,
            proxy=Proxy(
                idle_client_timeout=proxy.idle_client_timeout,
                max_connections_percent=proxy.max_connections_percent,
            )
            if proxy
            else None,
            key_arn=shared.keys.arns[DATA],
            secret_key_arn=shared.keys.arns[SECRETS],
            deletion_protection=shared.config.deletion_protection,
            secret_recovery_window_days=shared.secret_recovery_window_days,
            tags=context.tags("database", "confidential"),
        ),
        context.options,
    )


def redis(context: Context[Any], config: CacheConfig, groups: SecurityGroups) -> RedisCache:
    """Make a product's cache; `redis` is its group."""
    shared = context.shared
    return RedisCache(
        context.name("cache"),
        RedisCacheArgs(
            identifier=context.product,
            subnet_ids=shared.network.app_subnet_ids,
            security_group_ids=[groups.ids[CACHE_GROUP]],
            node_type=config.node_type,
            nodes=config.nodes,
            engine_version=config.engine_version,
            snapshot_retention=config.snapshot_retention,
            key_arn=shared.keys.arns[DATA],
            secret_key_arn=shared.keys.arns[SECRETS],
            deletion_protection=shared.config.deletion_protection,
            secret_recovery_window_days=shared.secret_recovery_window_days,
            tags=context.tags("cache", "confidential"),
        ),
        context.options,
    )
