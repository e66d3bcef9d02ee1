"""A DynamoDB table."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

LONGEST_RECOVERY_DAYS = 35
NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
"""Names of tables and indexes, as DynamoDB allows them."""
MOST_INDEXES = 20
"""Global secondary indexes of one table (AWS's default quota)."""

AttributeType = Literal["S", "N", "B"]
StreamView = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]


@dataclass(frozen=True, kw_only=True)
class GlobalIndex:
    """A global secondary index: the same items by another key.

    Attributes:
        index_name: Its name.
        hash_key: Attribute that spreads the items.
        range_key: Attribute that orders them, if wanted.
        projected: Attributes besides the keys that it shows; None for all.
    """

    index_name: str
    hash_key: str
    range_key: str | None = None
    projected: Sequence[str] | None = None

    def key_attributes(self) -> list[str]:
        """Return its key attributes, hash key first."""
        return [key for key in (self.hash_key, self.range_key) if key is not None]


@dataclass(frozen=True, kw_only=True)
class ProvisionedCapacity:
    """Capacity that is paid for by the hour, of the table and of each of its indexes.

    Attributes:
        read_minimum: Fewest read units, one strongly consistent read of 4 KB a second each.
        read_maximum: Most read units that autoscaling may ask for.
        write_minimum: Fewest write units, one write of 1 KB a second each.
        write_maximum: Most write units that autoscaling may ask for.
        utilization: Percent of the capacity at which autoscaling keeps the use, 20 to 90.
    """

    read_minimum: int
    read_maximum: int
    write_minimum: int
    write_maximum: int
    utilization: float = 70.0

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each bound that cannot be."""
        for kind in ("read", "write"):
            low, high = getattr(self, f"{kind}_minimum"), getattr(self, f"{kind}_maximum")
            if not 1 <= low <= high:
                yield f"capacity has {kind} units {low} to {high}: must be 1 or more, rising"
        if not 20 <= self.utilization <= 90:
            yield f"capacity has utilization {self.utilization:g}: must be 20 to 90"


@dataclass(frozen=True, kw_only=True)
class TableReplica:
    """The same table in another region, written and read there too.

    Attributes:
        region: The other region.
        key_arn: KMS key there; needed where the table has a key of its own.
    """

    region: str
    key_arn: pulumi.Input[str] | None = None


@dataclass(frozen=True, kw_only=True)
class DynamoTableArgs(Args):
    """What a table is.

    Attributes:
        table_name: Its name in DynamoDB.
        hash_key: Attribute that spreads the items.
        range_key: Attribute that orders the items of one hash key, if wanted.
        attribute_types: Types of key attributes that are not strings: attribute → `N` or `B`.
        indexes: Global secondary indexes.
        ttl_attribute: Attribute that holds the second (Unix time) at which an item expires.
        capacity: Provisioned capacity with autoscaling; paid by request without it.
        stream: What the stream of changes shows; no stream without it.
        recovery_days: Days back to which the table can be restored, 1 to 35; 0 turns
            point-in-time recovery off.
        key_arn: KMS key; AWS's own key for DynamoDB (`aws/dynamodb`) without it.
        replicas: The same table in other regions; they need a stream of new and old images.
        deletion_protection: Whether to refuse deletion, of the replicas as well.
    """

    table_name: str
    hash_key: str
    range_key: str | None = None
    attribute_types: Mapping[str, AttributeType] = field(default_factory=dict)
    indexes: Sequence[GlobalIndex] = ()
    ttl_attribute: str | None = None
    capacity: ProvisionedCapacity | None = None
    stream: StreamView | None = None
    recovery_days: int = LONGEST_RECOVERY_DAYS
    key_arn: pulumi.Input[str] | None = None
    replicas: Sequence[TableReplica] = ()
    deletion_protection: bool = True

    def key_attributes(self) -> list[str]:
        """Return every attribute that a key of the table or of an index uses, each once."""
        own = [key for key in (self.hash_key, self.range_key) if key is not None]
        used = [*own, *(key for index in self.indexes for key in index.key_attributes())]
        return list(dict.fromkeys(used))

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        names = [index.index_name for index in self.indexes]
        for kind, name in (("table_name", self.table_name), *(("index_name", n) for n in names)):
            if not NAME.fullmatch(name):
                yield f"{kind} is {name!r}: 3 to 255 letters, digits, '_', '.' and '-' are allowed"
        if len(set(names)) < len(names):
            yield "indexes has two of the same index_name"
        if len(names) > MOST_INDEXES:
            yield f"indexes has {len(names)}: a table can have {MOST_INDEXES}"
        for key in self.attribute_types.keys() - set(self.key_attributes()):
            yield f"attribute_types has {key!r}, which no key uses: only keys have a fixed type"
        if not 0 <= self.recovery_days <= LONGEST_RECOVERY_DAYS:
            yield f"recovery_days is {self.recovery_days}: must be 0 to {LONGEST_RECOVERY_DAYS}"
        if self.capacity is not None:
            yield from self.capacity.mistakes()
        yield from self._mistakes_of_replicas()

    def _mistakes_of_replicas(self) -> Iterator[str]:
        if self.replicas and self.stream != "NEW_AND_OLD_IMAGES":
            yield f"stream is {self.stream!r}: replicas need 'NEW_AND_OLD_IMAGES'"
        for replica in self.replicas:
            if (replica.key_arn is None) != (self.key_arn is None):
                yield (
                    f"the replica in {replica.region} must have a key_arn if the table has one, "
                    "and none otherwise"
                )


class DynamoTable(Component):
    """An encrypted DynamoDB table that can be restored to any second of the last 35 days.

    Example::

        DynamoTable("events", DynamoTableArgs(
            table_name="UserEvents", hash_key="userId", range_key="timestamp",
            attribute_types={"timestamp": "N"}, ttl_attribute="expiresAt",
            indexes=[GlobalIndex(index_name="eventType-timestamp", hash_key="eventType",
                                 range_key="timestamp")],
            capacity=ProvisionedCapacity(read_minimum=5, read_maximum=100,
                                         write_minimum=5, write_maximum=100)))

    Monthly cost in us-east-1: by request $0.625 for a million writes and $0.125 for a million
    reads; provisioned $0.00065 × 730 h = $0.47 for a write unit and $0.09 for a read unit, and
    each index counts as a table. Storage is $0.25/GB, point-in-time recovery $0.20/GB.

    Attributes:
        table_name: Name of the table.
        arn: ARN of the table.
        index_arns: ARN pattern of all its indexes, for policies.
        stream_arn: ARN of the stream; None without one.
    """

    table_name: pulumi.Output[str]
    arn: pulumi.Output[str]
    index_arns: pulumi.Output[str]
    stream_arn: pulumi.Output[str] | None

    def __init__(
        self, name: str, args: DynamoTableArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("data:DynamoTable", name, args, opts)
        self.args = args
        self.table = _table(self)
        scaled = [] if args.capacity is None else _scale(self, args.capacity)
        for replica in args.replicas:
            _replicate(self, replica, scaled)
        self.table_name = self.table.name
        self.arn = self.table.arn
        self.index_arns = pulumi.Output.concat(self.table.arn, "/index/*")
        self.stream_arn = self.table.stream_arn if args.stream else None
        self.finish("table_name", "arn", "index_arns", "stream_arn")


def _table(component: DynamoTable) -> aws.dynamodb.Table:
    args = component.args
    encryption = {"enabled": True, "kms_key_arn": args.key_arn}
    ttl = args.ttl_attribute
    return component.child(
        "",
        aws.dynamodb.Table,
        name=args.table_name,
        hash_key=args.hash_key,
        range_key=args.range_key,
        attributes=[
            {"name": key, "type": args.attribute_types.get(key, "S")}
            for key in args.key_attributes()
        ],
        global_secondary_indexes=[_index(args, index) for index in args.indexes],
        billing_mode="PAY_PER_REQUEST" if args.capacity is None else "PROVISIONED",
        **_units(args.capacity),
        ttl={"attribute_name": ttl, "enabled": True} if ttl else None,
        stream_enabled=args.stream is not None,
        stream_view_type=args.stream,
        point_in_time_recovery=_recovery(args.recovery_days),
        server_side_encryption=encryption,
        deletion_protection_enabled=args.deletion_protection,
        options=pulumi.ResourceOptions(
            protect=args.deletion_protection,
            ignore_changes=[*_owned_by_autoscaling(args), *(["replicas"] if args.replicas else ())],
        ),
    )


def _owned_by_autoscaling(args: DynamoTableArgs) -> list[str]:
    if args.capacity is None:
        return []
    units = ["readCapacity", "writeCapacity"]  # Pulumi translates no names inside of paths
    each = [f"globalSecondaryIndexes[{position}]" for position in range(len(args.indexes))]
    return [*units, *(f"{index}.{unit}" for index in each for unit in units)]


def _units(capacity: ProvisionedCapacity | None) -> dict[str, Any]:
    if capacity is None:
        return {}
    return {"read_capacity": capacity.read_minimum, "write_capacity": capacity.write_minimum}


def _recovery(days: int) -> dict[str, Any]:
    return {"enabled": True, "recovery_period_in_days": days} if days else {"enabled": False}


def _index(args: DynamoTableArgs, index: GlobalIndex) -> dict[str, Any]:
    if index.projected is None:
        projection: dict[str, Any] = {"projection_type": "ALL"}
    elif index.projected:
        projection = {"projection_type": "INCLUDE", "non_key_attributes": list(index.projected)}
    else:
        projection = {"projection_type": "KEYS_ONLY"}
    keys = zip(index.key_attributes(), ("HASH", "RANGE"), strict=False)
    return {
        "name": index.index_name,
        "key_schemas": [{"attribute_name": key, "key_type": kind} for key, kind in keys],
        **projection,
        **_units(args.capacity),
    }


def _replicate(
    component: DynamoTable, replica: TableReplica, scaled: Sequence[pulumi.Resource]
) -> None:
    """Make a replica as a resource of its own.

    DynamoDB refuses a replica of a table whose capacity is provisioned until autoscaling owns it,
    which it cannot before the table exists.
    """
    args = component.args
    component.child(
        f"replica-{replica.region}",
        aws.dynamodb.TableReplica,
        region=replica.region,
        global_table_arn=component.table.arn,
        kms_key_arn=replica.key_arn,
        point_in_time_recovery=args.recovery_days > 0,
        deletion_protection_enabled=args.deletion_protection,
        options=pulumi.ResourceOptions(depends_on=scaled, protect=args.deletion_protection),
    )


def _scale(component: DynamoTable, capacity: ProvisionedCapacity) -> list[pulumi.Resource]:
    """Let autoscaling own the capacity of the table and of its indexes."""
    made: list[pulumi.Resource] = []
    bounds = {
        "read": (capacity.read_minimum, capacity.read_maximum),
        "write": (capacity.write_minimum, capacity.write_maximum),
    }
    places = [("table", "", "")] + [
        ("index", f"/index/{index.index_name}", f"{index.index_name}-")
        for index in component.args.indexes
    ]
    for kind, path, key in places:
        for direction, (low, high) in bounds.items():
            word = direction.capitalize()
            target = component.child(
                f"{key}{direction}-scaling",
                aws.appautoscaling.Target,
                service_namespace="dynamodb",
                resource_id=pulumi.Output.concat("table/", component.table.name, path),
                scalable_dimension=f"dynamodb:{kind}:{word}CapacityUnits",
                min_capacity=low,
                max_capacity=high,
            )
            tracking = component.child(
                f"{key}{direction}-tracking",
                aws.appautoscaling.Policy,
                service_namespace=target.service_namespace,
                resource_id=target.resource_id,
                scalable_dimension=target.scalable_dimension,
                policy_type="TargetTrackingScaling",
                target_tracking_scaling_policy_configuration={
                    "predefined_metric_specification": {
                        "predefined_metric_type": f"DynamoDB{word}CapacityUtilization"
                    },
                    "target_value": capacity.utilization,
                },
            )
            made.append(tracking)
    return made
