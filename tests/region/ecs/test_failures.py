"""What an operator learns from ECS alone about a service that cannot start, and how soon.

Every fact is read as AWS gives it: the stopped tasks of the service, its events, its deployment.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest
from support.ecs import PORT, Stage, wait_for

SOON = 5.0
"""Seconds within which the first failure is known."""


def first_failure(stage: Stage, name: str = "web", seconds: float = SOON) -> dict[str, Any]:
    """Return the first task of a service that stopped by itself."""

    def stopped() -> dict[str, Any] | None:
        tasks = stage.tasks(name, status="STOPPED")
        ended = [task for task in tasks if task["lastStatus"] == "STOPPED"]
        return min(ended, key=lambda task: task["createdAt"]) if ended else None

    return wait_for(stopped, seconds, what="a stopped task")


def crash(code: str) -> list[str]:
    return ["python", "-c", code]


def test_a_missing_image_is_named_by_the_task_and_its_container(stage: Stage) -> None:
    image = stage.image.rpartition(":")[0] + ":9.9.9"
    stage.serve("web", stage.define(stage.container(image=image)))
    task = first_failure(stage)

    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith(
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to "
        f"resolve ref {image}: {image}: not found"
    )
    assert task["containers"][0]["reason"] == task["stoppedReason"]
    assert task["containers"][0]["lastStatus"] == "STOPPED"
    assert "exitCode" not in task["containers"][0]


def test_a_missing_secret_is_named_and_blames_no_container(stage: Stage) -> None:
    missing = "arn:aws:secretsmanager:us-east-1:000000000000:secret:none-AbCdEf"
    secret = {"name": "PASSWORD", "valueFrom": missing}
    stage.serve("web", stage.define(stage.container(secrets=[secret])))
    task = first_failure(stage)

    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("ResourceInitializationError: unable to pull secrets")
    assert missing in task["stoppedReason"]
    assert "reason" not in task["containers"][0]


def test_a_crash_at_the_start_tells_its_exit_code_and_its_last_words(stage: Stage) -> None:
    logs = stage.region.client("logs")
    group = f"/test/{stage.cluster}"
    logs.create_log_group(logGroupName=group)
    options = {
        "awslogs-group": group,
        "awslogs-region": "us-east-1",
        "awslogs-stream-prefix": "web",
    }
    container = stage.container(
        command=crash("raise SystemExit('no database at db.internal')"),
        logConfiguration={"logDriver": "awslogs", "options": options},
    )
    stage.serve("web", stage.define(container))
    task = first_failure(stage)
    stream = f"web/web/{task['taskArn'].rpartition('/')[2]}"

    assert task["stopCode"] == "EssentialContainerExited"
    assert task["stoppedReason"] == "Essential container in task exited"
    assert task["containers"][0]["exitCode"] == 1

    def lines() -> list[str]:
        asked = {"logGroupName": group, "logStreamName": stream}
        return [event["message"] for event in logs.get_log_events(**asked)["events"]]

    assert wait_for(lines, SOON, what="the log") == ["no database at db.internal"]


def test_a_port_that_is_taken_ends_the_second_container(stage: Stage) -> None:
    second = stage.container(name="sidecar", portMappings=[])
    second["command"] = crash(
        "import os, socket; socket.create_server((os.environ['HOST'], int(os.environ['TAKEN'])))"
    )
    second["environment"] = [{"name": "TAKEN", "value": str(PORT)}]
    second["dependsOn"] = [{"containerName": "web", "condition": "HEALTHY"}]
    probe = "import os, socket; socket.create_connection((os.environ['HOST'], 8080)).close()"
    check = {"command": ["CMD", "python", "-c", probe], "interval": 5, "retries": 3}
    stage.serve("web", stage.define(stage.container(healthCheck=check), second))
    task = first_failure(stage, seconds=15)
    ends = {one["name"]: one.get("exitCode") for one in task["containers"]}

    assert task["stoppedReason"] == "Essential container in task exited"
    assert ends["sidecar"] == 1


def test_a_container_over_its_memory_is_killed_with_137(stage: Stage) -> None:
    greedy = "import time; held = bytearray(700 * 1024 * 1024); time.sleep(60)"
    stage.serve("web", stage.define(stage.container(command=crash(greedy))))
    task = first_failure(stage, seconds=15)

    assert task["stopCode"] == "EssentialContainerExited"
    assert task["containers"][0]["exitCode"] == 137
    assert task["containers"][0]["reason"] == (
        "OutOfMemoryError: Container killed due to memory usage"
    )


def test_containers_share_the_memory_of_their_task(stage: Stage) -> None:
    half = "import time; held = bytearray(320 * 1024 * 1024); time.sleep(60)"
    first = stage.container(command=crash(half))
    second = stage.container(name="sidecar", portMappings=[], command=crash(half))
    stage.serve("web", stage.define(first, second))
    task = first_failure(stage, seconds=15)
    reasons = [one.get("reason") for one in task["containers"]]

    assert "OutOfMemoryError: Container killed due to memory usage" in reasons


def test_a_failing_container_health_check_says_which_task_failed(stage: Stage) -> None:
    check = {"command": ["CMD-SHELL", "exit 1"], "interval": 5, "retries": 2, "startPeriod": 0}
    stage.serve("web", stage.define(stage.container(healthCheck=check)))
    task = first_failure(stage, seconds=20)

    assert task["stopCode"] == "ServiceSchedulerInitiated"
    assert task["stoppedReason"] == "Task failed container health checks"
    assert task["healthStatus"] == "UNHEALTHY"
    assert task["containers"][0]["healthStatus"] == "UNHEALTHY"
    task_id = task["taskArn"].rpartition("/")[2]
    assert f"(service web) (task {task_id}) failed container health checks." in stage.events("web")


@pytest.fixture
def crashing(stage: Stage) -> Callable[[], dict[str, Any]]:
    """Return how to ask for the deployment of a service that cannot start."""
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    bad = stage.define(stage.container(command=crash("raise SystemExit(3)")))
    stage.serve("web", bad, deploymentConfiguration=breaker)
    return lambda: stage.service("web")["deployments"][0]


def test_failed_tasks_are_counted_while_the_deployment_goes_on(
    crashing: Callable[[], dict[str, Any]],
) -> None:
    begin = time.monotonic()
    counts = [crashing()["failedTasks"]]
    states = [crashing()["rolloutState"]]
    while states[-1] == "IN_PROGRESS" and time.monotonic() < begin + 20:
        deployment = crashing()
        counts.append(deployment["failedTasks"])
        states.append(deployment["rolloutState"])

    assert counts == sorted(counts)
    assert counts[-1] == 3
    assert states[-1] == "FAILED"
