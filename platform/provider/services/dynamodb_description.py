"""What DynamoDB says about a table, under Pulumi's names."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.spec import Ask

TABLE = {"TableName": "{id}"}


def describe_table(context: Context) -> Any:
    """Return the description of a table as DynamoDB gives it, None if there is none."""
    return context.find(Ask("describe_table", TABLE, "Table"))


def read_table(context: Context) -> Any:
    """Describe a table under Pulumi's names."""
    table = describe_table(context)
    if table is None or table["TableStatus"] == "DELETING":
        return None
    keys = _keys(table["KeySchema"])
    stream = table.get("StreamSpecification") or {}
    return {
        **keys,
        "Name": table["TableName"],
        "Arn": table["TableArn"],
        "TableStatus": table["TableStatus"],
        "Attributes": [
            {"Name": each["AttributeName"], "Type": each["AttributeType"]}
            for each in table["AttributeDefinitions"]
        ],
        "BillingMode": (table.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED"),
        **_units(table),
        "OnDemandThroughput": table.get("OnDemandThroughput"),
        "GlobalSecondaryIndexes": [
            _read_index(context, each) for each in table.get("GlobalSecondaryIndexes", ())
        ],
        "LocalSecondaryIndexes": [
            {**_read_projection(each), "RangeKey": _keys(each["KeySchema"]).get("RangeKey")}
            for each in table.get("LocalSecondaryIndexes", ())
        ],
        "DeletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        "TableClass": (table.get("TableClassSummary") or {}).get("TableClass", "STANDARD"),
        "StreamEnabled": bool(stream.get("StreamEnabled")),
        "StreamViewType": stream.get("StreamViewType", ""),
        "StreamArn": table.get("LatestStreamArn") if stream.get("StreamEnabled") else "",
        "StreamLabel": table.get("LatestStreamLabel") if stream.get("StreamEnabled") else "",
        "ServerSideEncryption": _read_encryption(table),
        "Ttl": _read_ttl(context),
        "PointInTimeRecovery": _read_recovery(context),
        "Replicas": [_read_replica(context, each) for each in table.get("Replicas", ())],
    }


def _keys(schema: list[dict[str, str]]) -> dict[str, str]:
    names = {"HASH": "HashKey", "RANGE": "RangeKey"}
    return {names[each["KeyType"]]: each["AttributeName"] for each in schema}


def _units(holder: dict[str, Any]) -> dict[str, int]:
    units = holder.get("ProvisionedThroughput") or {}
    return {
        "ReadCapacity": int(units.get("ReadCapacityUnits", 0)),
        "WriteCapacity": int(units.get("WriteCapacityUnits", 0)),
    }


def _read_projection(index: dict[str, Any]) -> dict[str, Any]:
    projection = index["Projection"]
    return {
        "Name": index["IndexName"],
        "ProjectionType": projection["ProjectionType"],
        "NonKeyAttributes": projection.get("NonKeyAttributes"),
    }


def _read_index(context: Context, index: dict[str, Any]) -> dict[str, Any]:
    """Describe an index with its keys in the form the program gave them."""
    written = {each["name"]: each for each in context.inputs.get("globalSecondaryIndexes") or ()}
    listed = bool((written.get(index["IndexName"]) or {}).get("keySchemas"))
    keys = {"KeySchemas": index["KeySchema"]} if listed else _keys(index["KeySchema"])
    return {
        **_read_projection(index),
        **keys,
        **_units(index),
        "OnDemandThroughput": index.get("OnDemandThroughput"),
    }


def _read_encryption(table: dict[str, Any]) -> dict[str, Any]:
    found = table.get("SSEDescription") or {}
    if found.get("Status") not in ("ENABLED", "UPDATING"):
        return {"Enabled": False}
    return {"Enabled": True, "KmsKeyArn": found.get("KMSMasterKeyArn")}


def _read_ttl(context: Context) -> dict[str, Any]:
    found = context.ask(Ask("describe_time_to_live", TABLE, "TimeToLiveDescription"))
    if found["TimeToLiveStatus"] not in ("ENABLED", "ENABLING"):
        return {"Enabled": False}
    return {"AttributeName": found["AttributeName"], "Enabled": True}


def recovers(client: Any, table: str) -> dict[str, Any]:
    """Say whether a table can be restored to a point in time, and how far back."""
    answer = client.describe_continuous_backups(TableName=table)
    found = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    on = found["PointInTimeRecoveryStatus"] == "ENABLED"
    return {"Enabled": on, "RecoveryPeriodInDays": found.get("RecoveryPeriodInDays")}


def _read_recovery(context: Context) -> dict[str, Any]:
    found = recovers(context.client(), context.id)
    if not found["Enabled"]:
        return found
    # The emulator keeps no period: what the program said stays.
    said = (context.inputs.get("pointInTimeRecovery") or {}).get("recoveryPeriodInDays")
    return {"Enabled": True, "RecoveryPeriodInDays": found["RecoveryPeriodInDays"] or said}


def _read_replica(context: Context, replica: dict[str, Any]) -> dict[str, Any]:
    """Describe a replica, asking its own region for what only that knows."""
    region = replica["RegionName"]
    there = context.clients("dynamodb", region)
    table = there.describe_table(TableName=context.id)["Table"]
    said = {each["regionName"]: each for each in context.inputs.get("replicas") or ()}
    written = said.get(region, {})
    return {
        "RegionName": region,
        "Arn": table["TableArn"],
        "StreamArn": table.get("LatestStreamArn", ""),
        "StreamLabel": table.get("LatestStreamLabel", ""),
        "KmsKeyArn": replica.get("KMSMasterKeyId") or written.get("kmsKeyArn"),
        "DeletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        "PointInTimeRecovery": recovers(there, context.id)["Enabled"],
        "PropagateTags": written.get("propagateTags"),
        "ConsistencyMode": written.get("consistencyMode"),
    }
