"""Probes: is a container alive, and may it serve?"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.region.services.ecs import health

EARLY = (0.3, 0.5, 1.0, 2.0)
"""Seconds before the first probes of readiness, the last of them until one succeeds: nobody wants
to wait longer for what is local."""
Check = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Probe:
    """One of a container's probes.

    Attributes:
        initial: Seconds before the first one.
        period: Seconds between two.
        timeout: Seconds one may take.
        successes: Successes in a row that count.
        failures: Failures in a row that count.
    """

    initial: float
    period: float
    timeout: float
    successes: int
    failures: int

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Probe":
        """Read a probe of a container."""
        return cls(
            said.get("initialDelaySeconds", 0),
            said.get("periodSeconds", 10),
            said.get("timeoutSeconds", 1),
            said.get("successThreshold", 1),
            said.get("failureThreshold", 3),
        )


async def watch(
    probe: Probe,
    check: Check,
    found: Callable[[bool], None],
    *ends: asyncio.Event,
    early: bool = False,
) -> None:
    """Probe until one of some events happens, and tell every change that counts.

    Args:
        probe: How.
        check: Probes once.
        found: Gets true when enough succeeded in a row, false when enough failed.
        ends: Events that end it.
        early: Until it succeeds, probe earlier and more often than the probe says.
    """
    row, last, said = 0, False, None
    count = 0
    while True:
        pause = probe.period if count else probe.initial
        if early and said is not True:
            soon = EARLY[min(count, len(EARLY) - 1)]
            pause = min(pause or soon, soon)
        await health.first(*ends, seconds=pause)
        if any(end.is_set() for end in ends):
            return
        try:
            async with asyncio.timeout(probe.timeout):
                passed = await check()
        except TimeoutError:
            passed = False
        row = row + 1 if passed == last else 1
        last, count = passed, count + 1
        if row >= (probe.successes if passed else probe.failures) and said is not passed:
            said = passed
            found(passed)


async def http_get(host: str, port: int, path: str, headers: Mapping[str, str]) -> bool:
    """Ask for a path; 200 to 399 is a success."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    try:
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write(("\r\n".join(lines) + "\r\nUser-Agent: kube-probe\r\n\r\n").encode())
        status = (await reader.readline()).split(b" ")
        return len(status) > 1 and status[1].isdigit() and 200 <= int(status[1]) < 400
    except OSError:
        return False
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def tcp_connect(host: str, port: int) -> bool:
    """Connect; that alone is a success."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True
