"""Traffic moves from side to side by ModifyRule, and nobody who is being served notices."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from support.balancer import forward
from support.ports import free_port
from support.sides import Side, serving, until
from websockets.asyncio.client import connect


class Stage:
    """A rule with two sides, of which blue has all traffic."""

    def __init__(self, account: Any, blue: Side, green: Side) -> None:
        self.sides = {"blue": blue, "green": green}
        self.elb = account.elb
        self.balancer = account.load_balancer()
        self.groups = {name: account.group() for name in self.sides}
        for name, group in self.groups.items():
            self.elb.register_targets(TargetGroupArn=group, Targets=self.targets(name))
            self.elb.modify_target_group_attributes(
                TargetGroupArn=group,
                Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}],
            )
        self.port = free_port()
        missing = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
        listener = account.listener(self.balancer, self.port, missing)
        self.rule = self.elb.create_rule(
            ListenerArn=listener,
            Priority=1,
            Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
            Actions=[self.action("blue")],
        )["Rules"][0]["RuleArn"]

    def targets(self, name: str) -> list[dict[str, Any]]:
        """Return the targets of a side."""
        return [{"Id": "127.0.0.1", "Port": self.sides[name].port}]

    def action(self, side: str) -> dict[str, Any]:
        """Return the action that sends everything to one side, and names both."""
        return forward(**{group: 100 * (name == side) for name, group in self.groups.items()})

    def switch(self, side: str) -> None:
        """Send everything to one side."""
        self.elb.modify_rule(RuleArn=self.rule, Actions=[self.action(side)])

    def weights(self) -> dict[str, int]:
        """Read the rule back."""
        (rule,) = self.elb.describe_rules(RuleArns=[self.rule])["Rules"]
        groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
        names = {group: name for name, group in self.groups.items()}
        return {names[one["TargetGroupArn"]]: one["Weight"] for one in groups}

    def states(self, side: str) -> set[str]:
        """Return the states of a side's targets."""
        answer = self.elb.describe_target_health(TargetGroupArn=self.groups[side])
        return {one["TargetHealth"]["State"] for one in answer["TargetHealthDescriptions"]}

    @property
    def address(self) -> str:
        """Host and port of the load balancer."""
        return f"{self.balancer['DNSName']}:{self.port}"


@pytest.fixture
async def stage(account: Any) -> AsyncIterator[Stage]:
    async with serving("blue") as blue, serving("green") as green:
        made = await asyncio.to_thread(Stage, account, blue, green)
        await until(lambda: made.states("blue") == made.states("green") == {"healthy"})
        yield made


async def test_a_switch_holds_for_the_next_request_of_a_kept_connection_and_is_read_back(
    stage: Stage,
) -> None:
    async with httpx.AsyncClient(base_url=f"http://{stage.address}") as client:
        for side in ("green", "blue") * 5:
            await asyncio.to_thread(stage.switch, side)
            assert (await client.get("/")).text == side
            assert await asyncio.to_thread(stage.weights) == {
                "blue": 100 * (side == "blue"),
                "green": 100 * (side == "green"),
            }


async def test_twenty_switches_under_traffic_fail_no_request_and_close_no_websocket(
    stage: Stage,
) -> None:
    done = asyncio.Event()
    seen: list[str] = []

    async def ask(client: httpx.AsyncClient, method: str) -> None:
        while not done.is_set():
            answer = await client.request(method, "/", content=b"x" if method == "POST" else None)
            assert answer.status_code == 200
            seen.append(answer.text)

    sockets = [await connect(f"ws://{stage.address}/live", proxy=None) for _ in range(50)]
    url = f"http://{stage.address}"
    async with httpx.AsyncClient(base_url=url) as client, asyncio.TaskGroup() as group:
        for number in range(16):
            group.create_task(ask(client, ("GET", "POST")[number % 2]))
        for number in range(20):
            side = ("green", "blue")[number % 2]
            before = seen.count(side)
            await asyncio.to_thread(stage.switch, side)
            async with asyncio.timeout(10):
                while seen.count(side) < before + 20:  # noqa: ASYNC110  # others ask
                    await asyncio.sleep(0.01)
        done.set()
    for number, socket in enumerate(sockets):
        await socket.send(str(number))
        assert await socket.recv() == f"blue heard {number}"
        await socket.close()

    assert set(seen) == {"blue", "green"}


async def test_a_request_under_way_finishes_on_the_side_that_lost_the_traffic_and_leaves(
    stage: Stage,
) -> None:
    async with httpx.AsyncClient(base_url=f"http://{stage.address}", timeout=20) as client:
        slow = asyncio.create_task(client.get("/slow?seconds=10"))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(stage.switch, "green")
        await asyncio.to_thread(
            stage.elb.deregister_targets,
            TargetGroupArn=stage.groups["blue"],
            Targets=stage.targets("blue"),
        )
        assert (await client.get("/")).text == "green"
        assert await asyncio.to_thread(stage.states, "blue") == {"draining"}
        begin = time.monotonic()
        assert (await slow).text == "blue"

        # Drained at once when the last request is done, not only when the delay is over.
        await until(lambda: stage.states("blue") == set())
        assert time.monotonic() - begin < 20


async def test_a_websocket_stays_open_until_its_side_has_drained(stage: Stage) -> None:
    await asyncio.to_thread(
        stage.elb.modify_target_group_attributes,
        TargetGroupArn=stage.groups["blue"],
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "3"}],
    )
    async with connect(f"ws://{stage.address}/live", proxy=None) as socket:
        await asyncio.to_thread(stage.switch, "green")
        await socket.send("switched")
        assert await socket.recv() == "blue heard switched"
        begin = time.monotonic()
        await asyncio.to_thread(
            stage.elb.deregister_targets,
            TargetGroupArn=stage.groups["blue"],
            Targets=stage.targets("blue"),
        )
        await socket.send("draining")
        assert await socket.recv() == "blue heard draining"
        await asyncio.wait_for(socket.wait_closed(), 10)

    assert time.monotonic() - begin >= 2
