"""The two kinds of streams: how their shards are read and their records shown to functions."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from platformctl.region.services.lambda_events.delivery import GivenUp, Record


@dataclass(frozen=True)
class StreamKind:
    """What distinguishes Kinesis from the streams of DynamoDB tables.

    Attributes:
        service: botocore's service name.
        shards: Operation that lists shards, and the path of the list.
        record: Makes a record of what the API answers.
        batch_info: Member of a failure message that describes the batch.
    """

    service: str
    shards: tuple[str, str]
    record: Callable[[Mapping[str, Any], str, Mapping[str, Any]], Record]
    batch_info: str

    def names_stream(self, arn: str) -> dict[str, str]:
        """Return the parameter that names the stream."""
        return {"StreamARN" if self.service == "kinesis" else "StreamArn": arn}


def kind_of(arn: str) -> StreamKind | None:
    """Return the kind of a stream by its ARN, None for what is no stream."""
    service = arn.split(":")[2] if arn.count(":") > 1 else ""
    return KINDS.get(service)


def _kinesis(mapping: Mapping[str, Any], shard: str, record: Mapping[str, Any]) -> Record:
    arrived = record["ApproximateArrivalTimestamp"].timestamp()
    sequence, key = record["SequenceNumber"], record["PartitionKey"]
    event = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": key,
            "sequenceNumber": sequence,
            "data": base64.b64encode(record["Data"]).decode(),
            "approximateArrivalTimestamp": arrived,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{sequence}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": mapping["role"],
        **_origin(mapping),
    }
    return Record(sequence, key, arrived, event)


def _dynamodb(mapping: Mapping[str, Any], _shard: str, record: Mapping[str, Any]) -> Record:
    change = dict(record["dynamodb"])
    created = change.get("ApproximateCreationDateTime")
    arrived = created.timestamp() if isinstance(created, datetime) else 0.0
    change["ApproximateCreationDateTime"] = arrived
    event = {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": record.get("eventVersion", "1.1"),
        "eventSource": "aws:dynamodb",
        "dynamodb": _readable(change),
        **_origin(mapping),
    }
    key = json.dumps(_readable(change.get("Keys", {})), sort_keys=True)
    return Record(change["SequenceNumber"], key, arrived, event)


def _origin(mapping: Mapping[str, Any]) -> dict[str, str]:
    arn = mapping["EventSourceArn"]
    return {"awsRegion": arn.split(":")[3], "eventSourceARN": arn}


def _readable(value: Any) -> Any:
    """Return attribute values as JSON has them: binary as Base64."""
    if isinstance(value, Mapping):
        return {key: _readable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_readable(item) for item in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


KINDS = {
    "kinesis": StreamKind("kinesis", ("list_shards", "Shards"), _kinesis, "KinesisBatchInfo"),
    "dynamodb": StreamKind(
        "dynamodbstreams",
        ("describe_stream", "StreamDescription.Shards"),
        _dynamodb,
        "DDBStreamBatchInfo",
    ),
}


def failure_message(
    mapping: Mapping[str, Any], kind: StreamKind, shard: str, given_up: GivenUp, moment: float
) -> dict[str, Any]:
    """Return what a destination is told about records that were given up."""
    records = given_up.records
    function, _, qualifier = mapping["FunctionArn"].partition(":function:")[2].partition(":")
    return {
        "requestContext": {
            "requestId": f"{function}-{records[0].sequence}",
            "functionArn": mapping["FunctionArn"],
            "condition": given_up.condition,
            "approximateInvokeCount": given_up.invocations,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": qualifier or "$LATEST",
            "functionError": given_up.error or None,
        },
        "version": "1.0",
        "timestamp": _time(moment),
        kind.batch_info: {
            "shardId": shard,
            "startSequenceNumber": records[0].sequence,
            "endSequenceNumber": records[-1].sequence,
            "approximateArrivalOfFirstRecord": _time(records[0].arrived),
            "approximateArrivalOfLastRecord": _time(records[-1].arrived),
            "batchSize": len(records),
            "streamArn": mapping["EventSourceArn"],
        },
    }


def _time(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
