"""Services: scaled, rolled, repaired, rolled back, and seen in AWS's words."""

import os
import signal

import httpx
import pytest
from botocore.exceptions import ClientError
from support.ecs import Stage, url, wait_for


def pid_of(task: dict) -> int:
    return int(task["containers"][0]["runtimeId"])


def test_scaling_up_and_down_changes_the_processes(stage: Stage) -> None:
    stage.serve("web", stage.define(), count=1)
    stage.await_stable("web")

    stage.ecs.update_service(cluster=stage.cluster, service="web", desiredCount=3)
    stage.await_stable("web")
    assert len(stage.tasks("web")) == 3

    stage.ecs.update_service(cluster=stage.cluster, service="web", desiredCount=1)
    wait_for(lambda: len(stage.tasks("web")) == 1)
    stopped = stage.tasks("web", status="STOPPED")
    assert {task["stopCode"] for task in stopped} == {"ServiceSchedulerInitiated"}
    assert all("Scaling activity initiated by" in task["stoppedReason"] for task in stopped)


def test_a_new_task_definition_replaces_every_task(stage: Stage) -> None:
    stage.serve("web", stage.define(stage.container(variables={"VERSION": "1"})), count=2)
    stage.await_stable("web")
    before = {task["taskArn"] for task in stage.tasks("web")}
    new = stage.define(stage.container(variables={"VERSION": "2"}))
    stage.ecs.update_service(cluster=stage.cluster, service="web", taskDefinition=new)
    stage.await_stable("web")

    tasks = stage.tasks("web")
    assert before.isdisjoint(task["taskArn"] for task in tasks)
    assert {httpx.get(url(task)).json()["VERSION"] for task in tasks} == {"2"}
    service = stage.service("web")
    assert [one["rolloutState"] for one in service["deployments"]] == ["COMPLETED"]
    assert service["taskDefinition"] == new
    assert "deployment completed." in stage.events("web")
    assert "has reached a steady state." in stage.events("web")


def test_the_same_definition_changes_nothing_unless_forced(stage: Stage) -> None:
    definition = stage.define()
    stage.serve("web", definition)
    stage.await_stable("web")
    before = stage.tasks("web")[0]["taskArn"]
    stage.ecs.update_service(cluster=stage.cluster, service="web", taskDefinition=definition)
    assert len(stage.service("web")["deployments"]) == 1

    stage.ecs.update_service(cluster=stage.cluster, service="web", forceNewDeployment=True)
    assert len(stage.service("web")["deployments"]) == 2
    stage.await_stable("web")
    assert stage.tasks("web")[0]["taskArn"] != before


def test_a_killed_process_is_replaced(stage: Stage) -> None:
    stage.serve("web", stage.define())
    stage.await_stable("web")
    task = stage.tasks("web")[0]
    os.kill(pid_of(task), signal.SIGKILL)
    wait_for(lambda: stage.task(task["taskArn"])["lastStatus"] == "STOPPED")
    stage.await_stable("web")

    assert stage.task(task["taskArn"])["containers"][0]["exitCode"] == 137
    assert stage.tasks("web")[0]["taskArn"] != task["taskArn"]


def test_a_crash_loop_is_noticed_and_throttled(stage: Stage) -> None:
    crash = stage.container(command=["python", "-c", "raise SystemExit(1)"])
    stage.serve("web", stage.define(crash))
    wait_for(lambda: "unable to consistently start tasks" in stage.events("web"))

    count = len(stage.tasks("web", status="STOPPED"))
    assert 3 <= count <= 6
    assert stage.service("web")["deployments"][0]["failedTasks"] >= 3


def test_the_circuit_breaker_rolls_back_to_what_worked(stage: Stage) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    good = stage.define(stage.container(variables={"VERSION": "good"}))
    stage.serve("web", good, count=2, deploymentConfiguration=breaker)
    stage.await_stable("web")
    before = {task["taskArn"] for task in stage.tasks("web")}
    bad = stage.define(stage.container(command=["python", "-c", "raise SystemExit(1)"]))
    stage.ecs.update_service(cluster=stage.cluster, service="web", taskDefinition=bad)
    wait_for(lambda: "rolling back to deployment" in stage.events("web"))
    stage.await_stable("web")

    assert stage.service("web")["taskDefinition"] == good
    assert "deployment failed: tasks failed to start." in stage.events("web")
    assert {task["taskArn"] for task in stage.tasks("web")} == before


def test_without_rollback_a_failed_deployment_stays_failed_and_the_old_tasks_serve(
    stage: Stage,
) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    stage.serve("web", stage.define(), deploymentConfiguration=breaker)
    stage.await_stable("web")
    bad = stage.define(stage.container(image="registry/web:missing"))
    stage.ecs.update_service(cluster=stage.cluster, service="web", taskDefinition=bad)
    wait_for(lambda: stage.service("web")["deployments"][0]["rolloutState"] == "FAILED")

    reason = stage.service("web")["deployments"][0]["rolloutStateReason"]
    assert reason == "ECS deployment circuit breaker: tasks failed to start."
    assert httpx.get(url(stage.tasks("web")[0])).status_code == 200
    stopped = stage.tasks("web", status="STOPPED")
    assert all("CannotPullContainerError" in task["stoppedReason"] for task in stopped)


def test_a_deployment_that_its_percentages_block_says_so(stage: Stage) -> None:
    percentages = {"minimumHealthyPercent": 50, "maximumPercent": 100}
    stage.serve("web", stage.define(), deploymentConfiguration=percentages)
    stage.await_stable("web")
    stage.ecs.update_service(cluster=stage.cluster, service="web", forceNewDeployment=True)
    wait_for(lambda: "was unable to stop or start tasks" in stage.events("web"))

    percentages["maximumPercent"] = 200
    stage.ecs.update_service(
        cluster=stage.cluster, service="web", deploymentConfiguration=percentages
    )
    stage.await_stable("web")


