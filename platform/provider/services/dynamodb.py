"""DynamoDB tables, with their indexes, streams and replicas."""

from collections.abc import Callable
from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import name
from platformctl.provider.services.dynamodb_description import describe_table, read_table
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Name,
    ResourceSpec,
    Tagging,
    Update,
    Waiter,
)
from platformctl.provider.tags import on_create

ARN = "arn:aws:dynamodb:{region}:{account}:table/{id}"
CAPACITY = ("readCapacity", "writeCapacity")
ACTIVE_TIMEOUT = 300.0
"""Seconds until a table or a replica that changes is active again."""


def _key_schema(holder: dict[str, Any]) -> list[dict[str, str]]:
    """Return the keys of a table or of an index, hash key first."""
    if holder.get("keySchemas"):
        return [
            {"AttributeName": each["attributeName"], "KeyType": each["keyType"]}
            for each in holder["keySchemas"]
        ]
    kinds = (("hashKey", "HASH"), ("rangeKey", "RANGE"))
    return [
        {"AttributeName": holder[key], "KeyType": kind} for key, kind in kinds if holder.get(key)
    ]


def _definitions(context: Context) -> list[dict[str, str]]:
    return [
        {"AttributeName": each["name"], "AttributeType": each["type"]}
        for each in context.inputs.get("attributes") or ()
    ]


def _on_demand(inputs: dict[str, Any]) -> bool:
    return inputs.get("billingMode") == "PAY_PER_REQUEST"


