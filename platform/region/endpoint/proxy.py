"""Sends requests on to the emulator and streams its answers back, over kept connections."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import h11

from platformctl.region.cancellation import end_tasks
from platformctl.region.endpoint.server import Answer, Request

_READ = 256 * 1024
_KEPT = 64
_HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"upgrade", b"expect")
)


class UpstreamError(Exception):
    """The emulator closed the connection before it answered."""


@dataclass
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    protocol: h11.Connection
    used: bool = False

    async def next_event(self):
        while True:
            event = self.protocol.next_event()
            if event is not h11.NEED_DATA:
                return event
            self.protocol.receive_data(await self.reader.read(_READ))

    def send(self, event: h11.Event) -> None:
        self.writer.write(self.protocol.send(event) or b"")


class Proxy:
    """Connections to one server on loopback.

    Attributes:
        requests: How many requests were sent on.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._idle: list[_Connection] = []
        self.requests = 0

    async def forward(self, request: Request) -> Answer:
        """Send a request on; the answer's body streams.

        Raises:
            UpstreamError: The server went away before it answered.
        """
        self.requests += 1
        try:
            connection = await self._connect()
        except OSError as error:
            raise UpstreamError(str(error)) from error
        try:
            sending = asyncio.create_task(_send(connection, request))
            try:
                head = await _head(connection, sending)
            finally:
                await end_tasks(sending)
        except (ConnectionError, h11.RemoteProtocolError) as error:
            connection.writer.close()
            raise UpstreamError(str(error) or type(error).__name__) from error
        except BaseException:
            connection.writer.close()
            raise
        headers = [
            (name, value)
            for name, value in head.headers.raw_items()
            if name.lower() not in _HOP_BY_HOP
        ]
        return Answer(
            head.status_code,
            headers,
            _body(connection),
            bytes(head.reason),
            lambda: self._give_back(connection),
        )

    def close(self) -> None:
        """Close the connections that are kept."""
        for connection in self._idle:
            connection.writer.close()
        self._idle.clear()

    async def _connect(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if not (connection.reader.at_eof() or connection.writer.is_closing()):
                return connection
            connection.writer.close()
        reader, writer = await asyncio.open_connection(self._host, self._port, limit=_READ)
        return _Connection(reader, writer, h11.Connection(h11.CLIENT))

    def _give_back(self, connection: _Connection) -> None:
        protocol = connection.protocol
        if protocol.our_state is h11.DONE and protocol.their_state is h11.DONE:
            protocol.start_next_cycle()
            if len(self._idle) < _KEPT and not connection.writer.is_closing():
                self._idle.append(connection)
                return
        connection.writer.close()


async def _send(connection: _Connection, request: Request) -> None:
    headers = [(n, v) for n, v in request.raw_headers if n.lower() not in _HOP_BY_HOP]
    head = h11.Request(method=request.method, target=request.target, headers=headers)
    connection.send(head)
    async for piece in request.stream:
        connection.send(h11.Data(data=piece))
        await connection.writer.drain()
    connection.send(h11.EndOfMessage())


async def _head(connection: _Connection, sending: asyncio.Task[None]) -> h11.Response:
    """Wait for the head of the answer, which may come before the request is sent to its end."""
    reading = asyncio.create_task(_read_head(connection))
    try:
        await asyncio.wait({sending, reading}, return_when=asyncio.FIRST_COMPLETED)
        if sending.done() and not reading.done():
            sending.result()
        return await reading
    finally:
        await end_tasks(reading)


async def _read_head(connection: _Connection) -> h11.Response:
    while True:
        event = await connection.next_event()
        if isinstance(event, h11.Response):
            return event
        if isinstance(event, h11.ConnectionClosed):
            raise ConnectionResetError("closed before it answered")


async def _body(connection: _Connection) -> AsyncIterator[bytes]:
    while True:
        event = await connection.next_event()
        if isinstance(event, h11.Data):
            yield bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            return
        else:
            raise ConnectionResetError("closed before its answer was complete")
