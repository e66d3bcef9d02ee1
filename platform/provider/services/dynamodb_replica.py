"""Replicas of DynamoDB tables, each a resource of its own in its region."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned
from platformctl.provider.services.dynamodb_description import recovers
from platformctl.provider.spec import Fidelity, ResourceSpec, Tagging, Update

ACTIVE_TIMEOUT = 300.0
"""Seconds until a replica that is made or changed is active."""


def _table(context: Context) -> tuple[str, str]:
    """Return the name of the table and the region it was made in; the id is both."""
    if context.id:
        name, _, home = context.id.partition(":")
        return name, home
    parts = str(context.inputs["globalTableArn"]).split(":", 5)
    return parts[5].removeprefix("table/"), parts[3]


def _describe(context: Context) -> Any:
    """Return what the table says about this replica, None where there is none."""
    name, home = _table(context)
    there = context.clients("dynamodb", home)
    try:
        table = there.describe_table(TableName=name)["Table"]
    except there.exceptions.ResourceNotFoundException:
        return None
    return next((r for r in table.get("Replicas", ()) if r["RegionName"] == context.region), None)


def _change(context: Context, change: dict[str, Any]) -> None:
    """Have the table's own region make, change or delete the replica, and wait until it has."""
    name, home = _table(context)
    client = context.clients("dynamodb", home)
    client.update_table(TableName=name, ReplicaUpdates=[change])

    def settled() -> bool:
        found = _describe(context)
        if "Delete" in change:
            return found is None
        return found is not None and found.get("ReplicaStatus") == "ACTIVE"

    what = f"waiting for the replica of {name}"
    context.until(settled, what, delay=0.05, timeout=ACTIVE_TIMEOUT)


def _member(context: Context) -> dict[str, Any]:
    key, kind = context.inputs.get("kmsKeyArn"), context.inputs.get("tableClassOverride")
    return {
        "RegionName": context.region,
        **({"KMSMasterKeyId": key} if key else {}),
        **({"TableClassOverride": kind} if kind else {}),
    }


def _create(context: Context) -> dict[str, str]:
    """Make the replica; its id is the table's name and the region that was made in."""
    identity = ":".join(_table(context))
    _change(context, {"Create": _member(context)})
    return {"Id": identity}


def _set_class(context: Context) -> None:
    """Set the table class of the replica."""
    _change(context, {"Update": _member(context)})


def _set_recovery(context: Context) -> None:
    """Turn point-in-time recovery of the replica on or off."""
    wanted = bool(context.inputs.get("pointInTimeRecovery"))
    context.call(
        "update_continuous_backups",
        TableName=_table(context)[0],
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": wanted},
    )


def _set_protection(context: Context) -> None:
    """Protect the replica from deletion, or no longer."""
    wanted = bool(context.inputs.get("deletionProtectionEnabled"))
    context.call("update_table", TableName=_table(context)[0], DeletionProtectionEnabled=wanted)


def _set_tags(context: Context) -> None:
    """Make the tags of the replica what they should be; a table's tags stay in its region."""
    arn = context.call("describe_table", TableName=_table(context)[0])["Table"]["TableArn"]
    gone = {tag["Key"] for tag in _tags(context, arn)} - context.tags.keys()
    if gone:
        context.call("untag_resource", ResourceArn=arn, TagKeys=sorted(gone))
    wanted = [{"Key": key, "Value": value} for key, value in context.tags.items()]
    if wanted:
        context.call("tag_resource", ResourceArn=arn, Tags=wanted)


def _tags(context: Context, arn: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = context.call("list_tags_of_resource", ResourceArn=arn)["Tags"]
    return found


def _delete(context: Context) -> None:
    """Delete the replica; the table stays."""
    if _describe(context) is not None:
        _change(context, {"Delete": {"RegionName": context.region}})


def _read(context: Context) -> Any:
    """Describe the replica under Pulumi's names, asking its own region."""
    replica = _describe(context)
    if replica is None:
        return None
    name, home = _table(context)
    table = context.call("describe_table", TableName=name)["Table"]
    arn = table["TableArn"]
    return {
        "Arn": arn,
        "TableName": name,
        "GlobalTableArn": arn.replace(f":{context.region}:", f":{home}:", 1),
        # The emulator does not say with which key a replica is encrypted.
        "KmsKeyArn": replica.get("KMSMasterKeyId") or context.inputs.get("kmsKeyArn"),
        "TableClassOverride": (replica.get("ReplicaTableClassSummary") or {}).get("TableClass")
        or context.inputs.get("tableClassOverride"),
        "PointInTimeRecovery": recovers(context.client(), name)["Enabled"],
        "DeletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        "Tags": _tags(context, arn),
    }


SPECS = (
    ResourceSpec(
        type="aws:dynamodb/tableReplica:TableReplica",
        service="dynamodb",
        identity=assigned("Id"),
        fidelity=Fidelity.LIVE,
        create=_create,
        read=_read,
        updates=(
            Update(_set_class, ("tableClassOverride",)),
            Update(_set_recovery, ("pointInTimeRecovery",), on_create=True),
            Update(_set_protection, ("deletionProtectionEnabled",), on_create=True),
        ),
        delete=_delete,
        defaults={"deletionProtectionEnabled": False, "pointInTimeRecovery": False},
        handled=(
            "globalTableArn",
            "kmsKeyArn",
            "tableClassOverride",
            "pointInTimeRecovery",
            "deletionProtectionEnabled",
        ),
        replace=("globalTableArn", "kmsKeyArn"),
        tags=Tagging(
            member="",
            form="list",
            add=_set_tags,
            remove="",
            resource={},
            read="Tags",
        ),
        deleted=True,
        note="what is written in one region is read in the other",
    ),
)
