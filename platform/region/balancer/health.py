"""Health probes: is a target fit to be sent requests?

A new target is probed at once and then quickly until its first success, which is enough to bring
it in (as with ALB, where one passed check ends registration). From then on the configured
interval and thresholds hold.
"""

import asyncio
import ssl
from collections.abc import Callable

import httptools

from platformctl.region.balancer.configuration import HealthCheck
from platformctl.region.balancer.targets import HEALTHY, Group, Health, Target

_FIRST_PROBES_SECONDS = 0.2
_ANSWER_LIMIT = 64 * 1024


def accepts(matcher: str, status: int) -> bool:
    """Tell whether a status matches codes such as `200`, `200,202` or `200-399`."""
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        if int(low) <= status <= int(high or low):
            return True
    return False


class _Answer:
    """Collects the status of an HTTP answer."""

    def __init__(self) -> None:
        self.status: int | None = None
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status >= 200 and self.status is None:
            self.status = status


async def probe(host: str, port: int, check: HealthCheck, tls: ssl.SSLContext) -> Health:
    """Probe a target once."""
    try:
        async with asyncio.timeout(check.timeout):
            status = await _request(host, port, check, tls)
    except TimeoutError:
        return Health("unhealthy", "Target.Timeout", "Request timed out")
    except (OSError, httptools.HttpParserError):
        return Health("unhealthy", "Target.FailedHealthChecks", "Health checks failed")
    if status is None or accepts(check.matcher, status):
        return HEALTHY
    return Health(
        "unhealthy",
        "Target.ResponseCodeMismatch",
        f"Health checks failed with these codes: [{status}]",
    )


async def _request(host: str, port: int, check: HealthCheck, tls: ssl.SSLContext) -> int | None:
    """Return the status of the probe's answer; None for TCP, where connecting is all."""
    reader, writer = await asyncio.open_connection(
        host, port, ssl=tls if check.protocol == "HTTPS" else None
    )
    try:
        if check.protocol == "TCP":
            return None
        writer.write(
            f"GET {check.path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n"
            "User-Agent: ELB-HealthChecker/2.0\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        )
        answer = _Answer()
        received = 0
        while answer.status is None and received < _ANSWER_LIMIT:
            data = await reader.read(4096)
            if not data:
                raise ConnectionResetError("the target closed the connection without an answer")
            received += len(data)
            answer.feed(data)
        if answer.status is None:
            raise ConnectionResetError("the target's answer has no end of headers")
        return answer.status
    finally:
        writer.transport.abort()


class Prober:
    """Probes one target for as long as it is registered."""

    def __init__(
        self, group: Group, target: Target, tls: ssl.SSLContext, changed: Callable[[Group], None]
    ) -> None:
        self.group = group
        self.target = target
        self.tls = tls
        self.changed = changed

    async def run(self) -> None:
        """Probe, wait, and again."""
        await self._until_first_success()
        successes = failures = 0
        while True:
            check = self.group.spec.health
            await asyncio.sleep(check.interval)
            result = await self._probe()
            if result == HEALTHY:
                successes, failures = successes + 1, 0
                wanted = check.healthy
                settled = successes >= wanted
            else:
                successes, failures = 0, failures + 1
                settled = failures >= check.unhealthy or self.target.health.state == "unhealthy"
            if settled and self.group.set_health(self.target, result):
                self.changed(self.group)

    async def _until_first_success(self) -> None:
        """Probe quickly until the first success, or until a slow target would be unhealthy."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        while True:
            result = await self._probe()
            check = self.group.spec.health
            late = loop.time() - started > check.interval * check.unhealthy
            if (result == HEALTHY or late) and self.group.set_health(self.target, result):
                self.changed(self.group)
            if result == HEALTHY or late:
                return
            await asyncio.sleep(min(_FIRST_PROBES_SECONDS, check.interval))

    async def _probe(self) -> Health:
        check = self.group.spec.health
        spec = self.target.spec
        return await probe(spec.host, check.port or spec.port, check, self.tls)
