"""What ECS says when Fargate has no room, and that it goes on once there is some."""

from collections.abc import Iterator

import pytest
from support.ecs import Stage, wait_for
from support.region import RunningRegion

REGION = "eu-west-1"
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
UNAVAILABLE = (
    "Capacity is unavailable at this time. Please try again later or in a different availability "
    "zone"
)


@pytest.fixture
def stage(region: RunningRegion) -> Iterator[Stage]:
    """Yield a cluster in a region without room, which has some again at the end."""
    made = Stage(region, REGION)
    region.controller.take_fargate_room(*ZONES)
    yield made
    region.controller.give_fargate_room(*ZONES)
    made.clear()


def test_a_service_without_room_has_no_tasks_and_says_why_until_there_is_some(
    stage: Stage,
) -> None:
    stage.serve("web", stage.define())
    said = (
        f"(service web) was unable to place a task. Reason: {UNAVAILABLE}. For more information, "
        "see the Troubleshooting section of the Amazon ECS Developer Guide."
    )
    wait_for(lambda: said in stage.events("web"), what="an event that says why")
    service = stage.service("web")
    assert (service["runningCount"], service["pendingCount"]) == (0, 0)
    assert service["deployments"][0]["rolloutState"] == "IN_PROGRESS"
    assert "has started" not in stage.events("web")
    assert stage.tasks("web", status="STOPPED") == []

    stage.region.controller.give_fargate_room(*ZONES)
    stage.await_stable("web")
    assert "has started 1 tasks" in stage.events("web")


def test_a_task_of_no_service_is_answered_with_a_failure(stage: Stage) -> None:
    asked = {
        "cluster": stage.cluster,
        "taskDefinition": stage.define(),
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
    }
    answer = stage.ecs.run_task(**asked, count=2)

    assert answer["tasks"] == []
    assert answer["failures"] == [{"reason": UNAVAILABLE}] * 2
    assert stage.tasks() == []


def test_tasks_go_where_there_is_room_and_those_that_run_stay(stage: Stage) -> None:
    stage.region.controller.give_fargate_room(*ZONES)
    stage.serve("web", stage.define(), count=2)
    stage.await_stable("web")
    before = {task["taskArn"]: task["availabilityZone"] for task in stage.tasks("web")}
    assert len(set(before.values())) == 2

    stage.region.controller.take_fargate_room("eu-west-1a", "eu-west-1b")
    stage.ecs.update_service(cluster=stage.cluster, service="web", desiredCount=5)
    stage.await_stable("web")
    after = {task["taskArn"]: task["availabilityZone"] for task in stage.tasks("web")}
    assert before.items() <= after.items()
    assert {after[arn] for arn in after.keys() - before.keys()} == {"eu-west-1c"}
