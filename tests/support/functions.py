"""Lambda functions, streams and queues for tests, and what has become of what was sent."""

import io
import json
import textwrap
import time
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

from support.region import RunningRegion

DEADLINE = 90.0


def unique(what: str) -> str:
    """Return a name nobody else has."""
    return f"{what}-{uuid.uuid4().hex[:8]}"


def until(done: Callable[[], Any], what: str, timeout: float = DEADLINE) -> Any:
    """Ask again and again until the answer is true, and return it."""
    end = time.monotonic() + timeout
    while True:
        answer = done()
        if answer:
            return answer
        assert time.monotonic() < end, f"{what}: not within {timeout:g} s, last {answer!r}"
        time.sleep(0.1)


def make_role(region: RunningRegion) -> str:
    """Return the ARN of a role for functions, made if it is not there."""
    client = region.client("iam")
    if not any(role["RoleName"] == "it" for role in client.list_roles()["Roles"]):
        document = json.dumps({"Version": "2012-10-17", "Statement": []})
        client.create_role(RoleName="it", AssumeRolePolicyDocument=document)
    return "arn:aws:iam::000000000000:role/it"


def make_function(region: RunningRegion, source: str, **more: Any) -> str:
    """Make a function out of a module with a `handle`, and return its ARN."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as file:
        file.writestr("it.py", textwrap.dedent(source))
    client = region.client("lambda")
    made = client.create_function(
        FunctionName=unique("function"),
        Role=make_role(region),
        Runtime="python3.13",
        Handler="it.handle",
        Code={"ZipFile": code.getvalue()},
        **{"Timeout": 20, **more},
    )
    client.get_waiter("function_active_v2").wait(
        FunctionName=made["FunctionName"], WaiterConfig={"Delay": 1}
    )
    return made["FunctionArn"]


def make_table(region: RunningRegion) -> str:
    """Make a table in which functions of tests note what they got."""
    name = unique("notes")
    region.client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def items(region: RunningRegion, table: str) -> dict[str, dict[str, Any]]:
    """Return what a table holds, by id."""
    pages = region.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    return {item["id"]["S"]: item for page in pages for item in page["Items"]}


def make_stream(region: RunningRegion, shards: int = 1) -> str:
    """Make a Kinesis stream and return its ARN."""
    name, client = unique("stream"), region.client("kinesis")
    client.create_stream(StreamName=name, ShardCount=shards)
    client.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    return client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]


def put(region: RunningRegion, stream: str, values: list[Any]) -> None:
    """Put JSON values on a stream, each under a partition key of its own."""
    client = region.client("kinesis")
    for start in range(0, len(values), 500):
        answer = client.put_records(
            StreamARN=stream,
            Records=[
                {"Data": json.dumps(value).encode(), "PartitionKey": f"key-{start + number}"}
                for number, value in enumerate(values[start : start + 500])
            ],
        )
        assert answer["FailedRecordCount"] == 0


def make_queue(region: RunningRegion, **attributes: str) -> tuple[str, str]:
    """Make a queue and return its URL and its ARN."""
    client = region.client("sqs")
    url = client.create_queue(QueueName=unique("queue"), Attributes=attributes)["QueueUrl"]
    answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, answer["Attributes"]["QueueArn"]


def receive(region: RunningRegion, url: str) -> list[dict[str, Any]]:
    """Take up to ten messages of a queue and return their bodies, read as JSON."""
    client = region.client("sqs")
    answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    messages = answer.get("Messages", [])
    for message in messages:
        client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]
