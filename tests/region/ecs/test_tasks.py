"""Tasks as processes: what they get, how they end, what is said about it."""

import json

import httpx
import pytest
from support.ecs import Stage, url, wait_for


def test_a_service_is_as_many_processes_as_it_desires_each_on_its_own_address(stage: Stage) -> None:
    stage.serve("web", stage.define(), count=3)
    stage.await_stable("web")

    tasks = stage.tasks("web")
    assert len(tasks) == 3
    assert len({url(task) for task in tasks}) == 3
    assert len({task["availabilityZone"] for task in tasks}) == 3
    for task in tasks:
        assert httpx.get(url(task)).json()["PORT"] == "8080"
        assert task["lastStatus"] == "RUNNING"


def test_a_task_gets_its_environment_the_region_and_its_secrets(stage: Stage) -> None:
    secrets = stage.region.client("secretsmanager")
    ssm = stage.region.client("ssm")
    made = secrets.create_secret(
        Name=f"{stage.cluster}/database", SecretString=json.dumps({"password": "pa:ss", "port": 5})
    )
    ssm.put_parameter(Name=f"/{stage.cluster}/token", Value="parameter", Type="SecureString")
    definition = stage.define(
        stage.container(
            variables={"VERSION": "7"},
            secrets=[
                {"name": "DB_PASSWORD", "valueFrom": f"{made['ARN']}:password::"},
                {"name": "WHOLE", "valueFrom": made["ARN"]},
                {"name": "TOKEN", "valueFrom": f"/{stage.cluster}/token"},
            ],
        )
    )
    arn = stage.run(definition)
    wait_for(lambda: stage.task(arn)["lastStatus"] == "RUNNING")
    seen = wait_for(lambda: _environment(stage, arn))

    assert seen["VERSION"] == "7"
    assert seen["DB_PASSWORD"] == "pa:ss"
    assert json.loads(seen["WHOLE"])["port"] == 5
    assert seen["TOKEN"] == "parameter"
    assert seen["AWS_ENDPOINT_URL"] == stage.region.endpoint
    assert seen["AWS_REGION"] == "us-east-1"
    assert seen["HOST"] in url(stage.task(arn))


def _environment(stage: Stage, arn: str) -> dict[str, str] | None:
    try:
        return httpx.get(url(stage.task(arn))).json()
    except httpx.TransportError:
        return None


def test_secrets_are_nowhere_in_the_regions_folder(stage: Stage) -> None:
    secrets = stage.region.client("secretsmanager")
    made = secrets.create_secret(Name=f"{stage.cluster}/s", SecretString="x7-never-on-disk-91")
    secret = {"name": "SECRET", "valueFrom": made["ARN"]}
    arn = stage.run(stage.define(stage.container(secrets=[secret])))
    wait_for(lambda: _environment(stage, arn))

    ours = [stage.region.root / "records.sqlite", stage.region.root / "records.sqlite-wal"]
    ours += list((stage.region.root / "logs").rglob("*.log"))
    assert len(ours) > 2
    for path in ours:
        if path.exists():
            assert b"x7-never-on-disk-91" not in path.read_bytes(), path


@pytest.mark.parametrize(
    ("value_from", "said"),
    [
        ("arn:aws:secretsmanager:us-east-1:000000000000:secret:no-such-secret", "no-such-secret"),
        ("/no/such/parameter", "/no/such/parameter"),
    ],
)
def test_a_missing_secret_stops_the_task_before_it_starts(
    stage: Stage, value_from: str, said: str
) -> None:
    secret = {"name": "X", "valueFrom": value_from}
    task = stage.await_stopped(stage.run(stage.define(stage.container(secrets=[secret]))))

    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("ResourceInitializationError: unable to pull secrets")
    assert said in task["stoppedReason"]


def test_a_missing_json_key_is_named(stage: Stage) -> None:
    secrets = stage.region.client("secretsmanager")
    made = secrets.create_secret(Name=f"{stage.cluster}/k", SecretString='{"user": "a"}')
    secret = {"name": "X", "valueFrom": f"{made['ARN']}:password::"}
    task = stage.await_stopped(stage.run(stage.define(stage.container(secrets=[secret]))))

    assert "did not contain json key password" in task["stoppedReason"]


@pytest.mark.parametrize("image", ["registry/web:0000000000000000", "registry/unknown:1"])
def test_an_image_that_is_not_there_cannot_be_pulled(stage: Stage, image: str) -> None:
    task = stage.await_stopped(stage.run(stage.define(stage.container(image=image))))

    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotPullContainerError")
    assert image in task["stoppedReason"]


def test_the_exit_code_of_an_essential_container_is_told(stage: Stage) -> None:
    definition = stage.define(stage.container(command=["python", "-c", "raise SystemExit(7)"]))
    task = stage.await_stopped(stage.run(definition))

    assert task["stopCode"] == "EssentialContainerExited"
    assert task["stoppedReason"] == "Essential container in task exited"
    assert task["containers"][0]["exitCode"] == 7


def test_a_task_over_its_memory_is_killed_and_says_so(stage: Stage) -> None:
    greedy = "import time; held = bytearray(700 * 1024 * 1024); time.sleep(60)"
    task = stage.await_stopped(
        stage.run(stage.define(stage.container(command=["python", "-c", greedy])))
    )

    assert task["containers"][0]["exitCode"] == 137
    assert task["containers"][0]["reason"].startswith("OutOfMemoryError")


