"""Send a product's traffic, wait until it has come out at the other end, and report."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import jmespath

from platformctl.errors import OperationTimeoutError, PlatformError
from platformctl.operations.load.places import Connect
from platformctl.operations.load.profile import Profile, event_writer
from platformctl.operations.load.traffic import Client, Tally, report_regularly, send_steadily

ARRIVAL_TIMEOUT = 60.0
"""Seconds that accepted events get to come out at the other end."""
SAMPLE_BATCH = 100


@dataclass(frozen=True)
class LoadResult:
    """How a load went.

    Attributes:
        sent: Events that were sent.
        accepted: Events that the server accepted.
        counted: Events that came out at the other end.
        errors: Requests that did not end well, by kind.
        seconds: From the first request to the last answer.
        settled: Seconds from the last answer until every accepted event had come out.
        latency: Milliseconds: `p50`, `p95`, `p99`, `max`.
        answer: How the other end answered when it was asked last: `HTTP 200`, `TimeoutError`.
        ended_early: Whether Ctrl-C ended the sending.
    """

    sent: int
    accepted: int
    counted: int
    errors: Mapping[str, int]
    seconds: float
    settled: float
    latency: Mapping[str, float]
    answer: str
    ended_early: bool

    @property
    def lost(self) -> int:
        """Accepted events that did not come out; below zero if others sent meanwhile."""
        return self.accepted - self.counted


@dataclass(frozen=True)
class SampleResult:
    """What the sample events look like at the other end: counts by name, largest first."""

    accepted: int
    groups: list[tuple[str, int]]


def run_load(
    profile: Profile,
    outputs: Mapping[str, Any],
    *,
    rate: float,
    duration: float,
    batch: int,
    on_progress: Callable[[Tally], None],
    on_settling: Callable[[int, int], None],
    connect: Connect = Client,
) -> LoadResult:
    """Send `rate` events per second for `duration` seconds in batches, and count what comes out.

    Ctrl-C ends the sending; what was sent until then is counted.

    Args:
        profile: The product's traffic.
        outputs: The stack's outputs, which hold the URLs.
        rate: Events per second.
        duration: Seconds.
        batch: Events in each request.
        on_progress: Told the tally twice a second while sending.
        on_settling: Told (counted, accepted) while waiting for the rest to come out.
        connect: Makes a client for a URL.

    Raises:
        PlatformError: An output is missing, or the other end cannot be asked.
    """
    clients = _clients(profile, outputs, connect)
    return asyncio.run(_run(profile, clients, rate, duration, batch, on_progress, on_settling))


def send_sample(
    profile: Profile, outputs: Mapping[str, Any], connect: Connect = Client
) -> SampleResult:
    """Send the sample events and return what the other end says about them.

    Sending them again is harmless: they keep their ids.

    Raises:
        OperationTimeoutError: They did not come out in time.
        PlatformError: They were refused.
    """
    return asyncio.run(_send_sample(profile, _clients(profile, outputs, connect)))


async def _run(
    profile: Profile,
    clients: Sequence[Client],
    rate: float,
    duration: float,
    batch: int,
    on_progress: Callable[[Tally], None],
    on_settling: Callable[[int, int], None],
) -> LoadResult:
    write = event_writer(profile.send.event)
    find_accepted = jmespath.compile(profile.send.accepted)

    def make() -> bytes:
        return f'{{"{profile.send.list}":[{",".join(write() for _ in range(batch))}]}}'.encode()

    def accepted(body: bytes) -> int:
        return int(find_accepted.search(json.loads(body)) or 0)

    tally = Tally()
    sender, reader = clients
    start = datetime.now(UTC)
    began = time.monotonic()
    reporter = asyncio.create_task(report_regularly(tally, on_progress))
    try:
        complete = await send_steadily(
            sender,
            profile.send.path,
            make,
            accepted,
            batch=batch,
            rate=rate,
            duration=duration,
            tally=tally,
        )
        ended = time.monotonic()
        window = (start, datetime.now(UTC) + timedelta(seconds=1))
        counted, answer = await _await_total(profile, reader, window, tally.accepted, on_settling)
    finally:
        reporter.cancel()
        sender.close()
        reader.close()
    return LoadResult(
        sent=tally.sent,
        accepted=tally.accepted,
        counted=counted,
        errors=dict(tally.errors),
        seconds=round(ended - began, 3),
        settled=round(time.monotonic() - ended, 3),
        latency=_percentiles(tally.latencies),
        answer=answer,
        ended_early=not complete,
    )


async def _await_total(
    profile: Profile,
    reader: Client,
    window: tuple[datetime, datetime],
    expected: int,
    on_settling: Callable[[int, int], None],
) -> tuple[int, str]:
    """Ask until the total is what was accepted, or for a while.

    Returns:
        The last total, and how the other end answered last.
    """
    deadline = time.monotonic() + ARRIVAL_TIMEOUT
    end = window[1]
    counted = 0
    while True:
        # A window that ends elsewhere each time is never answered from a cache.
        end += timedelta(milliseconds=1)
        answer, how = await _ask(profile, reader, (window[0], end))
        counted = int(jmespath.search(profile.count.total, answer) or 0) if answer else counted
        on_settling(counted, expected)
        if counted >= expected or time.monotonic() > deadline:
            return counted, how
        await asyncio.sleep(0.1)


async def _ask(
    profile: Profile, reader: Client, window: tuple[datetime, datetime]
) -> tuple[dict[str, Any] | None, str]:
    """Return the other end's answer, None while it is busy or away, and how it answered."""
    start, end = (quote(moment.isoformat(), safe="") for moment in window)
    path = profile.count.path.format(start=start, end=end)
    try:
        status, body = await reader.request("GET", path)
    except (OSError, TimeoutError) as error:
        return None, type(error).__name__
    if status in (429, 502, 503, 504):
        return None, f"HTTP {status}"
    if status != 200:
        raise PlatformError(
            "cannot count what came out", why=f"GET {path} was answered {status}: {body[:200]!r}"
        )
    return json.loads(body), f"HTTP {status}"


