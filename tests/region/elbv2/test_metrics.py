"""What CloudWatch says about the two sides of a service, a second or two after it happened."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from support.balancer import forward
from support.ports import free_port
from support.sides import Side, serving, until

NAMESPACE = "AWS/ApplicationELB"


class Front:
    """A load balancer with two sides, and what CloudWatch says about them."""

    def __init__(self, account: Any, blue: Side, green: Side) -> None:
        self.sides = {"blue": blue, "green": green}
        self.balancer = account.load_balancer()
        self.cloudwatch = account.region.client("cloudwatch")
        self.groups = {name: account.group() for name in self.sides}
        for name, side in self.sides.items():
            targets = [{"Id": "127.0.0.1", "Port": side.port}]
            account.elb.register_targets(TargetGroupArn=self.groups[name], Targets=targets)
        self.port = free_port()
        weights = forward(**{self.groups["blue"]: 1, self.groups["green"]: 1})
        account.listener(self.balancer, self.port, weights)
        self.elb = account.elb

    @property
    def url(self) -> str:
        """Where clients reach the load balancer."""
        return f"http://{self.balancer['DNSName']}:{self.port}"

    def healthy(self) -> bool:
        """Say whether both sides have a healthy target."""
        return all(
            target["TargetHealth"]["State"] == "healthy"
            for group in self.groups.values()
            for target in self.elb.describe_target_health(TargetGroupArn=group)[
                "TargetHealthDescriptions"
            ]
        )

    def dimensions(self, side: str = "") -> list[dict[str, str]]:
        """Return the dimensions of a side's metrics, or of the load balancer's."""
        whole = self.balancer["LoadBalancerArn"].split("loadbalancer/")[1]
        found = [{"Name": "LoadBalancer", "Value": whole}]
        if side:
            group = self.groups[side].rpartition(":")[2]
            found.append({"Name": "TargetGroup", "Value": group})
        return found

    def data(self, metric: str, statistic: str, period: int, side: str = "") -> list[float]:
        """Return the values of a metric in the last five minutes, as GetMetricData gives them."""
        now = datetime.now(UTC)
        wanted = {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": self.dimensions(side)}
        answer = self.cloudwatch.get_metric_data(
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(seconds=60),
            MetricDataQueries=[
                {"Id": "m", "MetricStat": {"Metric": wanted, "Period": period, "Stat": statistic}}
            ],
        )
        return answer["MetricDataResults"][0]["Values"]


@pytest.fixture
async def front(account: Any) -> AsyncIterator[Front]:
    async with serving("blue") as blue, serving("green") as green:
        made = await asyncio.to_thread(Front, account, blue, green)
        await until(made.healthy)
        yield made


@pytest.mark.parametrize("period", [1, 5, 60])
async def test_each_side_has_its_requests_statuses_and_times_in_every_period(
    front: Front, period: int
) -> None:
    front.sides["green"].delay = 0.2
    async with httpx.AsyncClient(base_url=front.url) as client:
        for _ in range(20):
            await client.post("/", content=b"x")
        for status in (301, 404, 404, 500, 500, 503):
            await client.get(f"/status/{status}")
            await client.get(f"/status/{status}")

    def total(metric: str, side: str) -> float:
        return sum(front.data(metric, "Sum", period, side))

    # A request is counted when it begins, and its answer when that begins, perhaps a second later.
    await until(lambda: total("RequestCount", "") == 32)
    await until(lambda: total("HTTPCode_Target_5XX_Count", "") == 6)
    for side in ("blue", "green"):
        assert total("RequestCount", side) == 16
        assert total("RequestCountPerTarget", side) == 16
        assert total("HTTPCode_Target_2XX_Count", side) == 10
        assert total("HTTPCode_Target_3XX_Count", side) == 1
        assert total("HTTPCode_Target_4XX_Count", side) == 2
        assert total("HTTPCode_Target_5XX_Count", side) == 3
        assert set(front.data("HealthyHostCount", "Minimum", period, side)) <= {0.0, 1.0}
        assert front.data("HealthyHostCount", "Maximum", period, side)[0] == 1
        assert front.data("UnHealthyHostCount", "Maximum", period, side)[0] == 0
    fast = front.data("TargetResponseTime", "p50", period, "blue")
    slow = front.data("TargetResponseTime", "p95", period, "green")
    assert min(fast) < 0.2 <= min(slow)


async def test_a_percentile_is_an_extended_statistic_too(front: Front) -> None:
    front.sides["green"].delay = 0.2
    async with httpx.AsyncClient(base_url=front.url) as client:
        for _ in range(20):
            await client.get("/")

    def points() -> list[dict[str, Any]]:
        now = datetime.now(UTC)
        return front.cloudwatch.get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName="TargetResponseTime",
            Dimensions=front.dimensions(),
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=1),
            Period=60,
            ExtendedStatistics=["p10", "p95"],
        )["Datapoints"]

    found = await until(
        lambda: sum(len(one["ExtendedStatistics"]) for one in points()) and points()
    )
    assert min(one["ExtendedStatistics"]["p10"] for one in found) < 0.2
    assert max(one["ExtendedStatistics"]["p95"] for one in found) >= 0.2


async def test_a_side_that_hangs_up_has_requests_connection_errors_and_a_5xx_of_the_balancer(
    front: Front,
) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"GET / "):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    group = front.groups["green"]
    await asyncio.to_thread(
        front.elb.register_targets,
        TargetGroupArn=group,
        Targets=[{"Id": "127.0.0.1", "Port": port}],
    )
    await asyncio.to_thread(
        front.elb.deregister_targets,
        TargetGroupArn=group,
        Targets=[{"Id": "127.0.0.1", "Port": front.sides["green"].port}],
    )
    await until(front.healthy)
    async with server, httpx.AsyncClient(base_url=front.url) as client:
        answers = [(await client.post("/broken")).status_code for _ in range(10)]

    assert sorted(answers) == [200] * 5 + [502] * 5
    await until(lambda: sum(front.data("HTTPCode_ELB_5XX_Count", "Sum", 1)) == 5)
    assert sum(front.data("HTTPCode_ELB_502_Count", "Sum", 1)) == 5
    assert sum(front.data("RequestCount", "Sum", 1, "green")) == 5
    assert sum(front.data("TargetConnectionErrorCount", "Sum", 1, "green")) == 5
    assert front.data("HTTPCode_Target_2XX_Count", "Sum", 1, "green") == []


async def test_a_side_without_traffic_has_no_data_rather_than_zero(front: Front) -> None:
    await until(lambda: front.data("HealthyHostCount", "Maximum", 1, "blue"))

    assert front.data("RequestCount", "Sum", 1, "blue") == []
    assert front.data("TargetResponseTime", "p95", 60, "blue") == []
