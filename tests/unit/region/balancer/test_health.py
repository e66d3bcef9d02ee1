"""Probes, draining and slow start: which targets get requests, and when they stop."""

import asyncio
import time
from collections import Counter

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.balancer import Bench, Target, forward, rule
from support.ports import free_port

from platformctl.region.balancer.health import accepts


def state_of(bench: Bench, port: int) -> str:
    return next(
        target.health.state
        for group in bench.balancer.groups.values()
        for target in group.targets.values()
        if target.spec.port == port
    )


@given(st.integers(100, 599), st.integers(100, 599), st.integers(100, 599))
def test_a_matcher_accepts_single_codes_lists_and_ranges(status: int, low: int, high: int) -> None:
    low, high = sorted((low, high))
    assert accepts(f"{low}-{high}", status) == (low <= status <= high)
    assert accepts(f"{low},{high}", status) == (status in (low, high))


async def test_a_dead_target_is_out_after_two_failed_probes(bench: Bench) -> None:
    alive, sick = await bench.target("alive"), await bench.target("sick")
    bench.group("g", alive, sick)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    sick.healthy = False
    before = sick.probes
    await bench.until(lambda: state_of(bench, sick.port) == "unhealthy")
    assert sick.probes - before == 2
    async with httpx.AsyncClient(base_url=bench.url) as client:
        assert {(await client.get("/")).text for _ in range(10)} == {"alive"}
    sick.healthy = True
    before = sick.probes
    await bench.until(lambda: state_of(bench, sick.port) == "healthy")
    assert sick.probes - before == 2
    async with httpx.AsyncClient(base_url=bench.url) as client:
        assert {(await client.get("/")).text for _ in range(10)} == {"alive", "sick"}


async def test_reports_say_why_a_target_is_unhealthy(bench: Bench) -> None:
    sick, dead = await bench.target("sick"), await bench.target("dead")
    bench.group("g", sick, dead)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    sick.healthy = False
    await dead.stop()

    def reported() -> dict[int, list[str]]:
        reports = [message["health"] for message in bench.reports if "health" in message]
        return {port: rest for _, port, *rest in reports[-1][0]["targets"]}

    await bench.until(
        lambda: [rest[0] for rest in reported().values()] == ["unhealthy", "unhealthy"]
    )
    assert reported() == {
        sick.port: [
            "unhealthy",
            "Target.ResponseCodeMismatch",
            "Health checks failed with these codes: [500]",
        ],
        dead.port: ["unhealthy", "Target.FailedHealthChecks", "Health checks failed"],
    }


async def test_one_success_ends_registration_though_the_threshold_is_higher(bench: Bench) -> None:
    target = await bench.target("t")
    bench.group("g", target, health={"interval": 60.0, "timeout": 5.0, "healthy": 10})
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    assert target.probes == 1


async def test_a_target_that_starts_late_is_in_soon_after_it_listens(bench: Bench) -> None:
    port = free_port()
    bench.group("g", Target("late", port), health={"interval": 30.0, "timeout": 5.0})
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply(healthy=False)
    assert state_of(bench, port) == "initial"
    await bench.target("late", port=port)
    started = time.monotonic()
    await bench.until(lambda: state_of(bench, port) == "healthy")
    assert time.monotonic() - started < 5


async def test_with_no_healthy_target_all_are_tried(bench: Bench) -> None:
    sick = await bench.target("sick")
    bench.group("g", sick)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    sick.healthy = False
    await bench.until(lambda: state_of(bench, sick.port) == "unhealthy")
    async with httpx.AsyncClient(base_url=bench.url) as client:
        assert (await client.get("/")).text == "sick"


async def test_a_leaving_target_finishes_what_it_began_and_gets_nothing_new(bench: Bench) -> None:
    begun, finish = asyncio.Event(), asyncio.Event()

    async def slow(
        target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        begun.set()
        await finish.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")

    leaving = await bench.target("leaving", slow)
    bench.group("g", leaving)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    async with httpx.AsyncClient(base_url=bench.url, timeout=20) as client:
        last = asyncio.create_task(client.get("/"))
        await begun.wait()
        staying = await bench.target("staying")
        bench.group("g", leaving, staying)
        bench.drain("g", leaving, time.time() + 30)
        await bench.apply()
        assert {(await client.get("/")).text for _ in range(20)} == {"staying"}
        assert not any("drained" in message for message in bench.reports)
        finish.set()
        assert (await last).text == "done"
    await bench.until(
        lambda: {"drained": ["g", "127.0.0.1", leaving.port]} in bench.reports, seconds=5
    )
    assert len(leaving.heads) == 1


async def test_the_delay_over_a_leaving_target_is_cut_off(bench: Bench) -> None:
    begun = asyncio.Event()

    async def stuck(
        target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        begun.set()
        await reader.read()

    leaving = await bench.target("leaving", stuck)
    bench.group("g", leaving)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    async with httpx.AsyncClient(base_url=bench.url) as client:
        last = asyncio.create_task(client.get("/"))
        await begun.wait()
        bench.drain("g", leaving, time.time() + 0.5)
        await bench.apply()
        assert (await last).status_code == 502


async def test_a_target_in_slow_start_takes_a_growing_share(bench: Bench) -> None:
    warm, cold = await bench.target("warm"), await bench.target("cold")
    bench.group("g", warm, slow_start=30.0)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    bench.group("g", warm, cold, slow_start=30.0)
    await bench.apply()
    async with httpx.AsyncClient(base_url=bench.url) as client:
        early = Counter([(await client.get("/")).text for _ in range(100)])
    assert 1 <= early["cold"] <= 25
    next(
        target
        for target in bench.balancer.groups["g"].targets.values()
        if target.spec.port == cold.port
    ).healthy_since -= 30
    async with httpx.AsyncClient(base_url=bench.url) as client:
        late = Counter([(await client.get("/")).text for _ in range(100)])
    assert late["cold"] == pytest.approx(50, abs=3)


async def test_metrics_count_what_happened_and_start_afresh(bench: Bench) -> None:
    async def fails(
        target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        writer.write(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")

    bench.group("good", await bench.target("good"))
    bench.group("bad", await bench.target("bad", fails))
    bench.rules = [rule("default", forward(good=3, bad=1))]
    await bench.apply()
    async with httpx.AsyncClient(base_url=bench.url) as client:
        for _ in range(40):
            await client.get("/")

    def total(group: str, metric: str) -> float:
        return sum(
            sum(values.get(metric, ()))
            for message in bench.reports
            for label, values in message.get("metrics", ())
            if label == group
        )

    await bench.until(lambda: total("", "RequestCount") == 40)
    assert total("targetgroup/good", "RequestCount") == 30
    assert total("targetgroup/good", "HTTPCode_Target_2XX_Count") == 30
    assert total("targetgroup/bad", "HTTPCode_Target_5XX_Count") == 10
    samples = len(
        [
            value
            for message in bench.reports
            for label, values in message.get("metrics", ())
            for value in values.get("TargetResponseTime", ())
            if label
        ]
    )
    assert samples == 40
