"""Schedules that really start tasks and send messages."""

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.ecs import Stage, wait_for
from support.region import RunningRegion

ROLE = "arn:aws:iam::000000000000:role/scheduler"


@pytest.fixture
def stage(region: RunningRegion) -> Iterator[Stage]:
    made = Stage(region)
    yield made
    made.clear()


def soon() -> str:
    """Return the expression of a moment that is nearly here."""
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    return f"at({moment:%Y-%m-%dT%H:%M:%S})"


def queue(region: RunningRegion) -> tuple[str, str]:
    """Return URL and ARN of a new queue."""
    sqs = region.client("sqs")
    url = sqs.create_queue(QueueName=f"test-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, asked["Attributes"]["QueueArn"]


def schedule(region: RunningRegion, target: dict[str, Any], **more: Any) -> str:
    name = f"test-{uuid.uuid4().hex[:8]}"
    wanted = {
        "Name": name,
        "ScheduleExpression": soon(),
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"RoleArn": ROLE, **target},
        **more,
    }
    region.client("scheduler").create_schedule(**wanted)
    return name


def received(region: RunningRegion, url: str) -> list[dict[str, Any]]:
    asked = {"QueueUrl": url, "MessageAttributeNames": ["All"]}
    return region.client("sqs").receive_message(**asked).get("Messages", [])


def test_a_task_is_started_when_it_is_time(region: RunningRegion, stage: Stage) -> None:
    definition = stage.define()
    cluster = stage.ecs.describe_clusters(clusters=[stage.cluster])["clusters"][0]["clusterArn"]
    network = {"awsvpcConfiguration": {"Subnets": ["subnet-1"], "AssignPublicIp": "DISABLED"}}
    parameters = {
        "TaskDefinitionArn": definition,
        "LaunchType": "FARGATE",
        "NetworkConfiguration": network,
    }
    schedule(region, {"Arn": cluster, "EcsParameters": parameters})

    (task,) = wait_for(stage.tasks, what="a task of the schedule")
    assert task["taskDefinitionArn"] == definition


def test_a_message_is_sent_and_the_schedule_is_gone(region: RunningRegion) -> None:
    url, arn = queue(region)
    name = schedule(
        region,
        {"Arn": arn, "Input": '{"it": 1}'},
        ActionAfterCompletion="DELETE",
    )

    (message,) = wait_for(lambda: received(region, url), what="the message")
    assert json.loads(message["Body"]) == {"it": 1}
    with pytest.raises(ClientError, match="does not exist"):
        region.client("scheduler").get_schedule(Name=name)


def test_what_could_not_be_started_is_kept_with_the_reason(region: RunningRegion) -> None:
    url, arn = queue(region)
    cluster = "arn:aws:ecs:us-east-1:000000000000:cluster/no-such"
    schedule(
        region,
        {
            "Arn": cluster,
            "EcsParameters": {"TaskDefinitionArn": f"{cluster.rpartition(':')[0]}:task/x:1"},
            "RetryPolicy": {"MaximumRetryAttempts": 1},
            "DeadLetterConfig": {"Arn": arn},
        },
    )

    (message,) = wait_for(lambda: received(region, url), what="the dead letter")
    attributes = message["MessageAttributes"]
    assert attributes["ERROR_CODE"]["StringValue"] == "ClusterNotFoundException"
    assert attributes["TARGET_ARN"]["StringValue"] == cluster


def test_a_disabled_schedule_does_nothing(region: RunningRegion) -> None:
    url, arn = queue(region)
    schedule(region, {"Arn": arn, "Input": "off"}, State="DISABLED")
    schedule(region, {"Arn": arn, "Input": "on"}, ScheduleExpression=soon())

    (message,) = wait_for(lambda: received(region, url), what="the message of the enabled one")
    assert message["Body"] == "on"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ScheduleExpression": "daily"}, "ValidationException"),
        ({"GroupName": "no-such"}, "ResourceNotFoundException"),
        ({"Target": {"Arn": "arn:aws:glue:::job/x", "RoleArn": ROLE}}, "ValidationException"),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "ValidationException"),
    ],
)
def test_what_cannot_be_is_refused(
    region: RunningRegion, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        schedule(region, {"Arn": "arn:aws:sqs:us-east-1:000000000000:q"}, **changes)

    assert caught.value.response["Error"]["Code"] == code
