"""Streams invoke functions: in order, past what is poison, and over restarts."""

import pytest
from botocore.exceptions import ClientError
from support.functions import (
    items,
    make_function,
    make_queue,
    make_stream,
    make_table,
    put,
    receive,
    until,
)

NOTE = """
import base64, json, os
import boto3

notes = boto3.client("dynamodb")


def values(event):
    for record in event["Records"]:
        kinesis = record["kinesis"]
        yield kinesis["sequenceNumber"], json.loads(base64.b64decode(kinesis["data"]))


def note(value):
    notes.update_item(
        TableName=os.environ["NOTES"],
        Key={"id": {"S": str(value)}},
        UpdateExpression="ADD times :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
"""
FAILING = """

def handle(event, context):
    got = list(values(event))
    for _, value in got:
        if value == "poison":
            raise ValueError("poison")
    for _, value in got:
        note(value)
"""
SLOW = """
import time


def handle(event, context):
    for _, value in values(event):
        note(value)
    time.sleep(1)
"""
REPORTING = """

def handle(event, context):
    failed = []
    for sequence, value in values(event):
        if value == "poison":
            failed.append({"itemIdentifier": sequence})
            break
        note(value)
    return {"batchItemFailures": failed}
"""


def connect(region, stream, source, **settings):
    """Make a function that notes what it gets, and a mapping; return the notes' table and UUID."""
    table = make_table(region)
    function = make_function(region, NOTE + source, Environment={"Variables": {"NOTES": table}})
    mapping = region.client("lambda").create_event_source_mapping(
        EventSourceArn=stream,
        FunctionName=function,
        **{"StartingPosition": "TRIM_HORIZON", **settings},
    )
    return table, mapping["UUID"]


def times(region, table):
    return {key: int(item["times"]["N"]) for key, item in items(region, table).items()}


def test_records_invoke_a_function_once_each(region):
    stream = make_stream(region, shards=2)
    put(region, stream, list(range(40)))
    table, mapping = connect(region, stream, FAILING, BatchSize=10, ParallelizationFactor=3)

    wanted = {str(number): 1 for number in range(40)}
    until(lambda: times(region, table) == wanted, "every record noted once")
    client = region.client("lambda")
    until(
        lambda: client.get_event_source_mapping(UUID=mapping)["LastProcessingResult"] == "OK",
        "the mapping says that all is well",
    )


@pytest.mark.parametrize(
    ("source", "types"), [(FAILING, []), (REPORTING, ["ReportBatchItemFailures"])]
)
def test_poison_is_found_given_up_and_described_and_holds_nobody_up(region, source, types):
    stream = make_stream(region)
    url, queue = make_queue(region)
    put(region, stream, [*range(13), "poison", *range(14, 20)])
    table, mapping = connect(
        region,
        stream,
        source,
        BatchSize=20,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        FunctionResponseTypes=types,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )

    good = {str(number) for number in range(20) if number != 13}
    until(lambda: times(region, table).keys() == good, "everything but the poison is noted")
    (message,) = until(lambda: receive(region, url), "the queue is told")
    assert message["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert message["requestContext"]["approximateInvokeCount"] == 2
    batch = message["KinesisBatchInfo"]
    assert batch["streamArn"] == stream
    assert batch["batchSize"] == 1
    assert batch["startSequenceNumber"] == batch["endSequenceNumber"]
    assert poison(region, batch) == b'"poison"'

    def result():
        found = region.client("lambda").get_event_source_mapping(UUID=mapping)
        return found["LastProcessingResult"]

    until(lambda: result() == "PROBLEM: Function call failed", "the failure is in the mapping")


def poison(region, batch):
    """Read the record that a failure message is about from the stream."""
    client = region.client("kinesis")
    iterator = client.get_shard_iterator(
        StreamARN=batch["streamArn"],
        ShardId=batch["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        StartingSequenceNumber=batch["startSequenceNumber"],
    )["ShardIterator"]
    return client.get_records(ShardIterator=iterator, Limit=1)["Records"][0]["Data"]


def test_a_mapping_that_is_switched_off_reads_nothing_and_goes_on_where_it_was(region):
    stream = make_stream(region)
    put(region, stream, ["before"])
    table, mapping = connect(region, stream, SLOW)
    client = region.client("lambda")
    # The function has noted it and runs on: what it was given is done all the same.
    until(lambda: "before" in times(region, table), "the first record is noted")

    client.update_event_source_mapping(UUID=mapping, Enabled=False)
    assert client.get_event_source_mapping(UUID=mapping)["State"] == "Disabled"
    put(region, stream, ["while off"])
    client.update_event_source_mapping(UUID=mapping, Enabled=True, BatchSize=1)

    until(lambda: times(region, table) == {"before": 1, "while off": 1}, "each noted once")


def test_what_comes_from_now_on_is_all_that_a_mapping_from_the_latest_reads(region):
    stream = make_stream(region)
    put(region, stream, ["old"])
    table, _ = connect(region, stream, FAILING, StartingPosition="LATEST")
    numbers = iter(range(1000))

    def arrives():
        put(region, stream, [f"new-{next(numbers)}"])
        return times(region, table)

    assert "old" not in until(arrives, "something new is noted")


def test_changes_of_a_table_invoke_a_function(region):
    watched = make_table(region)
    client = region.client("dynamodb")
    client.update_table(
        TableName=watched,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    stream = client.describe_table(TableName=watched)["Table"]["LatestStreamArn"]
    source = """

def handle(event, context):
    for record in event["Records"]:
        note(record["dynamodb"]["NewImage"]["id"]["S"])
"""
    table, _ = connect(region, stream, source)

    client.put_item(TableName=watched, Item={"id": {"S": "changed"}})
    until(lambda: times(region, table) == {"changed": 1}, "the change is noted")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"FunctionName": "nobody"}, "Function does not exist"),
        ({"EventSourceArn": "arn:aws:kinesis:us-east-1:000000000000:stream/none"}, "cannot be"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}, "not in the local region"),
        ({"MaximumRecordAgeInSeconds": 5}, "at least 60"),
    ],
)
def test_what_cannot_be_is_refused(region, change, sentence):
    stream = make_stream(region)
    function = make_function(region, "def handle(event, context): pass")
    wanted = {
        "EventSourceArn": stream,
        "FunctionName": function,
        "StartingPosition": "LATEST",
        **change,
    }

    with pytest.raises(ClientError, match="InvalidParameterValue") as caught:
        region.client("lambda").create_event_source_mapping(**wanted)
    assert sentence in str(caught.value)


def test_a_source_and_a_function_have_one_mapping(region):
    stream = make_stream(region)
    function = make_function(region, "def handle(event, context): pass")
    client = region.client("lambda")
    wanted = {"EventSourceArn": stream, "FunctionName": function, "StartingPosition": "LATEST"}
    made = client.create_event_source_mapping(**wanted, Tags={"Team": "red"})

    with pytest.raises(ClientError, match="ResourceConflict"):
        client.create_event_source_mapping(**wanted)
    assert client.list_tags(Resource=made["EventSourceMappingArn"])["Tags"] == {"Team": "red"}
    listed = client.list_event_source_mappings(EventSourceArn=stream)["EventSourceMappings"]
    assert [each["UUID"] for each in listed] == [made["UUID"]]
    client.delete_event_source_mapping(UUID=made["UUID"])
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.get_event_source_mapping(UUID=made["UUID"])