def _throughput(holder: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """Return what a table or an index may do in a second, as its billing mode has it."""
    if _on_demand(inputs):
        limits = _limits(holder)
        return {"OnDemandThroughput": limits} if limits else {}
    units = {
        "ReadCapacityUnits": int(holder.get("readCapacity") or 1),
        "WriteCapacityUnits": int(holder.get("writeCapacity") or 1),
    }
    return {"ProvisionedThroughput": units}


def _limits(holder: dict[str, Any]) -> dict[str, int]:
    said = holder.get("onDemandThroughput") or {}
    members = {
        "maxReadRequestUnits": "MaxReadRequestUnits",
        "maxWriteRequestUnits": "MaxWriteRequestUnits",
    }
    return {member: int(said[key]) for key, member in members.items() if said.get(key)}


def _projection(index: dict[str, Any]) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": index["projectionType"]}
    if index.get("nonKeyAttributes"):
        projection["NonKeyAttributes"] = index["nonKeyAttributes"]
    return projection


def _global_index(context: Context, index: dict[str, Any]) -> dict[str, Any]:
    return {
        "IndexName": index["name"],
        "KeySchema": _key_schema(index),
        "Projection": _projection(index),
        **_throughput(index, context.inputs),
    }


def _local_index(context: Context, index: dict[str, Any]) -> dict[str, Any]:
    keys = {"hashKey": context.inputs.get("hashKey"), "rangeKey": index["rangeKey"]}
    return {
        "IndexName": index["name"],
        "KeySchema": _key_schema(keys),
        "Projection": _projection(index),
    }


def _encryption(context: Context) -> dict[str, Any]:
    said = context.inputs.get("serverSideEncryption") or {}
    if not said.get("enabled"):
        return {"Enabled": False}
    key = said.get("kmsKeyArn")
    return {"Enabled": True, "SSEType": "KMS", **({"KMSMasterKeyId": key} if key else {})}


def _stream(context: Context) -> dict[str, Any]:
    if not context.inputs.get("streamEnabled"):
        return {"StreamEnabled": False}
    return {"StreamEnabled": True, "StreamViewType": context.inputs["streamViewType"]}


def _create(context: Context) -> Any:
    """Create a table, empty or from a backup or another table's past."""
    inputs = context.inputs
    if inputs.get("restoreBackupArn"):
        made = {"TargetTableName": inputs["name"], "BackupArn": inputs["restoreBackupArn"]}
        return context.call("restore_table_from_backup", **made)
    if inputs.get("restoreSourceName") or inputs.get("restoreSourceTableArn"):
        return _restore(context)
    indexes = {
        "GlobalSecondaryIndexes": [
            _global_index(context, each) for each in inputs.get("globalSecondaryIndexes") or ()
        ],
        "LocalSecondaryIndexes": [
            _local_index(context, each) for each in inputs.get("localSecondaryIndexes") or ()
        ],
    }
    return context.call(
        "create_table",
        TableName=inputs["name"],
        AttributeDefinitions=_definitions(context),
        KeySchema=_key_schema(inputs),
        BillingMode=inputs.get("billingMode") or "PROVISIONED",
        TableClass=inputs.get("tableClass") or "STANDARD",
        DeletionProtectionEnabled=bool(inputs.get("deletionProtectionEnabled")),
        **{member: each for member, each in indexes.items() if each},
        **_throughput(inputs, inputs),
        **_extras(context),
        **on_create(context),
    )


def _extras(context: Context) -> dict[str, Any]:
    """Return what only some tables have: a stream, and a key of their own."""
    said: dict[str, Any] = {}
    if context.inputs.get("streamEnabled"):
        said["StreamSpecification"] = _stream(context)
    if context.inputs.get("serverSideEncryption"):
        said["SSESpecification"] = _encryption(context)
    return said


def _restore(context: Context) -> Any:
    """Create a table as another was at a point in time."""
    inputs = context.inputs
    members = {
        "SourceTableName": inputs.get("restoreSourceName"),
        "SourceTableArn": inputs.get("restoreSourceTableArn"),
        "RestoreDateTime": inputs.get("restoreDateTime"),
        "UseLatestRestorableTime": inputs.get("restoreToLatestTime"),
    }
    given = {member: value for member, value in members.items() if value is not None}
    return context.call("restore_table_to_point_in_time", TargetTableName=inputs["name"], **given)


def _await_active(context: Context) -> None:
    """Wait until the table, its indexes and its replicas take changes again."""

    def active() -> bool:
        found = describe_table(context)
        parts = [*found.get("GlobalSecondaryIndexes", ()), *found.get("Replicas", ())]
        states = {part.get("IndexStatus") or part.get("ReplicaStatus") for part in parts}
        return {found["TableStatus"], *states} == {"ACTIVE"}

    what = f"waiting for {context.id} to be ACTIVE"
    context.until(active, what, delay=0.05, timeout=ACTIVE_TIMEOUT)


def _change(context: Context, **change: Any) -> None:
    """Change one thing: DynamoDB takes one at a time."""
    context.call("update_table", TableName=context.id, **change)
    _await_active(context)


def _set_class(context: Context) -> None:
    """Set the table class."""
    _change(context, TableClass=context.inputs.get("tableClass") or "STANDARD")


def _set_protection(context: Context) -> None:
    """Protect the table from deletion, or no longer."""
    wanted = bool(context.inputs.get("deletionProtectionEnabled"))
    _change(context, DeletionProtectionEnabled=wanted)


def _set_encryption(context: Context) -> None:
    """Set who holds the key."""
    _change(context, SSESpecification=_encryption(context))


def _set_stream(context: Context) -> None:
    """Turn the stream on or off; one that shows something else is a new one."""
    before = context.old.get("streamEnabled")
    if before and context.inputs.get("streamEnabled"):
        _change(context, StreamSpecification={"StreamEnabled": False})
    _change(context, StreamSpecification=_stream(context))


def _set_capacity(context: Context) -> None:
    """Set how the table is paid for, and how much it may do in a second."""
    inputs, old = context.inputs, context.old
    change: dict[str, Any] = {}
    if _on_demand(inputs) != _on_demand(old):
        change["BillingMode"] = inputs.get("billingMode") or "PROVISIONED"
        if not _on_demand(inputs):
            indexes = inputs.get("globalSecondaryIndexes") or ()
            kept = {each["name"] for each in old.get("globalSecondaryIndexes") or ()}
            units = [
                {"Update": {"IndexName": each["name"], **_throughput(each, inputs)}}
                for each in indexes
                if each["name"] in kept
            ]
            change |= {"GlobalSecondaryIndexUpdates": units} if units else {}
    change |= _throughput(inputs, inputs)
    if change:
        _change(context, **change)


def _set_indexes(context: Context) -> None:
    """Delete indexes that are gone or other than before, then make the new ones."""
    before = {each["name"]: each for each in context.old.get("globalSecondaryIndexes") or ()}
    after = {each["name"]: each for each in context.inputs.get("globalSecondaryIndexes") or ()}
    rebuilt = {key for key in before.keys() & after.keys() if _differs(before[key], after[key])}
    for key in [key for key in before if key not in after or key in rebuilt]:
        _change(context, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": key}}])
    for key, index in after.items():
        if key not in before or key in rebuilt:
            made = {"Create": _global_index(context, index)}
            _change(
                context,
                AttributeDefinitions=_definitions(context),
                GlobalSecondaryIndexUpdates=[made],
            )
        elif (
            not _on_demand(context.inputs)
            and not _on_demand(context.old)
            and any(before[key].get(unit) != index.get(unit) for unit in CAPACITY)
        ):
            units = {"IndexName": key, **_throughput(index, context.inputs)}
            _change(context, GlobalSecondaryIndexUpdates=[{"Update": units}])


def _differs(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Tell whether an index has other keys or shows something else: it is built anew then."""
    return (_key_schema(before), _projection(before)) != (_key_schema(after), _projection(after))


def _set_ttl(context: Context) -> None:
    """Say which attribute holds the second at which an item expires."""
    wanted, before = (each.get("ttl") or {} for each in (context.inputs, context.old))
    attribute = wanted.get("attributeName") or before.get("attributeName")
    enabled = bool(wanted.get("attributeName")) and wanted.get("enabled") is not False
    context.call(
        "update_time_to_live",
        TableName=context.id,
        TimeToLiveSpecification={"AttributeName": attribute, "Enabled": enabled},
    )


def _set_recovery(context: Context) -> None:
    """Turn point-in-time recovery on or off."""
    wanted = context.inputs.get("pointInTimeRecovery") or {}
    _recover(context.client(), context.id, bool(wanted.get("enabled")), wanted)


def _recover(client: Any, table: str, enabled: bool, wanted: dict[str, Any]) -> None:
    period = wanted.get("recoveryPeriodInDays")
    days = {"RecoveryPeriodInDays": int(period)} if enabled and period else {}
    client.update_continuous_backups(
        TableName=table,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled, **days},
    )


def _set_replicas(context: Context) -> None:
    """Make the replicas those of the program, one after the other."""
    before = {each["regionName"]: each for each in context.old.get("replicas") or ()}
    after = {each["regionName"]: each for each in context.inputs.get("replicas") or ()}
    for region in before.keys() - after.keys():
        _drop_replica(context, region)
    for region, replica in after.items():
        key = replica.get("kmsKeyArn")
        wanted = {"RegionName": region, **({"KMSMasterKeyId": key} if key else {})}
        if region not in before:
            _change(context, ReplicaUpdates=[{"Create": wanted}])
        elif before[region].get("kmsKeyArn") != key:
            _change(context, ReplicaUpdates=[{"Update": wanted}])
        there = context.clients("dynamodb", region)
        _recover(there, context.id, bool(replica.get("pointInTimeRecovery")), {})
        there.update_table(
            TableName=context.id,
            DeletionProtectionEnabled=bool(replica.get("deletionProtectionEnabled")),
        )


def _drop_replica(context: Context, region: str) -> None:
    _change(context, ReplicaUpdates=[{"Delete": {"RegionName": region}}])


def _delete(context: Context) -> None:
    """Delete a table; its replicas go first."""
    for replica in (describe_table(context) or {}).get("Replicas", ()):
        _drop_replica(context, replica["RegionName"])
    context.call("delete_table", TableName=context.id)


UPDATES: tuple[tuple[Callable[[Context], None], tuple[str, ...], bool], ...] = (
    (_set_class, ("tableClass",), False),
    (_set_protection, ("deletionProtectionEnabled",), False),
    (_set_encryption, ("serverSideEncryption",), False),
    (_set_stream, ("streamEnabled", "streamViewType"), False),
    (_set_capacity, ("billingMode", "onDemandThroughput", *CAPACITY), False),
    (_set_indexes, ("globalSecondaryIndexes", "attributes"), False),
    (_set_ttl, ("ttl",), True),
    (_set_recovery, ("pointInTimeRecovery",), True),
    (_set_replicas, ("replicas",), True),
)
"""What is changed, by which inputs, and whether it must follow a creation."""
RESTORE = (
    "restoreBackupArn",
    "restoreDateTime",
    "restoreSourceName",
    "restoreSourceTableArn",
    "restoreToLatestTime",
)

SPECS = (
    ResourceSpec(
        type="aws:dynamodb/table:Table",
        service="dynamodb",
        identity=name(),
        fidelity=Fidelity.LIVE,
        create=_create,
        read=read_table,
        updates=tuple(Update(call, inputs, on_create=late) for call, inputs, late in UPDATES),
        delete=_delete,
        outputs={"arn": ARN},
        defaults={
            "billingMode": "PROVISIONED",
            "deletionProtectionEnabled": False,
            "streamEnabled": False,
            "tableClass": "STANDARD",
        },
        name=Name("name", 255),
        unread=RESTORE,
        handled=(
            "name",
            "hashKey",
            "rangeKey",
            "localSecondaryIndexes",
            *RESTORE,
            *(key for _, inputs, _ in UPDATES for key in inputs),
        ),
        replace=("name", "hashKey", "rangeKey", "localSecondaryIndexes", *RESTORE),
        no_local_effect=("globalTableWitness.*", "importTable.*", "warmThroughput.*"),
        tags=Tagging(
            member="Tags",
            form="list",
            add="tag_resource",
            remove="untag_resource",
            resource={"ResourceArn": ARN},
            read=Ask("list_tags_of_resource", {"ResourceArn": ARN}, "Tags"),
        ),
        created=Waiter("TableStatus", ("ACTIVE",)),
        deleted=True,
        note="tables, indexes, streams, expiry and replicas work; capacity limits nothing, and "
        "point-in-time recovery restores the present",
    ),
)
