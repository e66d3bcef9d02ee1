"""The health checkers: one task for each endpoint that is checked.

A probe really connects, at the check's interval and with AWS's time limits. As many results in a
row as the threshold says turn a health check over; until then it stays as it was, and a new one is
healthy. Only what listens on this machine is probed; for all else the reason says so.
"""

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from platformctl.region.runtime import Address, Runtime
from platformctl.region.services.route53.records import Record

CONNECT_SECONDS = 4.0
ANSWER_SECONDS = 2.0
TCP_SECONDS = 10.0
"""How long AWS waits for a connection, for an HTTP answer after it, and for a TCP connection
(Developer Guide, How Amazon Route 53 determines whether a health check is healthy)."""
SEARCHED_BYTES = 5120
_AGENT = "Amazon-Route53-Health-Check-Service"


@dataclass(frozen=True)
class Verdict:
    """What one probe saw.

    Attributes:
        healthy: Whether the endpoint is as it should be.
        text: One sentence as AWS reports it.
        at: When, in seconds since the epoch.
    """

    healthy: bool
    text: str
    at: float


class ProbeError(Exception):
    """The endpoint is not as it should be; the message says why."""


Locate = Callable[[str, int], Sequence[Address]]
"""Returns where a host name's port listens on this machine."""


class Prober:
    """Probes every endpoint on record and keeps what it saw.

    Args:
        runtime: The region.
        locate: Resolves names of the region's own zones.
    """

    def __init__(self, runtime: Runtime, locate: Locate) -> None:
        self._runtime = runtime
        self._locate = locate
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._states: dict[str, bool] = {}
        self._last: dict[str, Verdict] = {}
        self._failures: dict[str, Verdict] = {}

    def new_id(self) -> str:
        """Return the id of a new health check."""
        return str(uuid4())

    def follow(self, record: Record) -> None:
        """Probe by a new or changed configuration from now on."""
        self._end(record["Id"])
        config = record["Config"]
        if "RequestInterval" in config and not config["Disabled"]:
            name = f"route53/health-check/{record['Id']}"
            self._tasks[record["Id"]] = self._runtime.spawn(name, self._probe(record))

    def forget(self, identity: str) -> None:
        """End the probing of a health check that is gone."""
        self._end(identity)
        for kept in (self._states, self._last, self._failures):
            kept.pop(identity, None)

    def stop(self) -> None:
        """End all probing."""
        for identity in list(self._tasks):
            self._end(identity)

    def state(self, identity: str) -> bool:
        """Return whether an endpoint counts as healthy; a new one does."""
        return self._states.get(identity, True)

    def last(self, identity: str) -> Verdict | None:
        """Return what the last probe saw, None before the first."""
        return self._last.get(identity)

    def last_failure(self, identity: str) -> Verdict | None:
        """Return what the last failed probe saw, None if none failed."""
        return self._failures.get(identity)

    def _end(self, identity: str) -> None:
        task = self._tasks.pop(identity, None)
        if task is not None:
            task.cancel()

    async def _probe(self, record: Record) -> None:
        identity, config = record["Id"], record["Config"]
        in_a_row = 0
        while True:
            verdict = await self._look(config)
            self._last[identity] = verdict
            if not verdict.healthy:
                self._failures[identity] = verdict
            in_a_row = 0 if verdict.healthy == self.state(identity) else in_a_row + 1
            if in_a_row >= config["FailureThreshold"]:
                self._states[identity] = verdict.healthy
                in_a_row = 0
            await asyncio.sleep(config["RequestInterval"])

    async def _look(self, config: Record) -> Verdict:
        try:
            text = await _ask(config, self._addresses(config))
        except ProbeError as error:
            return Verdict(False, f"Failure: {error}", self._runtime.now())
        return Verdict(True, f"Success: {text}", self._runtime.now())

    def _addresses(self, config: Record) -> list[Address]:
        host = config.get("IPAddress") or config["FullyQualifiedDomainName"]
        found = self._locate(host, config["Port"])
        local = [each for each in found if _is_loopback(each.host)]
        if not local:
            raise ProbeError(f"{host} is nothing that listens on this machine")
        return local


async def _ask(config: Record, addresses: Sequence[Address]) -> str:
    """Probe the first address, as resolvers use it, and say what it answered.

    Raises:
        ProbeError: It is not healthy.
    """
    kind, address = config["Type"], addresses[0]
    encrypted = _any_certificate() if kind.startswith("HTTPS") else None
    limit = TCP_SECONDS if kind == "TCP" else CONNECT_SECONDS
    name = config.get("FullyQualifiedDomainName") if config.get("EnableSNI") else None
    try:
        async with asyncio.timeout(limit):
            reader, writer = await asyncio.open_connection(
                address.host,
                address.port,
                ssl=encrypted,
                server_hostname=(name or "") if encrypted else None,
            )
    except TimeoutError as error:
        raise ProbeError("The health checker could not connect in time") from error
    except (OSError, ssl.SSLError, ValueError) as error:
        raise ProbeError(f"The health checker could not connect: {error}") from error
    try:
        if kind == "TCP":
            return "TCP connection made"
        async with asyncio.timeout(ANSWER_SECONDS):
            return await _request(config, reader, writer)
    except TimeoutError as error:
        raise ProbeError("No answer in time") from error
    except (OSError, asyncio.IncompleteReadError, ValueError) as error:
        raise ProbeError(f"The answer broke off: {error}") from error
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _request(
    config: Record, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> str:
    host = config.get("FullyQualifiedDomainName") or config["IPAddress"]
    usual = 443 if config["Type"].startswith("HTTPS") else 80
    shown = host if config["Port"] == usual else f"{host}:{config['Port']}"
    path = config.get("ResourcePath") or "/"
    path = path if path.startswith("/") else f"/{path}"
    head = f"GET {path} HTTP/1.1\r\nHost: {shown}\r\nUser-Agent: {_AGENT}\r\nConnection: close\r\n"
    writer.write(f"{head}\r\n".encode())
    await writer.drain()
    line = (await reader.readline()).decode("latin-1").split(None, 2)
    if len(line) < 2 or not line[1].isdigit():
        raise ProbeError("The answer is not HTTP")
    status = int(line[1])
    told = f"HTTP Status Code {status}, {line[2].strip() if len(line) > 2 else ''}"
    if not 200 <= status < 400:
        raise ProbeError(told)
    search = config.get("SearchString")
    if search:
        while (await reader.readline()).strip():
            pass
        body = await _beginning(reader)
        if search.encode() not in body:
            raise ProbeError(f"{told}, but the search string was not found")
    return told


async def _beginning(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while len(body) < SEARCHED_BYTES:
        piece = await reader.read(SEARCHED_BYTES - len(body))
        if not piece:
            break
        body += piece
    return body


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name: what a CNAME leads to is not followed


def _any_certificate() -> ssl.SSLContext:
    """Return a context that takes any certificate: Route 53 does not judge them either."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
