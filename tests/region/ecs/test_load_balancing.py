"""Tasks behind a load balancer: registered, drained, replaced, with no request lost."""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from support.ecs import PORT, Stage, wait_for


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Balancer:
    """A load balancer with one target group."""

    url: str
    group: str


@pytest.fixture
def balancer(stage: Stage) -> Iterator[Balancer]:
    """Yield a load balancer that probes every second or so."""
    elbv2 = stage.region.client("elbv2")
    name = stage.cluster
    subnets = stage.region.client("ec2").describe_subnets()["Subnets"]
    made = elbv2.create_load_balancer(
        Name=name, Subnets=[subnet["SubnetId"] for subnet in subnets[:2]]
    )
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    group = elbv2.create_target_group(
        Name=name,
        Protocol="HTTP",
        Port=PORT,
        VpcId="vpc-1",
        TargetType="ip",
        HealthCheckPath="/health",
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )["TargetGroups"][0]["TargetGroupArn"]
    elbv2.modify_target_group_attributes(
        TargetGroupArn=group,
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}],
    )
    port = free_port()
    listener = elbv2.create_listener(
        LoadBalancerArn=arn,
        Protocol="HTTP",
        Port=port,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )["Listeners"][0]["ListenerArn"]
    yield Balancer(f"http://{made['LoadBalancers'][0]['DNSName']}:{port}", group)
    stage.clear_services()
    elbv2.delete_listener(ListenerArn=listener)
    elbv2.delete_load_balancer(LoadBalancerArn=arn)
    elbv2.delete_target_group(TargetGroupArn=group)


def attachment(balancer: Balancer) -> list[dict]:
    return [{"targetGroupArn": balancer.group, "containerName": "web", "containerPort": PORT}]


def targets_of(stage: Stage, balancer: Balancer) -> dict[str, str]:
    answer = stage.region.client("elbv2").describe_target_health(TargetGroupArn=balancer.group)
    return {
        one["Target"]["Id"]: one["TargetHealth"]["State"]
        for one in answer["TargetHealthDescriptions"]
    }


def test_tasks_are_registered_and_serve_through_the_load_balancer(
    stage: Stage, balancer: Balancer
) -> None:
    stage.serve("web", stage.define(), count=2, loadBalancers=attachment(balancer))
    stage.await_stable("web")

    assert sorted(targets_of(stage, balancer).values()) == ["healthy", "healthy"]
    hosts = {httpx.get(balancer.url).json()["HOST"] for _ in range(10)}
    assert hosts == targets_of(stage, balancer).keys()


async def test_a_rolling_update_fails_no_request(stage: Stage, balancer: Balancer) -> None:
    old = stage.define(stage.container(variables={"VERSION": "1"}))
    stage.serve("web", old, count=2, loadBalancers=attachment(balancer))
    await asyncio.to_thread(stage.await_stable, "web")
    done = asyncio.Event()
    seen: list[tuple[int, str]] = []

    async def keep_asking(client: httpx.AsyncClient) -> None:
        while not done.is_set():
            answer = await client.get(balancer.url)
            version = answer.json()["VERSION"] if answer.status_code == 200 else ""
            seen.append((answer.status_code, version))

    async with httpx.AsyncClient() as client, asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(keep_asking(client))
        new = stage.define(stage.container(variables={"VERSION": "2"}))
        await asyncio.to_thread(
            stage.ecs.update_service, cluster=stage.cluster, service="web", taskDefinition=new
        )
        await asyncio.to_thread(stage.await_stable, "web")
        await asyncio.to_thread(
            wait_for, lambda: set(targets_of(stage, balancer).values()) == {"healthy"}
        )
        done.set()

    assert {status for status, _ in seen} == {200}
    assert seen[0][1] == "1"
    assert seen[-1][1] == "2"
    assert {version for _, version in seen} == {"1", "2"}


def test_a_task_its_load_balancer_finds_unhealthy_is_replaced(
    stage: Stage, balancer: Balancer
) -> None:
    sick = stage.define(stage.container(variables={"SICK": "1"}))
    stage.serve("web", sick, loadBalancers=attachment(balancer))
    wait_for(lambda: stage.tasks("web", status="STOPPED"))

    stopped = stage.tasks("web", status="STOPPED")[0]
    assert stopped["stoppedReason"].startswith("Task failed ELB health checks in (target-group")
    assert "is unhealthy in (target-group" in stage.events("web")


def test_within_the_grace_period_an_unhealthy_task_is_left_alone(
    stage: Stage, balancer: Balancer
) -> None:
    sick = stage.define(stage.container(variables={"SICK": "1"}))
    stage.serve("web", sick, loadBalancers=attachment(balancer), healthCheckGracePeriodSeconds=600)
    wait_for(lambda: "unhealthy" in targets_of(stage, balancer).values())
    assert stage.tasks("web", status="STOPPED") == []
    assert stage.service("web")["deployments"][0]["rolloutState"] == "IN_PROGRESS"


def test_a_target_group_without_load_balancer_is_refused(stage: Stage) -> None:
    elbv2 = stage.region.client("elbv2")
    group = elbv2.create_target_group(
        Name=f"{stage.cluster}-x", Protocol="HTTP", Port=PORT, VpcId="vpc-1", TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    attached = [{"targetGroupArn": group, "containerName": "web", "containerPort": PORT}]
    with pytest.raises(stage.ecs.exceptions.InvalidParameterException, match="associated load"):
        stage.serve("web", stage.define(), loadBalancers=attached)
    elbv2.delete_target_group(TargetGroupArn=group)