def test_an_unhealthy_container_is_replaced(stage: Stage) -> None:
    probe = "import os; raise SystemExit(os.path.exists(os.environ['FLAG']))"
    flag = stage.region.root / f"sick-{stage.cluster}"
    check = {"command": ["CMD", "python", "-c", probe], "interval": 5, "retries": 1}
    stage.serve(
        "web", stage.define(stage.container(healthCheck=check, variables={"FLAG": str(flag)}))
    )
    stage.await_stable("web")
    ill = stage.tasks("web")[0]["taskArn"]
    flag.touch()
    wait_for(lambda: stage.task(ill)["desiredStatus"] == "STOPPED")
    flag.unlink()
    stage.await_stable("web")

    assert stage.await_stopped(ill)["stoppedReason"] == "Task failed container health checks"
    assert "failed container health checks." in stage.events("web")
    wait_for(lambda: [task["healthStatus"] for task in stage.tasks("web")] == ["HEALTHY"])


def test_a_deleted_service_drains_and_becomes_inactive(stage: Stage) -> None:
    stage.serve("web", stage.define())
    stage.await_stable("web")
    pid = pid_of(stage.tasks("web")[0])
    with pytest.raises(ClientError, match="scaled above 0"):
        stage.ecs.delete_service(cluster=stage.cluster, service="web")
    stage.ecs.delete_service(cluster=stage.cluster, service="web", force=True)
    waiter = stage.ecs.get_waiter("services_inactive")
    waiter.wait(cluster=stage.cluster, services=["web"], WaiterConfig={"Delay": 1})

    assert stage.service("web")["runningCount"] == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    stage.serve("web", stage.define(), count=0)
    assert stage.service("web")["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cpu": "256", "memory": "4096"}, "No Fargate configuration exists"),
        ({"networkMode": "bridge"}, "only supports network mode 'awsvpc'"),
        ({"containerDefinitions": []}, "Container list cannot be empty"),
        ({"family": "no spaces"}, "Family contains invalid characters"),
    ],
)
def test_a_task_definition_that_cannot_be_is_refused(
    stage: Stage, changes: dict, message: str
) -> None:
    with pytest.raises(ClientError, match=message) as refused:
        stage.define(**changes)
    assert refused.value.response["Error"]["Code"] == "ClientException"


def test_definitions_have_revisions_that_can_be_listed_and_deregistered(stage: Stage) -> None:
    family = f"{stage.cluster}-web"
    arns = [stage.define() for _ in range(3)]
    pages = stage.ecs.get_paginator("list_task_definitions").paginate(
        familyPrefix=family, sort="DESC", PaginationConfig={"PageSize": 2}
    )
    assert [arn for page in pages for arn in page["taskDefinitionArns"]] == arns[::-1]

    stage.ecs.deregister_task_definition(taskDefinition=arns[2])
    newest = stage.ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
    assert newest["revision"] == 2
    assert newest["containerDefinitions"][0]["portMappings"][0]["protocol"] == "tcp"
    with pytest.raises(ClientError, match="inactive"):
        stage.run(arns[2])
    families = stage.ecs.list_task_definition_families(familyPrefix=family)
    assert families["families"] == [family]


def test_errors_are_those_of_ecs(stage: Stage) -> None:
    ecs = stage.ecs
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.describe_services(cluster="nowhere", services=["web"])
    with pytest.raises(ecs.exceptions.ServiceNotFoundException):
        ecs.update_service(cluster=stage.cluster, service="nobody", desiredCount=1)
    with pytest.raises(ecs.exceptions.ClientException, match="not found"):
        stage.run("nothing:1")
    stage.serve("web", stage.define(), count=0)
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="not idempotent"):
        stage.serve("web", stage.define(), count=0)
    with pytest.raises(ecs.exceptions.ClusterContainsServicesException):
        ecs.delete_cluster(cluster=stage.cluster)
    missing = ecs.describe_services(cluster=stage.cluster, services=["nobody"])["failures"]
    assert missing[0]["reason"] == "MISSING"


def test_tags_and_settings_are_kept(stage: Stage) -> None:
    stage.serve("web", stage.define(), count=0, tags=[{"key": "team", "value": "a"}])
    arn = stage.service("web")["serviceArn"]
    stage.ecs.tag_resource(resourceArn=arn, tags=[{"key": "cost", "value": "b"}])
    stage.ecs.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert stage.ecs.list_tags_for_resource(resourceArn=arn)["tags"] == [
        {"key": "cost", "value": "b"}
    ]
    stage.ecs.put_account_setting(name="containerInsights", value="enabled")
    settings = stage.ecs.list_account_settings(name="containerInsights")["settings"]
    assert settings[0]["value"] == "enabled"


def test_what_tasks_use_becomes_metrics(stage: Stage) -> None:
    stage.serve("web", stage.define(), count=2)
    stage.await_stable("web")
    metrics = stage.region.client("cloudwatch")
    dimensions = [
        {"Name": "ClusterName", "Value": stage.cluster},
        {"Name": "ServiceName", "Value": "web"},
    ]

    def listed() -> set[str]:
        found = metrics.list_metrics(Dimensions=dimensions)["Metrics"]
        return {metric["MetricName"] for metric in found}

    wanted = {"CPUUtilization", "MemoryUtilization", "RunningTaskCount"}
    wait_for(lambda: listed() == wanted)