async def _send_sample(profile: Profile, clients: Sequence[Client]) -> SampleResult:
    now = datetime.now(UTC)
    events = profile.sample_events(now)
    sender, reader = clients
    oldest = min(datetime.fromisoformat(event["timestamp"]) for event in events)
    window = (oldest - timedelta(days=1), now + timedelta(seconds=1))
    accepted = 0
    try:
        for first in range(0, len(events), SAMPLE_BATCH):
            batch = {profile.send.list: events[first : first + SAMPLE_BATCH]}
            body = json.dumps(batch).encode()
            status, answer = await sender.request("POST", profile.send.path, body)
            if status != 202:
                raise PlatformError(
                    "the sample events were refused", why=f"HTTP {status}: {answer[:200]!r}"
                )
            accepted += int(jmespath.search(profile.send.accepted, json.loads(answer)))
        counted, how = await _await_total(profile, reader, window, accepted, lambda *_: None)
        if counted < accepted:
            raise OperationTimeoutError(
                "the sample events did not all come out",
                why=f"{counted} of {accepted} after {ARRIVAL_TIMEOUT:.0f} s; the other end "
                f"answered {how}",
            )
        summary, _ = await _ask(profile, reader, (window[0], now + timedelta(seconds=2)))
    finally:
        sender.close()
        reader.close()
    groups = jmespath.search(profile.count.groups, summary or {}) or []
    return SampleResult(accepted, [(str(name), int(count)) for name, count in groups])


def _clients(profile: Profile, outputs: Mapping[str, Any], connect: Connect) -> list[Client]:
    """Return a client for where events go in, and one for where they come out."""
    return [connect(_url(outputs, end.output)) for end in (profile.send, profile.count)]


def _url(outputs: Mapping[str, Any], name: str) -> str:
    if not outputs.get(name):
        raise PlatformError(
            "cannot send anything",
            why=f"the environment has no output named {name!r}; it may not be deployed",
            remedy="platformctl up local",
        )
    return str(outputs[name])


def _percentiles(latencies: list[float]) -> dict[str, float]:
    if not latencies:
        return {}
    ordered = sorted(latencies)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 2)

    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": at(1.0)}
