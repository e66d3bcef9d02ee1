"""A PostgreSQL database with a replica and a connection pool."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from platformctl.components.base import Args, Component
from platformctl.components.security.access import read_secret
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs
from platformctl.components.security.secrets import (
    StoredSecret,
    StoredSecretArgs,
    generated_password,
)
from platformctl.naming.names import LIMITS

PORT = 5432


@dataclass(frozen=True, kw_only=True)
class Replica:
    """A read replica in the same region.

    Attributes:
        instance_class: Size of the replica.
    """

    instance_class: str


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """A connection pool (RDS Proxy); TLS is always required.

    Attributes:
        idle_client_timeout: Seconds before an idle client is cut off.
        max_connections_percent: Share of the database's connections that it may use.
    """

    idle_client_timeout: int = 1800
    max_connections_percent: int = 100


@dataclass(frozen=True, kw_only=True)
class PostgresDatabaseArgs(Args):
    """What a database is.

    Attributes:
        identifier: First part of the names in RDS: `<identifier>-primary`, `-replica`, `-proxy`.
        subnet_ids: Subnets of at least two zones, without a route to the internet.
        security_group_ids: Groups of the instances and the proxy.
        instance_class: Size, such as `db.r5.xlarge`.
        allocated_storage: Storage in GiB, gp3.
        engine_version: Major (`15`) or minor (`15.12`); minor upgrades are automatic.
        database: Name of the database.
        username: Name of the master user; the password is generated.
        multi_az: Whether to keep a standby in a second zone.
        backup_retention: Days to keep automated backups.
        backup_window: Daily window, UTC.
        maintenance_window: Weekly window, UTC.
        replica: A read replica, if wanted.
        proxy: A connection pool, if wanted.
        snapshot: Snapshot to create the database from; later changes of it do nothing.
        key_arn: KMS key of storage and backups; RDS's own without it.
        secret_key_arn: KMS key of the secret.
        deletion_protection: Whether to refuse deletion, and to take a final snapshot after all.
        secret_recovery_window_days: See `StoredSecretArgs`.
    """

    identifier: str
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    instance_class: str
    allocated_storage: int
    engine_version: str = "15"
    database: str
    username: str
    multi_az: bool = True
    backup_retention: int = 7
    backup_window: str = "03:00-04:00"
    maintenance_window: str = "Mon:04:00-Mon:05:00"
    replica: Replica | None = None
    proxy: Proxy | None = None
    snapshot: pulumi.Input[str] | None = None
    key_arn: pulumi.Input[str] | None = None
    secret_key_arn: pulumi.Input[str] | None = None
    deletion_protection: bool = True
    secret_recovery_window_days: int = 30

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        longest = LIMITS["proxy"] - len("-primary")
        if len(self.identifier) > longest:
            yield f"identifier is {self.identifier!r}: at most {longest} characters"
        if self.replica is not None and self.backup_retention == 0:
            yield "backup_retention is 0: a replica needs at least 1"
        if self.allocated_storage < 20:
            yield f"allocated_storage is {self.allocated_storage}: gp3 starts at 20 GiB"
        if len(self.subnet_ids) < 2:
            yield f"subnet_ids has {len(self.subnet_ids)}: subnets of two zones are needed"


class PostgresDatabase(Component):
    """A PostgreSQL database on RDS, reachable over TLS only.

    Makes a subnet group, a parameter group (`rds.force_ssl`), a generated password in a secret
    `{host, username, password, database}`, the instance, and on request a replica and a proxy.

    Example::

        PostgresDatabase("shop", PostgresDatabaseArgs(
            identifier="shop", subnet_ids=network.data_subnet_ids, security_group_ids=[...],
            instance_class="db.r5.xlarge", allocated_storage=500, database="shop",
            username="shop", replica=Replica(instance_class="db.r5.large"), proxy=Proxy()))

    Monthly cost in us-east-1 as the analytics estimate counts it: db.r5.xlarge Multi-AZ about
    $400, replica db.r5.large about $200; a proxy is $0.015 × vCPU × 730 h = $43.80 for 4 vCPUs.

    Attributes:
        address: Where writers connect: the proxy, or the primary without one.
        replica_address: Where readers connect: the replica, or `address` without one.
        primary_identifier: Identifier of the primary instance.
        replica_identifier: Identifier of the replica; None without one.
        port: TCP port.
        secret_arn: ARN of the secret.
        connect_arn: ARN for `rds-db:connect` as the master user.
    """

    address: pulumi.Output[str]
    replica_address: pulumi.Output[str]
    primary_identifier: pulumi.Output[str]
    replica_identifier: pulumi.Output[str] | None
    port: int
    secret_arn: pulumi.Output[str]
    connect_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: PostgresDatabaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("data:PostgresDatabase", name, args, opts)
        self.args = args
        self.password = generated_password(self, "password")
        self.parameter_group = _parameter_group(self)
        self.primary = _primary(self)
        self.replica = _replica(self, args.replica) if args.replica else None
        self.secret = _secret(self)
        self.proxy = _proxy(self, args.proxy) if args.proxy else None
        self.port = PORT
        self.address = self.proxy.endpoint if self.proxy else self.primary.address
        self.replica_address = self.replica.address if self.replica else self.address
        self.primary_identifier = self.primary.identifier
        self.replica_identifier = self.replica.identifier if self.replica else None
        self.secret_arn = self.secret.arn
        self.connect_arn = _connect_arn(self)
        self.finish(
            "address",
            "replica_address",
            "primary_identifier",
            "replica_identifier",
            "port",
            "secret_arn",
            "connect_arn",
        )


def _parameter_group(database: PostgresDatabase) -> aws.rds.ParameterGroup:
    major = database.args.engine_version.partition(".")[0]
    return database.child(
        "parameters",
        aws.rds.ParameterGroup,
        family=f"postgres{major}",
        description=f"PostgreSQL {major} of {database.args.identifier}",
        parameters=[
            {"name": "log_min_duration_statement", "value": "1000"},
            {"name": "rds.force_ssl", "value": "1"},
        ],
    )


def _primary(database: PostgresDatabase) -> aws.rds.Instance:
    args = database.args
    subnets = database.child(
        "subnets",
        aws.rds.SubnetGroup,
        description=f"Subnets of {args.identifier}",
        subnet_ids=list(args.subnet_ids),
    )
    return database.child(
        "primary",
        aws.rds.Instance,
        identifier=f"{args.identifier}-primary",
        engine="postgres",
        engine_version=args.engine_version,
        auto_minor_version_upgrade=True,
        instance_class=args.instance_class,
        allocated_storage=args.allocated_storage,
        storage_type="gp3",
        storage_encrypted=True,
        kms_key_id=args.key_arn,
        db_name=args.database,
        username=args.username,
        password=database.password,
        port=PORT,
        multi_az=args.multi_az,
        publicly_accessible=False,
        db_subnet_group_name=subnets.name,
        vpc_security_group_ids=list(args.security_group_ids),
        parameter_group_name=database.parameter_group.name,
        backup_retention_period=args.backup_retention,
        backup_window=args.backup_window,
        maintenance_window=args.maintenance_window.lower(),
        copy_tags_to_snapshot=True,
        delete_automated_backups=not args.deletion_protection,
        enabled_cloudwatch_logs_exports=["postgresql", "upgrade"],
        iam_database_authentication_enabled=True,
        deletion_protection=args.deletion_protection,
        snapshot_identifier=args.snapshot,
        apply_immediately=True,
        **_final_snapshot(database),
        # A snapshot says what a database is created from; restoring is an operation of its own.
        options=pulumi.ResourceOptions(
            protect=args.deletion_protection, ignore_changes=["snapshot_identifier"]
        ),
    )


def _final_snapshot(database: PostgresDatabase) -> dict[str, Any]:
    """Say what deletion leaves behind; the random part keeps a second life from colliding."""
    args = database.args
    if not args.deletion_protection:
        return {"skip_final_snapshot": True}
    suffix = database.child("final-snapshot", random.RandomId, byte_length=4)
    return {
        "skip_final_snapshot": False,
        "final_snapshot_identifier": pulumi.Output.concat(f"{args.identifier}-final-", suffix.hex),
    }


def _replica(database: PostgresDatabase, replica: Replica) -> aws.rds.Instance:
    """Make the replica; what it does not say here it has from its source."""
    args = database.args
    return database.child(
        "replica",
        aws.rds.Instance,
        identifier=f"{args.identifier}-replica",
        replicate_source_db=database.primary.identifier,
        instance_class=replica.instance_class,
        storage_type="gp3",
        storage_encrypted=True,
        kms_key_id=args.key_arn,
        auto_minor_version_upgrade=True,
        publicly_accessible=False,
        vpc_security_group_ids=list(args.security_group_ids),
        parameter_group_name=database.parameter_group.name,
        maintenance_window=args.maintenance_window.lower(),
        copy_tags_to_snapshot=True,
        enabled_cloudwatch_logs_exports=["postgresql", "upgrade"],
        iam_database_authentication_enabled=True,
        deletion_protection=args.deletion_protection,
        skip_final_snapshot=True,  # a replica holds nothing that its source does not
        apply_immediately=True,
        options=pulumi.ResourceOptions(protect=args.deletion_protection),
    )


def _secret(database: PostgresDatabase) -> StoredSecret:
    args = database.args
    return StoredSecret(
        f"{database.name}-secret",
        StoredSecretArgs(
            name=f"{args.identifier}/database",
            description=f"Master user of {args.identifier}",
            value={
                "host": database.primary.address,
                "username": args.username,
                "password": database.password,
                "database": args.database,
            },
            key_arn=args.secret_key_arn,
            recovery_window_days=args.secret_recovery_window_days,
            tags=args.tags,
        ),
        database.options(),
    )


def _proxy(database: PostgresDatabase, proxy: Proxy) -> aws.rds.Proxy:
    args = database.args
    role = ServiceRole(
        f"{database.name}-proxy",
        ServiceRoleArgs(
            service="rds.amazonaws.com",
            statements=read_secret(database.secret.arn, args.secret_key_arn),
            tags=args.tags,
        ),
        database.options(),
    )
    resource = database.child(
        "proxy",
        aws.rds.Proxy,
        name=f"{args.identifier}-proxy",
        engine_family="POSTGRESQL",
        role_arn=role.arn,
        require_tls=True,
        idle_client_timeout=proxy.idle_client_timeout,
        vpc_subnet_ids=list(args.subnet_ids),
        vpc_security_group_ids=list(args.security_group_ids),
        auths=[
            {"auth_scheme": "SECRETS", "iam_auth": "DISABLED", "secret_arn": database.secret.arn}
        ],
    )
    targets = database.child(
        "proxy-targets",
        aws.rds.ProxyDefaultTargetGroup,
        db_proxy_name=resource.name,
        connection_pool_config={"max_connections_percent": proxy.max_connections_percent},
    )
    database.child(
        "proxy-target",
        aws.rds.ProxyTarget,
        db_proxy_name=resource.name,
        target_group_name=targets.name,
        db_instance_identifier=database.primary.identifier,
    )
    return resource


def _connect_arn(database: PostgresDatabase) -> pulumi.Output[str]:
    """Return the ARN that `rds-db:connect` is about: the resource's, not the instance's name."""
    username = database.args.username
    if database.proxy:
        return database.proxy.arn.apply(
            lambda arn: (
                arn.replace(":rds:", ":rds-db:", 1).replace(":db-proxy:", ":dbuser:", 1)
                + f"/{username}"
            )
        )
    return pulumi.Output.all(database.primary.arn, database.primary.resource_id).apply(
        lambda found: (
            found[0].replace(":rds:", ":rds-db:", 1).rpartition(":db:")[0]
            + f":dbuser:{found[1]}/{username}"
        )
    )
