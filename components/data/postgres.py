"""A PostgreSQL database with a replica and a connection pool."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from platformctl.components.base import Component
from platformctl.components.data.postgres_instance import (
    PORT,
    PostgresInstanceArgs,
    common,
    parameter_group,
    subnet_group,
    watching,
)
from platformctl.components.data.postgres_proxy import Proxy, add_proxy
from platformctl.components.security.secrets import (
    StoredSecret,
    StoredSecretArgs,
    generated_password,
)

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
"""Names of a database and of its master user, as RDS accepts them."""


@dataclass(frozen=True, kw_only=True)
class Replica:
    """A read replica in the same region.

    Attributes:
        instance_class: Size of the replica.
    """

    instance_class: str


@dataclass(frozen=True, kw_only=True)
class BackupReplication:
    """Automated backups that are kept in another region as well, with everything between them.

    Attributes:
        region: The other region.
        key_arn: KMS key there.
        retention_days: Days to keep them there, 1 to 35.
    """

    region: str
    key_arn: pulumi.Input[str]
    retention_days: int = 7

    def mistakes(self, kept_here: int) -> Iterator[str]:
        """Yield one sentence for what cannot be."""
        if not 1 <= self.retention_days <= 35:
            yield f"backup_replication has retention_days {self.retention_days}: must be 1 to 35"
        if kept_here == 0:
            yield "backup_retention is 0: without backups there are none to replicate"


@dataclass(frozen=True, kw_only=True)
class PostgresDatabaseArgs(PostgresInstanceArgs):
    """What a database is.

    Attributes:
        identifier: First part of the names in RDS: `<identifier>-primary`, `-replica`, `-proxy`.
        allocated_storage: Storage in GiB, gp3.
        database: Name of the database.
        username: Name of the master user; the password is generated.
        multi_az: Whether to keep a standby in a second zone.
        replica: A read replica, if wanted.
        proxy: A connection pool, if wanted.
        backup_replication: Another region that keeps the automated backups too, if wanted.
        snapshot: Snapshot to create the database from; later changes of it do nothing.
        secret_key_arn: KMS key of the secret.
        secret_recovery_window_days: See `StoredSecretArgs`.
        secret_replica_regions: See `replica_regions` of `StoredSecretArgs`.
    """

    allocated_storage: int
    database: str
    username: str
    multi_az: bool = True
    replica: Replica | None = None
    proxy: Proxy | None = None
    backup_replication: BackupReplication | None = None
    snapshot: pulumi.Input[str] | None = None
    secret_key_arn: pulumi.Input[str] | None = None
    secret_recovery_window_days: int = 30
    secret_replica_regions: Mapping[str, pulumi.Input[str] | None] = field(default_factory=dict)

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        yield from super().mistakes()
        if self.replica is not None and self.backup_retention == 0:
            yield "backup_retention is 0: a replica needs at least 1"
        if self.allocated_storage < 20:
            yield f"allocated_storage is {self.allocated_storage}: gp3 starts at 20 GiB"
        most = self.max_allocated_storage
        if most is not None and most < self.allocated_storage * 1.1:
            yield f"max_allocated_storage is {most}: must be 10% above allocated_storage or more"
        for member in ("database", "username"):
            if not NAME.fullmatch(getattr(self, member)):
                yield (
                    f"{member} is {getattr(self, member)!r}: letters, digits and '_', a letter "
                    "first, at most 63 characters"
                )
        if self.backup_replication is not None:
            yield from self.backup_replication.mistakes(self.backup_retention)


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
        primary_arn: ARN of the primary instance: what a replica elsewhere follows.
        replica_identifier: Identifier of the replica; None without one.
        port: TCP port.
        secret_arn: ARN of the secret.
        connect_arn: ARN for `rds-db:connect` as the master user.
    """

    address: pulumi.Output[str]
    replica_address: pulumi.Output[str]
    primary_identifier: pulumi.Output[str]
    primary_arn: pulumi.Output[str]
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
        self.parameter_group = parameter_group(self, args)
        self.watching = watching(self, args)
        self.primary = _primary(self)
        self.replica = _replica(self, args.replica) if args.replica else None
        self.secret = _secret(self)
        if args.backup_replication is not None:
            _replicate_backups(self, args.backup_replication)
        self.proxy = None
        if args.proxy is not None:
            secret = (self.secret.arn, args.secret_key_arn)
            self.proxy = add_proxy(self, args, args.proxy, self.primary, *secret)
        self.port = PORT
        self.address = self.proxy.endpoint if self.proxy else self.primary.address
        self.replica_address = self.replica.address if self.replica else self.address
        self.primary_identifier = self.primary.identifier
        self.primary_arn = self.primary.arn
        self.replica_identifier = self.replica.identifier if self.replica else None
        self.secret_arn = self.secret.arn
        self.connect_arn = _connect_arn(self)
        self.finish(
            "address",
            "replica_address",
            "primary_identifier",
            "primary_arn",
            "replica_identifier",
            "port",
            "secret_arn",
            "connect_arn",
        )


def _primary(database: PostgresDatabase) -> aws.rds.Instance:
    args = database.args
    return database.child(
        "primary",
        aws.rds.Instance,
        identifier=f"{args.identifier}-primary",
        engine="postgres",
        engine_version=args.engine_version,
        instance_class=args.instance_class,
        allocated_storage=args.allocated_storage,
        db_name=args.database,
        username=args.username,
        password=database.password,
        port=PORT,
        multi_az=args.multi_az,
        db_subnet_group_name=subnet_group(database, args).name,
        backup_retention_period=args.backup_retention,
        backup_window=args.backup_window,
        delete_automated_backups=not args.deletion_protection,
        kms_key_id=args.key_arn,
        snapshot_identifier=args.snapshot,
        **common(args, database.parameter_group),
        **database.watching,
        **_final_snapshot(database),
        # A snapshot says what a database is created from; restoring is an operation of its own.
        options=pulumi.ResourceOptions(
            protect=args.deletion_protection, ignore_changes=["snapshot_identifier"]
        ),
    )


def _replicate_backups(database: PostgresDatabase, replication: BackupReplication) -> None:
    database.child(
        "backup-replication",
        aws.rds.InstanceAutomatedBackupsReplication,
        region=replication.region,
        source_db_instance_arn=database.primary.arn,
        kms_key_id=replication.key_arn,
        retention_period=replication.retention_days,
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
    """Make the replica; what it does not say here it has from its source.

    Its source's key too: RDS refuses to be told a key for a replica in the same region.
    """
    args = database.args
    return database.child(
        "replica",
        aws.rds.Instance,
        identifier=f"{args.identifier}-replica",
        replicate_source_db=database.primary.identifier,
        instance_class=replica.instance_class,
        skip_final_snapshot=True,  # a replica holds nothing that its source does not
        **common(args, database.parameter_group),
        **database.watching,
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
            replica_regions=args.secret_replica_regions,
            tags=args.tags,
        ),
        database.options(),
    )


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
