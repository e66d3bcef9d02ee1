"""A Redis cache that speaks TLS and asks for a token."""

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
from platformctl.components.observability.logs import LogGroup, LogGroupArgs
from platformctl.components.security.secrets import (
    StoredSecret,
    StoredSecretArgs,
    generated_password,
)
from platformctl.naming.names import LIMITS

PORT = 6379
IDENTIFIER = re.compile(r"[a-z](?:-?[a-z0-9])*")
VERSION = re.compile(r"6\.2|7\.[01]")
LOGS = ("engine-log", "slow-log")


@dataclass(frozen=True, kw_only=True)
class RedisCacheArgs(Args):
    """What a cache is.

    Attributes:
        identifier: First part of the names: the replication group is `<identifier>-cache`.
        subnet_ids: Subnets of the nodes.
        security_group_ids: Groups of the nodes.
        node_type: Size of a node, such as `cache.r5.large`.
        nodes: Nodes; the first is the primary, each other a replica in another zone.
        engine_version: Redis version, such as `7.0`.
        snapshot_retention: Daily snapshots to keep, 0 to 35.
        snapshot_window: Daily window for snapshots, UTC.
        maintenance_window: Weekly window, UTC.
        log_retention_days: Days to keep its slow log and its engine log.
        log_key_arn: KMS key of the logs; CloudWatch's own without it.
        key_arn: KMS key of data at rest.
        secret_key_arn: KMS key of the secret.
        deletion_protection: Whether Pulumi refuses to delete it, and a final snapshot is taken.
        secret_recovery_window_days: See `StoredSecretArgs`.
        secret_replica_regions: See `replica_regions` of `StoredSecretArgs`.
    """

    identifier: str
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    node_type: str
    nodes: int = 2
    engine_version: str = "7.0"
    snapshot_retention: int = 5
    snapshot_window: str = "03:00-04:00"
    maintenance_window: str = "Mon:05:00-Mon:06:00"
    log_retention_days: int = 30
    log_key_arn: pulumi.Input[str] | None = None
    key_arn: pulumi.Input[str] | None = None
    secret_key_arn: pulumi.Input[str] | None = None
    deletion_protection: bool = True
    secret_recovery_window_days: int = 30
    secret_replica_regions: Mapping[str, pulumi.Input[str] | None] = field(default_factory=dict)

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        longest = LIMITS["cache"] - len("-cache")
        if len(self.identifier) > longest or not IDENTIFIER.fullmatch(self.identifier):
            yield (
                f"identifier is {self.identifier!r}: at most {longest} characters, small letters, "
                "digits and single hyphens, a letter first"
            )
        if not VERSION.fullmatch(self.engine_version):
            yield f"engine_version is {self.engine_version!r}: must be 6.2, 7.0 or 7.1"
        if not 1 <= self.nodes <= 6:
            yield f"nodes is {self.nodes}: a primary and up to 5 replicas, so 1 to 6"
        if not 0 <= self.snapshot_retention <= 35:
            yield f"snapshot_retention is {self.snapshot_retention}: must be 0 to 35"
        yield from window_mistakes(self.snapshot_window, self.maintenance_window, shortest=60)


