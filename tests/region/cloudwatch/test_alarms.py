"""Alarms that fire, tell, and come back to OK."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.ecs import wait_for
from support.region import RunningRegion


@pytest.fixture
def name() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


def put_alarm(cloudwatch: Any, name: str, **changes: Any) -> None:
    wanted = {
        "AlarmName": name,
        "Namespace": "Test/Alarms",
        "MetricName": name,
        "Statistic": "Maximum",
        "Period": 1,
        "EvaluationPeriods": 1,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "ignore",
        **changes,
    }
    cloudwatch.put_metric_alarm(**wanted)


def put(cloudwatch: Any, metric: str, value: float) -> None:
    data = [{"MetricName": metric, "Value": value, "StorageResolution": 1}]
    cloudwatch.put_metric_data(Namespace="Test/Alarms", MetricData=data)


def state(cloudwatch: Any, name: str) -> str:
    answer = cloudwatch.describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    return (answer["MetricAlarms"] + answer["CompositeAlarms"])[0]["StateValue"]


def await_state(cloudwatch: Any, name: str, wanted: str) -> None:
    wait_for(lambda: state(cloudwatch, name) == wanted, what=f"{name} in {wanted}")


def test_an_alarm_fires_tells_its_topic_and_comes_back_to_ok(
    region: RunningRegion, name: str
) -> None:
    cloudwatch, sns, sqs = map(region.client, ("cloudwatch", "sns", "sqs"))
    topic = sns.create_topic(Name=name)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
    put_alarm(cloudwatch, name, AlarmActions=[topic], OKActions=[topic])
    assert state(cloudwatch, name) == "INSUFFICIENT_DATA"

    put(cloudwatch, name, 9.0)
    await_state(cloudwatch, name, "ALARM")
    put(cloudwatch, name, 1.0)
    await_state(cloudwatch, name, "OK")

    told: list[dict[str, Any]] = []

    def received() -> bool:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        bodies = [json.loads(message["Body"]) for message in answer.get("Messages", ())]
        told.extend(json.loads(body["Message"]) for body in bodies)
        return len(told) >= 2

    wait_for(received, what="two messages")
    changes = {(one["OldStateValue"], one["NewStateValue"]) for one in told}
    assert changes == {("INSUFFICIENT_DATA", "ALARM"), ("ALARM", "OK")}
    assert told[0]["AlarmName"] == name
    assert told[0]["Trigger"]["MetricName"] == name
    history = cloudwatch.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    summaries = [item["HistorySummary"] for item in history]
    assert "Alarm updated from ALARM to OK" in summaries
    assert f"Successfully executed action {topic}" in summaries


def test_an_action_that_fails_is_told_in_the_history(region: RunningRegion, name: str) -> None:
    cloudwatch = region.client("cloudwatch")
    action = "arn:aws:sns:us-east-1:000000000000:no-such-topic"
    put_alarm(cloudwatch, name, AlarmActions=[action])
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")

    def failed() -> bool:
        items = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="Action")
        return any(
            "Failed to execute" in one["HistorySummary"] for one in items["AlarmHistoryItems"]
        )

    wait_for(failed)


def test_disabled_actions_do_nothing(region: RunningRegion, name: str) -> None:
    cloudwatch, sns = region.client("cloudwatch"), region.client("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]
    put_alarm(cloudwatch, name, AlarmActions=[topic])
    cloudwatch.disable_alarm_actions(AlarmNames=[name])
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    actions = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="Action")
    assert state(cloudwatch, name) == "ALARM"
    assert actions["AlarmHistoryItems"] == []


def test_a_math_alarm_watches_an_expression(region: RunningRegion, name: str) -> None:
    cloudwatch = region.client("cloudwatch")
    metrics = [
        {
            "Id": key,
            "MetricStat": {
                "Metric": {"Namespace": "Test/Alarms", "MetricName": f"{name}-{key}"},
                "Period": 1,
                "Stat": "Sum",
            },
            "ReturnData": False,
        }
        for key in ("errors", "requests")
    ]
    expression = {"Id": "share", "Expression": "100 * errors / requests", "ReturnData": True}
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Metrics=[*metrics, expression],
        EvaluationPeriods=1,
        Threshold=10.0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    data = [
        {"MetricName": f"{name}-errors", "Value": 2.0},
        {"MetricName": f"{name}-requests", "Value": 10.0},
    ]
    cloudwatch.put_metric_data(Namespace="Test/Alarms", MetricData=data)
    await_state(cloudwatch, name, "ALARM")


def test_a_composite_alarm_follows_its_rule(region: RunningRegion, name: str) -> None:
    cloudwatch = region.client("cloudwatch")
    for part in ("a", "b"):
        put_alarm(cloudwatch, f"{name}-{part}")
        put(cloudwatch, f"{name}-{part}", 1.0)
    cloudwatch.put_composite_alarm(
        AlarmName=name, AlarmRule=f'ALARM("{name}-a") AND NOT ALARM("{name}-b")'
    )
    await_state(cloudwatch, name, "OK")
    put(cloudwatch, f"{name}-a", 9.0)
    await_state(cloudwatch, name, "ALARM")
    put(cloudwatch, f"{name}-b", 9.0)
    await_state(cloudwatch, name, "OK")
    with pytest.raises(ClientError, match="does not exist"):
        cloudwatch.put_composite_alarm(AlarmName=f"{name}-x", AlarmRule="ALARM(nobody)")


def test_missing_data_that_breaches_raises_the_alarm(region: RunningRegion, name: str) -> None:
    cloudwatch = region.client("cloudwatch")
    put_alarm(cloudwatch, name, TreatMissingData="breaching")
    await_state(cloudwatch, name, "ALARM")
    put_alarm(cloudwatch, name, TreatMissingData="notBreaching")
    await_state(cloudwatch, name, "OK")


def test_alarms_are_described_by_prefix_page_and_metric(region: RunningRegion, name: str) -> None:
    cloudwatch = region.client("cloudwatch")
    for number in range(5):
        put_alarm(
            cloudwatch, f"{name}-{number}", MetricName=name, Tags=[{"Key": "a", "Value": "b"}]
        )
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=name, PaginationConfig={"PageSize": 2}
    )
    found = [alarm for page in pages for alarm in page["MetricAlarms"]]
    assert [alarm["AlarmName"] for alarm in found] == [f"{name}-{number}" for number in range(5)]
    of_metric = cloudwatch.describe_alarms_for_metric(Namespace="Test/Alarms", MetricName=name)
    assert len(of_metric["MetricAlarms"]) == 5
    tags = cloudwatch.list_tags_for_resource(ResourceARN=found[0]["AlarmArn"])["Tags"]
    assert tags == [{"Key": "a", "Value": "b"}]

    cloudwatch.delete_alarms(AlarmNames=[alarm["AlarmName"] for alarm in found])
    assert cloudwatch.describe_alarms(AlarmNamePrefix=name)["MetricAlarms"] == []
    with pytest.raises(ClientError, match="does not exist"):
        cloudwatch.delete_alarms(AlarmNames=[name])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Period": 7}, "Period must be"),
        ({"DatapointsToAlarm": 2}, "DatapointsToAlarm"),
        ({"TreatMissingData": "maybe"}, "TreatMissingData"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "not in the local region"),
    ],
)
def test_an_alarm_that_cannot_be_is_refused(
    region: RunningRegion, name: str, changes: dict, message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        put_alarm(region.client("cloudwatch"), name, **changes)
