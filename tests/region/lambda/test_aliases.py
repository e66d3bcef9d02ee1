"""An alias spreads invocations over two versions, and each version's are counted."""

import io
import json
import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from support.functions import items, make_function, make_queue, make_table, until

SOURCE = """
def handle(event, context):
    if event.get("fail"):
        raise ValueError("as asked")
    return {"release": "RELEASE", "arn": context.invoked_function_arn}
"""
NOTING = """
import os
import boto3

notes = boto3.client("dynamodb")


def handle(event, context):
    for record in event["Records"]:
        notes.put_item(
            TableName=os.environ["NOTES"],
            Item={"id": {"S": record["body"]}, "release": {"S": "RELEASE"}},
        )
"""


def zipped(source):
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as file:
        file.writestr("it.py", source)
    return code.getvalue()


@pytest.fixture
def make_alias(region):
    """Makes a function with two versions, and an alias on the first; returns the name."""
    client = region.client("lambda")

    def make(source, **more):
        arn = make_function(region, source.replace("RELEASE", "one"), Publish=True, **more)
        name = arn.rpartition(":function:")[2].partition(":")[0]
        client.update_function_code(
            FunctionName=name, ZipFile=zipped(source.replace("RELEASE", "two")), Publish=True
        )
        client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        return name

    return make


def invoke(region, name, payload=None):
    answer = region.client("lambda").invoke(
        FunctionName=name, Qualifier="live", Payload=json.dumps(payload or {})
    )
    return answer, json.load(answer["Payload"])


def weigh(region, name, weights):
    region.client("lambda").update_alias(
        FunctionName=name, Name="live", RoutingConfig={"AdditionalVersionWeights": weights}
    )


def total(region, metric, **dimensions):
    now = datetime.now(UTC)
    found = region.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=metric,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum"],
    )
    return sum(point["Sum"] for point in found["Datapoints"])


def test_an_alias_without_weights_invokes_its_version(region, make_alias):
    name = make_alias(SOURCE)

    answers = [invoke(region, name) for _ in range(5)]

    assert {answer["ExecutedVersion"] for answer, _ in answers} == {"1"}
    assert {said["release"] for _, said in answers} == {"one"}


def test_a_weight_sends_that_share_of_invocations_to_the_further_version(region, make_alias):
    name = make_alias(SOURCE)

    weigh(region, name, {"2": 0.5})
    mixed = Counter(invoke(region, name)[1]["release"] for _ in range(60))
    weigh(region, name, {"2": 1.0})
    whole = {invoke(region, name)[1]["release"] for _ in range(10)}
    weigh(region, name, {})
    back = {invoke(region, name)[1]["release"] for _ in range(10)}

    # By chance less than once in 10**9 runs outside of these bounds.
    assert 8 <= mixed["two"] <= 52
    assert (whole, back) == ({"two"}, {"one"})


def test_invocations_and_errors_are_counted_for_each_version_of_an_alias(region, make_alias):
    name = make_alias(SOURCE)
    both = {"FunctionName": name, "Resource": f"{name}:live"}

    for _ in range(3):
        invoke(region, name)
    weigh(region, name, {"2": 1.0})
    failed, _ = invoke(region, name, {"fail": True})
    invoke(region, name)

    assert failed["FunctionError"] == "Unhandled"
    assert total(region, "Invocations", **both) == 5
    assert total(region, "Invocations", **both, ExecutedVersion="1") == 3
    assert total(region, "Errors", **both, ExecutedVersion="1") == 0
    assert total(region, "Invocations", **both, ExecutedVersion="2") == 2
    assert total(region, "Errors", **both, ExecutedVersion="2") == 1
    assert total(region, "Errors", FunctionName=name) == 1
    assert total(region, "Duration", **both, ExecutedVersion="2") > 0


def test_a_queue_behind_an_alias_follows_its_weights(region, make_alias):
    table = make_table(region)
    name = make_alias(NOTING, Environment={"Variables": {"NOTES": table}}, Timeout=5)
    url, queue = make_queue(region, VisibilityTimeout="30")
    client = region.client("lambda")
    alias = client.get_alias(FunctionName=name, Name="live")["AliasArn"]
    weigh(region, name, {"2": 1.0})

    client.create_event_source_mapping(EventSourceArn=queue, FunctionName=alias, BatchSize=1)
    for number in range(4):
        region.client("sqs").send_message(QueueUrl=url, MessageBody=str(number))

    until(lambda: len(items(region, table)) == 4, "every message was handled")
    assert {item["release"]["S"] for item in items(region, table).values()} == {"two"}


def test_an_alias_that_does_not_exist_is_not_found(region, make_alias):
    name, client = make_alias(SOURCE), region.client("lambda")

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName=name, Qualifier="nobody")
