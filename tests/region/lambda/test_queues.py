"""Queues invoke functions: what is done is gone, what fails ends as a dead letter."""

import json

import pytest
from botocore.exceptions import ClientError
from support.functions import items, make_function, make_queue, make_table, receive, until

SOURCE = """
import os
import boto3

notes = boto3.client("dynamodb")


def handle(event, context):
    failed = []
    for record in event["Records"]:
        notes.update_item(
            TableName=os.environ["NOTES"],
            Key={"id": {"S": record["body"]}},
            UpdateExpression="ADD times :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )
        if "poison" in record["body"]:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
"""


def test_done_messages_are_deleted_and_poison_becomes_a_dead_letter(region):
    dead_url, dead = make_queue(region)
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 2})
    url, queue = make_queue(region, VisibilityTimeout="3", RedrivePolicy=redrive)
    table = make_table(region)
    function = make_function(region, SOURCE, Environment={"Variables": {"NOTES": table}}, Timeout=3)
    sqs = region.client("sqs")
    bodies = ['"good"', '"poison"', '"also good"']
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body)
    region.client("lambda").create_event_source_mapping(
        EventSourceArn=queue,
        FunctionName=function,
        BatchSize=3,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )

    until(lambda: items(region, table).keys() == set(bodies), "everything is tried")
    assert until(lambda: receive(region, dead_url), "poison is a dead letter") == ["poison"]
    noted = {key: int(item["times"]["N"]) for key, item in items(region, table).items()}
    assert noted == {'"good"': 1, '"poison"': 2, '"also good"': 1}


def test_a_queue_that_hides_messages_for_less_than_the_function_may_take_is_refused(region):
    _, queue = make_queue(region, VisibilityTimeout="5")
    function = make_function(region, "def handle(event, context): pass")

    with pytest.raises(ClientError, match="less than Function timeout"):
        region.client("lambda").create_event_source_mapping(
            EventSourceArn=queue, FunctionName=function
        )
