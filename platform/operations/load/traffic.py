"""An HTTP client that is cheap enough not to be what is measured, and an open-loop sender.

Open loop: requests become due at a fixed rate whether or not earlier ones were answered, and a
latency counts from when its request was due, so a stalled server cannot hide behind a sender that
waits for it.
"""

import asyncio
import contextlib
import ssl
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httptools

MOST_CONNECTIONS = 128
REQUEST_TIMEOUT = 30.0


class Exchange(asyncio.Protocol):
    """One connection that carries one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # what asyncio promises
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the request under way."""
        self.transport = None
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(exc or ConnectionResetError("closed by the server"))

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as error:
            if self.answer is not None and not self.answer.done():
                self.answer.set_exception(error)

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the answer's body."""
        self.body.append(body)

    def on_message_complete(self) -> None:
        """Hand over the whole answer."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result((self.parser.get_status_code(), b"".join(self.body)))
        if not self.parser.should_keep_alive() and self.transport is not None:
            self.transport.close()
            self.transport = None

    async def request(self, message: bytes) -> tuple[int, bytes]:
        """Send a whole request and return the answer's status and body."""
        assert self.transport is not None  # noqa: S101  # only idle connections are used
        self.parser = httptools.HttpResponseParser(self)
        self.body: list[bytes] = []
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(message)
        async with asyncio.timeout(REQUEST_TIMEOUT):
            return await self.answer


class Client:
    """Keep-alive connections to one server.

    Args:
        url: Its URL.
        place: Host and port to connect to; by default those of the URL.
        authorities: File with the certificates to trust; the system's by default.
    """

    def __init__(
        self, url: str, place: tuple[str, int] | None = None, authorities: str | None = None
    ) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or "127.0.0.1"
        secure = parts.scheme == "https"
        self.tls = ssl.create_default_context(cafile=authorities) if secure else None
        self.port = parts.port or (443 if self.tls else 80)
        self.place = place or (self.host, self.port)
        self.prefix = parts.path.rstrip("/")
        self.idle: list[Exchange] = []
        self.slots = asyncio.Semaphore(MOST_CONNECTIONS)

    async def request(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Send a request on an idle or new connection; return status and body."""
        message = (
            f"{method} {self.prefix}{path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        async with self.slots:
            connection = await self._connection()
            try:
                answer = await connection.request(message)
            except BaseException:
                # Its answer may still come: nobody else can use it.
                if connection.transport is not None:
                    connection.transport.abort()
                raise
            if connection.transport is not None:
                self.idle.append(connection)
            return answer

    def close(self) -> None:
        """Close every idle connection."""
        for connection in self.idle:
            if connection.transport is not None:
                connection.transport.close()

    async def _connection(self) -> Exchange:
        while self.idle:
            connection = self.idle.pop()
            if connection.transport is not None and not connection.transport.is_closing():
                return connection
        loop = asyncio.get_running_loop()
        name = self.host if self.tls else None
        _, connection = await loop.create_connection(
            Exchange, *self.place, ssl=self.tls, server_hostname=name
        )
        return connection


@dataclass
class Tally:
    """What has happened so far.

    Attributes:
        sent: Events in requests that were answered or failed.
        accepted: Events that the server took responsibility for.
        errors: Requests that did not end well, by status code or kind of failure.
        latencies: Seconds from when a request was due to its answer.
    """

    sent: int = 0
    accepted: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)


async def send_steadily(
    client: Client,
    path: str,
    make: Callable[[], bytes],
    accepted: Callable[[bytes], int],
    *,
    batch: int,
    rate: float,
    duration: float,
    tally: Tally,
) -> bool:
    """Send batches so that `rate` events become due each second for `duration` seconds.

    Being cancelled, as by Ctrl-C, ends it early: what is on its way then is waited for.

    Returns:
        Whether it was for all of that time.
    """

    async def one(due: float) -> None:
        try:
            status, body = await client.request("POST", path, make())
        except (OSError, TimeoutError, httptools.HttpParserError) as error:
            tally.errors[type(error).__name__] += 1
        else:
            if status in (202, 422):
                tally.accepted += accepted(body)
            if status != 202:
                tally.errors[f"HTTP {status}"] += 1
        tally.sent += batch
        tally.latencies.append(time.monotonic() - due)

    began = time.monotonic()
    interval = batch / rate
    total = max(1, round(duration / interval))
    async with asyncio.TaskGroup() as group:
        try:
            for number in range(total):
                due = began + number * interval
                ahead = due - time.monotonic()
                # Sleeping for less than the clock's grain would only slow the sender down.
                if ahead > 0.001:
                    await asyncio.sleep(ahead)
                elif number % 16 == 0:
                    await asyncio.sleep(0)
                group.create_task(one(due))
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is not None:
                task.uncancel()
            return False
    return True


async def report_regularly(
    tally: Tally, on_progress: Callable[[Tally], None], interval: float = 0.5
) -> None:
    """Show the tally again and again until cancelled."""
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            on_progress(tally)
            await asyncio.sleep(interval)
