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


def soon(seconds: int = 2) -> str:
    """Return the expression of a moment that is nearly here."""
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
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


UPDATE_SERVICE = "arn:aws:scheduler:::aws-sdk:ecs:updateService"


def _update_service(stage: Stage, count: int) -> dict[str, Any]:
    wanted = {"Cluster": stage.cluster, "Service": "web", "DesiredCount": count}
    return {"Arn": UPDATE_SERVICE, "Input": json.dumps(wanted)}


def test_a_service_is_retired_with_nobody_watching_and_the_schedule_is_gone(
    region: RunningRegion, stage: Stage
) -> None:
    stage.serve("web", stage.define())
    name = schedule(region, _update_service(stage, 0), ActionAfterCompletion="DELETE")
    scheduler = region.client("scheduler")
    assert scheduler.get_schedule(Name=name)["Target"]["Arn"] == UPDATE_SERVICE

    def is_gone() -> bool:
        return not scheduler.list_schedules(NamePrefix=name)["Schedules"]

    wait_for(is_gone, what="the end of the schedule")
    assert stage.service("web")["desiredCount"] == 0


def test_a_deleted_schedule_does_nothing_any_more(region: RunningRegion, stage: Stage) -> None:
    url, arn = queue(region)
    stage.serve("web", stage.define())
    name = schedule(region, _update_service(stage, 0))
    schedule(region, {"Arn": arn, "Input": "later"}, ScheduleExpression=soon(4))
    region.client("scheduler").delete_schedule(Name=name)
    wait_for(lambda: received(region, url), what="the message of a later schedule")

    assert stage.service("web")["desiredCount"] == 1


def test_a_call_that_keeps_failing_is_given_up_when_its_schedule_is_deleted(
    region: RunningRegion, stage: Stage
) -> None:
    scheduler = region.client("scheduler")
    url, arn = queue(region)
    name = schedule(
        region, _update_service(stage, 0), ActionAfterCompletion="DELETE", State="ENABLED"
    )
    schedule(region, {"Arn": arn, "Input": "tried"}, ScheduleExpression=soon(4))
    wait_for(lambda: received(region, url), what="the message of a later schedule")
    # Its service does not exist, so it is still being tried, and still there.
    assert scheduler.get_schedule(Name=name)["Name"] == name
    scheduler.delete_schedule(Name=name)
    stage.serve("web", stage.define())
    schedule(region, {"Arn": arn, "Input": "again"}, ScheduleExpression=soon(6))
    wait_for(lambda: received(region, url), what="the message of an even later schedule")

    assert stage.service("web")["desiredCount"] == 1


@pytest.mark.parametrize(
    ("arn", "request_", "said"),
    [
        (UPDATE_SERVICE, '{"Cluster": "c"}', "missing the following field(s): Service."),
        (UPDATE_SERVICE, '{"cluster": "c", "service": "s"}', "field(s): Service."),
        (UPDATE_SERVICE, '{"Service": "s", "Wanted": 1}', "unknown field(s): Wanted."),
        (UPDATE_SERVICE, "no json", "Invalid RequestJson provided"),
        (UPDATE_SERVICE.replace("update", "describe"), "{}", "only reads"),
        (UPDATE_SERVICE.replace("Service", "Nothing"), "{}", "ecs has no action updateNothing"),
        (UPDATE_SERVICE.replace("ecs", "none"), "{}", "There is no service none"),
    ],
)
def test_a_universal_target_that_cannot_be_called_is_refused(
    region: RunningRegion, arn: str, request_: str, said: str
) -> None:
    with pytest.raises(ClientError) as caught:
        schedule(region, {"Arn": arn, "Input": request_})

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert said in caught.value.response["Error"]["Message"]


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
