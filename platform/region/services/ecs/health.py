"""Container health checks: a command that runs beside the container, counted as Docker counts.

Until the first success the command runs more often than its interval says, as nobody wants to
wait half a minute for something local that is ready after one second.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

UNKNOWN, HEALTHY, UNHEALTHY = "UNKNOWN", "HEALTHY", "UNHEALTHY"
FIRST_PROBES = (0.5, 0.5, 1.0, 1.0, 2.0, 3.0, 5.0)
"""Seconds before each probe until the first success."""


@dataclass(frozen=True)
class HealthCheck:
    """A container's health check.

    Attributes:
        command: Program and arguments.
        interval: Seconds between probes.
        timeout: Seconds a probe may take.
        retries: Failures in a row that make it unhealthy.
        start_period: Seconds in which failures do not count.
    """

    command: tuple[str, ...]
    interval: float = 30.0
    timeout: float = 5.0
    retries: int = 3
    start_period: float = 0.0

    @classmethod
    def of(cls, container: Mapping[str, Any]) -> "HealthCheck | None":
        """Read the check of a container definition, None if it has none."""
        check = container.get("healthCheck")
        if not check or check["command"][0] == "NONE":
            return None
        return cls(
            _program(check["command"]),
            check.get("interval", 30),
            check.get("timeout", 5),
            check.get("retries", 3),
            check.get("startPeriod", 0),
        )

    def pause(self, probes: int, *, ever_healthy: bool) -> float:
        """Return the seconds to wait before the next probe."""
        if ever_healthy or probes >= len(FIRST_PROBES):
            return self.interval
        return min(self.interval, FIRST_PROBES[probes])


def _program(command: Sequence[str]) -> tuple[str, ...]:
    if command[0] == "CMD-SHELL":
        return ("/bin/sh", "-c", command[1])
    return tuple(command[1:]) if command[0] == "CMD" else tuple(command)


class HealthCount:
    """Counts the results of probes."""

    def __init__(self, check: HealthCheck) -> None:
        self._check = check
        self.status = UNKNOWN
        self.probes = 0
        self.ever_healthy = False
        self._failures = 0

    def add(self, passed: bool, age: float) -> str:
        """Count a probe that ended `age` seconds after the container's start; return the status."""
        self.probes += 1
        if passed:
            self._failures = 0
            self.ever_healthy = True
            self.status = HEALTHY
        elif self.ever_healthy or age > self._check.start_period:
            self._failures += 1
            if self._failures >= self._check.retries:
                self.status = UNHEALTHY
        return self.status


async def first(*events: asyncio.Event, seconds: float | None = None) -> None:
    """Wait until one of several events has happened, or some seconds have passed."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