class RedisCache(Component):
    """A Redis replication group on ElastiCache, encrypted both ways, with a generated token.

    Its slow log and its engine log go to CloudWatch, its token into a secret `{endpoint, port,
    authToken}`. With more than one node, a replica takes over by itself when the primary is lost.

    Example::

        RedisCache("shop", RedisCacheArgs(identifier="shop", subnet_ids=network.app_subnet_ids,
                                          security_group_ids=[...], node_type="cache.r5.large"))

    Monthly cost in us-east-1 as the analytics estimate counts it: cache.r5.large about $200 for
    each node (730 h × $0.216 = $157.68, and snapshots).

    Attributes:
        address: Where to connect: always the primary.
        reader_address: Where to read: one of the replicas.
        port: TCP port.
        secret_arn: ARN of the secret.
        replication_group_id: Its id in ElastiCache.
    """

    address: pulumi.Output[str]
    reader_address: pulumi.Output[str]
    port: int
    secret_arn: pulumi.Output[str]
    replication_group_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: RedisCacheArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("data:RedisCache", name, args, opts)
        self.args = args
        self.token = generated_password(self, "token")
        self.group = _replication_group(self)
        self.secret = StoredSecret(
            f"{name}-secret",
            StoredSecretArgs(
                name=f"{args.identifier}/redis",
                description=f"Token of {args.identifier}-cache",
                value={
                    "endpoint": self.group.primary_endpoint_address,
                    "port": PORT,
                    "authToken": self.token,
                },
                key_arn=args.secret_key_arn,
                recovery_window_days=args.secret_recovery_window_days,
                replica_regions=args.secret_replica_regions,
                tags=args.tags,
            ),
            self.options(),
        )
        self.address = self.group.primary_endpoint_address
        self.reader_address = self.group.reader_endpoint_address
        self.port = PORT
        self.secret_arn = self.secret.arn
        self.replication_group_id = self.group.replication_group_id
        self.finish("address", "reader_address", "port", "secret_arn", "replication_group_id")


def _replication_group(cache: RedisCache) -> aws.elasticache.ReplicationGroup:
    args = cache.args
    subnets = cache.child(
        "subnets",
        aws.elasticache.SubnetGroup,
        description=f"Subnets of {args.identifier}-cache",
        subnet_ids=list(args.subnet_ids),
    )
    parameters = cache.child(
        "parameters",
        aws.elasticache.ParameterGroup,
        family=_family(args.engine_version),
        description=f"Redis {args.engine_version} of {args.identifier}-cache",
        parameters=[{"name": "maxmemory-policy", "value": "allkeys-lru"}],
    )
    return cache.child(
        "",
        aws.elasticache.ReplicationGroup,
        replication_group_id=f"{args.identifier}-cache",
        description=f"Cache of {args.identifier}",
        engine="redis",
        engine_version=args.engine_version,
        auto_minor_version_upgrade=True,
        node_type=args.node_type,
        num_cache_clusters=args.nodes,
        automatic_failover_enabled=args.nodes > 1,
        multi_az_enabled=args.nodes > 1,
        port=PORT,
        subnet_group_name=subnets.name,
        parameter_group_name=parameters.name,
        security_group_ids=list(args.security_group_ids),
        at_rest_encryption_enabled=True,
        kms_key_id=args.key_arn,
        transit_encryption_enabled=True,
        transit_encryption_mode="required",
        auth_token=cache.token,
        snapshot_retention_limit=args.snapshot_retention,
        snapshot_window=args.snapshot_window,
        maintenance_window=args.maintenance_window.lower(),
        log_delivery_configurations=[_delivery(cache, kind) for kind in LOGS],
        final_snapshot_identifier=_final_snapshot(cache),
        apply_immediately=True,
        options=pulumi.ResourceOptions(protect=args.deletion_protection),
    )


def _final_snapshot(cache: RedisCache) -> pulumi.Output[str] | None:
    """Name what deletion leaves behind; the random part keeps a second life from colliding."""
    if not cache.args.deletion_protection:
        return None
    suffix = cache.child("final-snapshot", random.RandomId, byte_length=4)
    return pulumi.Output.concat(f"{cache.args.identifier}-cache-final-", suffix.hex)


def _delivery(cache: RedisCache, kind: str) -> dict[str, Any]:
    """Make the log group of one log, and return how it gets there."""
    args = cache.args
    group = LogGroup(
        f"{cache.name}-{kind}",
        LogGroupArgs(
            name=f"/elasticache/{args.identifier}-cache/{kind}",
            retention_days=args.log_retention_days,
            key_arn=args.log_key_arn,
            tags=args.tags,
        ),
        cache.options(),
    )
    return {
        "destination": group.group_name,
        "destination_type": "cloudwatch-logs",
        "log_format": "json",
        "log_type": kind,
    }


def _family(version: str) -> str:
    """Return the parameter group family: `redis7`, and `redis6.x` as AWS called it then."""
    major = version.partition(".")[0]
    return "redis6.x" if major == "6" else f"redis{major}"