def test_a_stopped_task_gets_sigterm_and_says_who_stopped_it(stage: Stage) -> None:
    arn = stage.run(stage.define())
    wait_for(lambda: _environment(stage, arn))
    stage.ecs.stop_task(cluster=stage.cluster, task=arn, reason="the test is over")
    task = stage.await_stopped(arn)

    assert task["stopCode"] == "UserInitiated"
    assert task["stoppedReason"] == "the test is over"
    assert task["containers"][0]["exitCode"] == 0


def test_a_container_deaf_to_sigterm_is_killed_after_its_stop_timeout(stage: Stage) -> None:
    definition = stage.define(stage.container(variables={"DEAF": "1"}, stopTimeout=2))
    arn = stage.run(definition)
    wait_for(lambda: _environment(stage, arn))
    stage.ecs.stop_task(cluster=stage.cluster, task=arn)
    task = stage.await_stopped(arn)

    assert task["containers"][0]["exitCode"] == 137
    assert (task["stoppedAt"] - task["stoppingAt"]).total_seconds() >= 2


def test_the_output_of_a_task_arrives_in_cloudwatch_logs(stage: Stage) -> None:
    logs = stage.region.client("logs")
    logs.create_log_group(logGroupName=f"/ecs/{stage.cluster}")
    options = {
        "awslogs-group": f"/ecs/{stage.cluster}",
        "awslogs-region": "us-east-1",
        "awslogs-stream-prefix": "ecs",
    }
    lines = "import sys\nfor n in range(3000): print('line', n)\nprint('bad', file=sys.stderr)"
    definition = stage.define(
        stage.container(
            command=["python", "-c", lines],
            logConfiguration={"logDriver": "awslogs", "options": options},
        )
    )
    arn = stage.run(definition)
    stage.await_stopped(arn)

    stream = f"ecs/web/{arn.rsplit('/', 1)[1]}"
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"/ecs/{stage.cluster}", logStreamNames=[stream]
    )
    messages = [event["message"] for page in pages for event in page["events"]]
    assert sorted(messages) == sorted([*(f"line {n}" for n in range(3000)), "bad"])


def test_a_missing_log_group_stops_the_task_before_it_starts(stage: Stage) -> None:
    options = {
        "awslogs-group": "/no/such/group",
        "awslogs-region": "us-east-1",
        "awslogs-stream-prefix": "ecs",
    }
    logging = {"logDriver": "awslogs", "options": options}
    task = stage.await_stopped(stage.run(stage.define(stage.container(logConfiguration=logging))))

    assert task["stoppedReason"].startswith(
        "ResourceInitializationError: failed to validate logger"
    )


def test_containers_start_in_the_order_of_their_dependencies(stage: Stage) -> None:
    shared = stage.region.root / f"order-{stage.cluster}"
    write = f"open({str(shared)!r}, 'a').write('%s ')"
    first = stage.container(
        name="first",
        essential=False,
        portMappings=[],
        command=["python", "-c", "import time; time.sleep(1); " + write % "first"],
    )
    second = stage.container(
        command=["python", "-c", write % "second"],
        dependsOn=[{"containerName": "first", "condition": "SUCCESS"}],
    )
    task = stage.await_stopped(stage.run(stage.define(second, first)))

    assert shared.read_text() == "first second "
    assert {one["exitCode"] for one in task["containers"]} == {0}


def test_a_failed_dependency_stops_the_task(stage: Stage) -> None:
    first = stage.container(
        name="first", essential=False, portMappings=[], command=["python", "-c", "1/0"]
    )
    second = stage.container(dependsOn=[{"containerName": "first", "condition": "SUCCESS"}])
    task = stage.await_stopped(stage.run(stage.define(second, first)))

    assert task["stopCode"] == "TaskFailedToStart"
    assert "container web waits for first to reach SUCCESS" in task["stoppedReason"]


def test_overrides_change_command_and_environment_of_one_run(stage: Stage) -> None:
    code = "import os, sys; sys.exit(int(os.environ['CODE']))"
    override = {
        "name": "web",
        "command": ["python", "-c", code],
        "environment": [{"name": "CODE", "value": "5"}],
    }
    arn = stage.run(stage.define(), overrides={"containerOverrides": [override]})

    assert stage.await_stopped(arn)["containers"][0]["exitCode"] == 5


def test_a_health_check_decides_the_health_of_a_task(stage: Stage) -> None:
    probe = (
        "import os, urllib.request as u; u.urlopen(f\"http://{os.environ['HOST']}:8080/health\")"
    )
    check = {"command": ["CMD", "python", "-c", probe], "interval": 5, "retries": 2}
    well = stage.run(stage.define(stage.container(healthCheck=check)))
    ill = stage.run(stage.define(stage.container(healthCheck=check, variables={"SICK": "1"})))

    wait_for(lambda: stage.task(well)["healthStatus"] == "HEALTHY")
    wait_for(lambda: stage.task(ill)["healthStatus"] == "UNHEALTHY")
    assert stage.task(ill)["containers"][0]["healthStatus"] == "UNHEALTHY"


def test_the_output_of_a_container_is_a_log_of_the_region(stage: Stage) -> None:
    arn = stage.run(stage.define(stage.container(variables={"VERSION": "shown"})))
    wait_for(lambda: _environment(stage, arn))
    name = next(
        process["name"]
        for process in stage.region.controller.processes()
        if process["name"].startswith(f"ecs/us-east-1/{stage.cluster}/")
    )
    assert "serving version shown" in "\n".join(stage.region.controller.logs(name, follow=False))
