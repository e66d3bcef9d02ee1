"""Stores as their sections of the stack file say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from platformctl.components import (
    PostgresDatabase,
    PostgresDatabaseArgs,
    PostgresReplica,
    PostgresReplicaArgs,
    Proxy,
    RedisCache,
    RedisCacheArgs,
    Replica,
    SecurityGroups,
)
from platformctl.config.data import CacheConfig, DatabaseConfig
from platformctl.config.recovery import RecoveryConfig
from platformctl.errors import ConfigurationError
from platformctl.stacks.layers.security import DATA, LOGS, SECRETS
from platformctl.stacks.products.context import Context

DATABASE_GROUP, CACHE_GROUP = "database", "redis"
NO_PARAMETERS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Connection:
    """Where services find a database, and what lets them in.

    Attributes:
        address: Where writers connect.
        reader_address: Where readers connect.
        secret_arn: The secret with its password.
        connect_arn: ARN for `rds-db:connect`.
    """

    address: pulumi.Output[str]
    reader_address: pulumi.Output[str]
    secret_arn: pulumi.Output[str]
    connect_arn: pulumi.Output[str]

    def reference(self, key: str) -> pulumi.Output[str]:
        """Return what a container definition calls one key of the secret."""
        return pulumi.Output.concat(self.secret_arn, f":{key}::")


def connection(store: PostgresDatabase) -> Connection:
    """Return where services find a database of this side."""
    return Connection(
        address=store.address,
        reader_address=store.replica_address,
        secret_arn=store.secret_arn,
        connect_arn=store.connect_arn,
    )


def postgres(
    context: Context[Any],
    config: DatabaseConfig,
    groups: SecurityGroups,
    *,
    database: str,
    username: str,
    parameters: Mapping[str, str] = NO_PARAMETERS,
    static_parameters: Mapping[str, str] = NO_PARAMETERS,
) -> PostgresDatabase:
    """Make a product's database, with replica and proxy where configured.

    Args:
        context: The product.
        config: The database's section.
        groups: Groups of the product; `database` is the database's.
        database: Name of the database.
        username: Name of the master user.
        parameters: Database parameters that take effect at once.
        static_parameters: Database parameters that take effect with the next restart.
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
            max_allocated_storage=config.max_allocated_storage,
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
            parameters=parameters,
            static_parameters=static_parameters,
            secret_key_arn=shared.keys.arns[SECRETS],
            secret_replica_regions=context.replica_keys,
            deletion_protection=shared.config.deletion_protection,
            secret_recovery_window_days=shared.secret_recovery_window_days,
            tags=context.tags("database", "confidential"),
        ),
        context.options,
    )


def postgres_replica(
    context: Context[Any],
    config: DatabaseConfig,
    recovery: RecoveryConfig | None,
    groups: SecurityGroups,
    source: PostgresDatabase,
    *,
    parameters: Mapping[str, str] = NO_PARAMETERS,
    static_parameters: Mapping[str, str] = NO_PARAMETERS,
) -> PostgresReplica:
    """Make the replica that can take over, on the other side.

    Args:
        context: The product on that side.
        config: The database's section.
        recovery: What stands ready of the product.
        groups: Groups of the product on that side.
        source: The database that it follows.
        parameters: As the database's.
        static_parameters: As the database's.

    Raises:
        ConfigurationError: The section wants no replica, so that nothing could stand ready.
    """
    shared = context.shared
    if recovery is None or recovery.replica is None:
        raise ConfigurationError(
            f"{context.product} cannot stand ready in {shared.region}",
            why="its section `recovery` has no replica of the database",
        )
    return PostgresReplica(
        context.name("database"),
        PostgresReplicaArgs(
            identifier=context.product,
            source_arn=source.primary_arn,
            subnet_ids=shared.network.data_subnet_ids,
            security_group_ids=[groups.ids[DATABASE_GROUP]],
            instance_class=recovery.replica.instance_class,
            engine_version=config.engine_version,
            max_allocated_storage=config.max_allocated_storage,
            parameters=parameters,
            static_parameters=static_parameters,
            backup_retention=config.backup_retention,
            backup_window=config.backup_window,
            maintenance_window=config.maintenance_window,
            key_arn=shared.keys.arns[DATA],
            deletion_protection=shared.config.deletion_protection,
            tags=context.tags("database", "confidential"),
        ),
        context.options,
    )


def replica_connection(
    context: Context[Any], replica: PostgresReplica, source: PostgresDatabase, *, username: str
) -> Connection:
    """Return where services of the other side find the replica, with the copy of the secret.

    Args:
        context: The product on that side.
        replica: The replica.
        source: The database that it follows.
        username: Name of the master user.
    """
    instance = replica.instance
    return Connection(
        address=replica.address,
        reader_address=replica.address,
        secret_arn=copied_arn(context, source.secret_arn),
        connect_arn=pulumi.Output.all(instance.arn, instance.resource_id).apply(
            lambda found: (
                found[0].replace(":rds:", ":rds-db:", 1).rpartition(":db:")[0]
                + f":dbuser:{found[1]}/{username}"
            )
        ),
    )


def copied_arn(context: Context[Any], arn: pulumi.Output[str]) -> pulumi.Output[str]:
    """Return the ARN of a copy on the other side: all but the region is the same."""
    here, there = context.shared.config.region, context.shared.region
    return arn.apply(lambda text: text.replace(f":{here}:", f":{there}:", 1))


def redis(context: Context[Any], config: CacheConfig, groups: SecurityGroups) -> RedisCache:
    """Make a product's cache; `redis` is its group. The side that waits needs one node only."""
    shared = context.shared
    return RedisCache(
        context.name("cache"),
        RedisCacheArgs(
            identifier=context.product,
            subnet_ids=shared.network.app_subnet_ids,
            security_group_ids=[groups.ids[CACHE_GROUP]],
            node_type=config.node_type,
            nodes=1 if shared.side == "recovery" else config.nodes,
            engine_version=config.engine_version,
            snapshot_retention=config.snapshot_retention,
            log_retention_days=shared.config.logs.retention_days,
            log_key_arn=shared.keys.arns[LOGS],
            key_arn=shared.keys.arns[DATA],
            secret_key_arn=shared.keys.arns[SECRETS],
            deletion_protection=shared.config.deletion_protection,
            secret_recovery_window_days=shared.secret_recovery_window_days,
            tags=context.tags("cache", "confidential"),
        ),
        context.options,
    )
