"""A document database."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from platformctl.components.base import Args, Component
from platformctl.components.data.windows import window_mistakes
from platformctl.components.security.secrets import (
    StoredSecret,
    StoredSecretArgs,
    generated_password,
)

PORT = 27017
IDENTIFIER = re.compile(r"[a-z](?:-?[a-z0-9])*")
LONGEST_IDENTIFIER = 63 - len("-documents-16")
USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}")
RESERVED_USERNAMES = frozenset({"admin", "rdsadmin", "serviceadmin"})
VERSIONS = ("4.0.0", "5.0.0")
INSTANCE_CLASS = re.compile(r"db\.(r5|r6g|r8g|r6gd|t3|t4g)\.\w+")
"""Families of instances that Amazon DocumentDB offers."""
MOST_INSTANCES = 16
LOGS = ("audit", "profiler")


@dataclass(frozen=True, kw_only=True)
class DocumentDatabaseArgs(Args):
    """What a document database is.

    Attributes:
        identifier: First part of the names: the cluster is `<identifier>-documents`.
        subnet_ids: Subnets of at least two zones, without a route to the internet.
        security_group_ids: Groups of the instances.
        instance_class: Size of the instances, such as `db.r6g.large`.
        instances: Instances; the first writes, each other can take over.
        engine_version: Version, `5.0.0` or `4.0.0`.
        username: Name of the master user; the password is generated.
        backup_retention: Days to keep automated backups, 1 to 35.
        backup_window: Daily window, UTC.
        maintenance_window: Weekly window, UTC.
        slow_milliseconds: Operations slower than that are logged.
        key_arn: KMS key of storage and backups; RDS's own without it.
        snapshot: Snapshot to create the database from; later changes of it do nothing.
        secret_key_arn: KMS key of the secret.
        secret_recovery_window_days: See `StoredSecretArgs`.
        secret_replica_regions: See `replica_regions` of `StoredSecretArgs`.
        deletion_protection: Whether to refuse deletion, and to take a final snapshot after all.
    """

    identifier: str
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    instance_class: str
    instances: int = 2
    engine_version: str = "5.0.0"
    username: str
    backup_retention: int = 7
    backup_window: str = "03:00-04:00"
    maintenance_window: str = "Mon:04:00-Mon:05:00"
    slow_milliseconds: int = 100
    key_arn: pulumi.Input[str] | None = None
    snapshot: pulumi.Input[str] | None = None
    secret_key_arn: pulumi.Input[str] | None = None
    secret_recovery_window_days: int = 30
    secret_replica_regions: Mapping[str, pulumi.Input[str] | None] = field(default_factory=dict)
    deletion_protection: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if len(self.identifier) > LONGEST_IDENTIFIER or not IDENTIFIER.fullmatch(self.identifier):
            yield (
                f"identifier is {self.identifier!r}: at most {LONGEST_IDENTIFIER} characters, "
                "small letters, digits and single hyphens, a letter first"
            )
        if self.engine_version not in VERSIONS:
            allowed = " or ".join(VERSIONS)
            yield f"engine_version is {self.engine_version!r}: must be {allowed}"
        if not INSTANCE_CLASS.fullmatch(self.instance_class):
            yield f"instance_class is {self.instance_class!r}: must be like db.r6g.large"
        if not 1 <= self.instances <= MOST_INSTANCES:
            yield f"instances is {self.instances}: must be 1 to {MOST_INSTANCES}"
        if len(self.subnet_ids) < 2:
            yield f"subnet_ids has {len(self.subnet_ids)}: subnets of two zones are needed"
        if not USERNAME.fullmatch(self.username) or self.username.lower() in RESERVED_USERNAMES:
            yield f"username is {self.username!r}: letters and digits, none that AWS has taken"
        if not 1 <= self.backup_retention <= 35:
            yield f"backup_retention is {self.backup_retention}: must be 1 to 35"
        if self.slow_milliseconds < 50:
            yield f"slow_milliseconds is {self.slow_milliseconds}: must be 50 or more"
        yield from window_mistakes(self.backup_window, self.maintenance_window)


class DocumentDatabase(Component):
    """A DocumentDB cluster (MongoDB's protocol), reachable over TLS only.

    Makes a subnet group, a cluster parameter group (TLS, audit and profiler logs), a generated
    password in a secret `{host, port, username, password}`, the cluster and its instances.

    Example::

        DocumentDatabase("journal", DocumentDatabaseArgs(
            identifier="journal", subnet_ids=network.data_subnet_ids, security_group_ids=[...],
            instance_class="db.r6g.large", username="journal", key_arn=keys.arns["data"]))

    Monthly cost in us-east-1: db.r6g.large $0.2614 × 730 h = $190.82 for each instance, so two
    are $381.64; storage $0.10/GB, and $0.20 for a million requests to it.

    Attributes:
        address: Where writers connect.
        reader_address: Where readers connect.
        port: TCP port.
        cluster_identifier: Identifier of the cluster.
        arn: ARN of the cluster.
        secret_arn: ARN of the secret.
    """

    address: pulumi.Output[str]
    reader_address: pulumi.Output[str]
    port: int
    cluster_identifier: pulumi.Output[str]
    arn: pulumi.Output[str]
    secret_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: DocumentDatabaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("data:DocumentDatabase", name, args, opts)
        self.args = args
        self.password = generated_password(self, "password")
        self.cluster = _cluster(self)
        self.instances = [_instance(self, number) for number in range(1, args.instances + 1)]
        self.secret = _secret(self)
        self.address = self.cluster.endpoint
        self.reader_address = self.cluster.reader_endpoint
        self.port = PORT
        self.cluster_identifier = self.cluster.cluster_identifier
        self.arn = self.cluster.arn
        self.secret_arn = self.secret.arn
        self.finish("address", "reader_address", "port", "cluster_identifier", "arn", "secret_arn")


def _parameter_group(database: DocumentDatabase) -> aws.docdb.ClusterParameterGroup:
    args = database.args
    values = {
        "audit_logs": "enabled",
        "profiler": "enabled",
        "profiler_threshold_ms": str(args.slow_milliseconds),
        "tls": "enabled",
    }
    return database.child(
        "parameters",
        aws.docdb.ClusterParameterGroup,
        family=f"docdb{args.engine_version.rpartition('.')[0]}",
        description=f"DocumentDB {args.engine_version} of {args.identifier}",
        parameters=[{"name": name, "value": value} for name, value in values.items()],
    )


def _cluster(database: DocumentDatabase) -> aws.docdb.Cluster:
    args = database.args
    subnets = database.child(
        "subnets",
        aws.docdb.SubnetGroup,
        description=f"Subnets of {args.identifier}-documents",
        subnet_ids=list(args.subnet_ids),
    )
    return database.child(
        "",
        aws.docdb.Cluster,
        cluster_identifier=f"{args.identifier}-documents",
        engine="docdb",
        engine_version=args.engine_version,
        master_username=args.username,
        master_password=database.password,
        port=PORT,
        db_subnet_group_name=subnets.name,
        db_cluster_parameter_group_name=_parameter_group(database).name,
        vpc_security_group_ids=list(args.security_group_ids),
        storage_encrypted=True,
        kms_key_id=args.key_arn,
        backup_retention_period=args.backup_retention,
        preferred_backup_window=args.backup_window,
        preferred_maintenance_window=args.maintenance_window.lower(),
        enabled_cloudwatch_logs_exports=list(LOGS),
        deletion_protection=args.deletion_protection,
        snapshot_identifier=args.snapshot,
        apply_immediately=True,
        **_final_snapshot(database),
        # A snapshot says what a database is created from; restoring is an operation of its own.
        options=pulumi.ResourceOptions(
            protect=args.deletion_protection, ignore_changes=["snapshot_identifier"]
        ),
    )


def _final_snapshot(database: DocumentDatabase) -> dict[str, Any]:
    """Say what deletion leaves behind; the random part keeps a second life from colliding."""
    args = database.args
    if not args.deletion_protection:
        return {"skip_final_snapshot": True}
    suffix = database.child("final-snapshot", random.RandomId, byte_length=4)
    final = pulumi.Output.concat(f"{args.identifier}-documents-final-", suffix.hex)
    return {"skip_final_snapshot": False, "final_snapshot_identifier": final}


def _instance(database: DocumentDatabase, number: int) -> aws.docdb.ClusterInstance:
    args = database.args
    return database.child(
        f"instance-{number}",
        aws.docdb.ClusterInstance,
        identifier=f"{args.identifier}-documents-{number}",
        cluster_identifier=database.cluster.id,
        engine="docdb",
        instance_class=args.instance_class,
        auto_minor_version_upgrade=True,
        copy_tags_to_snapshot=True,
        preferred_maintenance_window=args.maintenance_window.lower(),
        promotion_tier=min(number - 1, 15),
        apply_immediately=True,
        options=pulumi.ResourceOptions(protect=args.deletion_protection),
    )


def _secret(database: DocumentDatabase) -> StoredSecret:
    args = database.args
    return StoredSecret(
        f"{database.name}-secret",
        StoredSecretArgs(
            name=f"{args.identifier}/documents",
            description=f"Master user of {args.identifier}-documents",
            value={
                "host": database.cluster.endpoint,
                "port": PORT,
                "username": args.username,
                "password": database.password,
            },
            key_arn=args.secret_key_arn,
            recovery_window_days=args.secret_recovery_window_days,
            replica_regions=args.secret_replica_regions,
            tags=args.tags,
        ),
        database.options(),
    )
