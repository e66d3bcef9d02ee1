"""HTTP/1.1 on loopback: requests with streamed bodies in, answers with streamed bodies out."""

import asyncio
import contextlib
import json
import logging
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import h11

from platformctl.region.cancellation import end_tasks

_LOG = logging.getLogger(__name__)
_READ = 256 * 1024
_HEAD_LIMIT = 128 * 1024
_BODILESS = frozenset({204, 304})
_IDLE = 300.0
"""Seconds a connection may be silent between two requests."""
_LINGER = 5.0
"""Seconds a client that was refused may still send."""
BODY_LIMIT = 64 * 1024 * 1024
"""Bytes of a body that is read as a whole; only streams may be larger."""


class BodyTooLargeError(Exception):
    """A body that has to be read as a whole is over the limit."""


class BodyUnreadableError(Exception):
    """A body is not what its `Content-Encoding` says."""


@dataclass
class Request:
    """One request; the body has not been read yet.

    Attributes:
        method: HTTP method.
        target: Path with query string, as sent.
        headers: Names in lower case → value; of repeated headers the last.
        raw_headers: All headers as sent.
        stream: Body in pieces; can be read once.
    """

    method: str
    target: str
    headers: dict[str, str]
    raw_headers: list[tuple[bytes, bytes]]
    stream: AsyncIterator[bytes]

    async def body(self) -> bytes:
        """Read the whole body, unpacked if it was sent compressed.

        Raises:
            BodyTooLargeError: It has more than `BODY_LIMIT` bytes.
            BodyUnreadableError: It is not what its `Content-Encoding` says.
        """
        # 16 + 15: the gzip format with the largest window; botocore compresses large requests.
        packed = self.headers.get("content-encoding", "") == "gzip"
        unpacker = zlib.decompressobj(16 + 15) if packed else None
        pieces: list[bytes] = []
        size = 0
        async for piece in self.stream:
            plain = unpacker.decompress(piece, BODY_LIMIT + 1) if unpacker is not None else piece
            size += len(plain)
            if size > BODY_LIMIT:
                raise BodyTooLargeError
            pieces.append(plain)
        if unpacker is not None and not unpacker.eof:
            raise BodyUnreadableError
        return b"".join(pieces)


async def twice(request: Request) -> tuple[Request, Request]:
    """Read the body of a request and return two requests that both have it.

    Raises:
        BodyTooLargeError: It has more than `BODY_LIMIT` bytes.
    """
    pieces: list[bytes] = []
    async for piece in request.stream:
        pieces.append(piece)
        if sum(map(len, pieces)) > BODY_LIMIT:
            raise BodyTooLargeError
    return (replace(request, stream=_again(pieces)), replace(request, stream=_again(pieces)))


async def _again(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@dataclass
class Answer:
    """One answer; the body is bytes, or pieces that are sent as they come."""

    status: int
    headers: Iterable[tuple[str | bytes, str | bytes]] = ()
    body: bytes | AsyncIterator[bytes] = b""
    reason: bytes = b""
    finished: Callable[[], None] | None = field(default=None)
    """Called when the last byte was handed over, or the client went away."""


Handler = Callable[[Request], Awaitable[Answer]]


def json_answer(status: int, document: Any) -> Answer:
    """Return an answer with a JSON body."""
    return Answer(status, [("Content-Type", "application/json")], json.dumps(document).encode())


class Server:
    """Serves one listening socket with one handler."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def listen(self, host: str, port: int, context: ssl.SSLContext | None = None) -> int:
        """Listen, with TLS where there is a context, and return the port.

        Raises:
            OSError: The address cannot be listened on.
        """
        self._server = await asyncio.start_server(
            self._connected, host, port, limit=_READ, ssl=context
        )
        return self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and end every connection."""
        if self._server is not None:
            self._server.close()
        await end_tasks(*self._connections)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # a connection is always served by a task
        self._connections.add(task)
        try:
            await _Connection(reader, writer, self._handler).serve()
        except (ConnectionError, TimeoutError, asyncio.CancelledError):
            pass  # The client went away, or we are closing.
        finally:
            self._connections.discard(task)
            with contextlib.suppress(ConnectionError):
                writer.close()


class _Connection:
    """One client connection: its requests, one after the other."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._handler = handler
        self._protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEAD_LIMIT)

    async def serve(self) -> None:
        try:
            while True:
                async with asyncio.timeout(_IDLE):
                    event = await self._next_event()
                if not isinstance(event, h11.Request):
                    return
                await self._answer(event)
                if self._protocol.our_state is not h11.DONE:
                    return
                # What the handler left of the body has to be read before the next request.
                async for _ in self._body():
                    pass
                if self._protocol.their_state is not h11.DONE:
                    return
                self._protocol.start_next_cycle()
        except h11.RemoteProtocolError as error:
            await self._refuse(error)

    async def _answer(self, event: h11.Request) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
        request = Request(
            event.method.decode(),
            event.target.decode("latin-1"),
            headers,
            event.headers.raw_items(),
            self._body(),
        )
        try:
            answer = await self._handler(request)
        except (h11.RemoteProtocolError, ConnectionError):
            raise  # The client broke the protocol, or is gone.
        except BodyTooLargeError:
            answer = json_answer(
                413, {"__type": "RequestEntityTooLarge", "message": "body too large"}
            )
        except (BodyUnreadableError, zlib.error):
            message = "the body cannot be unpacked"
            answer = json_answer(400, {"__type": "SerializationException", "message": message})
        except Exception:  # noqa: BLE001  # one request must not end the others
            _LOG.exception("%s %s could not be answered", request.method, request.target)
            answer = json_answer(500, {"__type": "InternalFailure", "message": "see the log"})
        try:
            await self._send(answer, head_only=request.method == "HEAD")
        finally:
            if answer.finished is not None:
                answer.finished()

    async def _send(self, answer: Answer, *, head_only: bool) -> None:
        headers = [(_bytes(name), _bytes(value)) for name, value in answer.headers]
        bodiless = answer.status in _BODILESS
        known = any(name.lower() == b"content-length" for name, _ in headers)
        if isinstance(answer.body, bytes) and not known and not bodiless:
            headers.append((b"Content-Length", str(len(answer.body)).encode()))
        head = h11.Response(status_code=answer.status, headers=headers, reason=answer.reason)
        out = self._protocol.send(head) or b""
        async for piece in _pieces(answer.body):
            if piece and not head_only and not bodiless:
                # The head waits for the first piece: one packet instead of two.
                self._writer.write(out + (self._protocol.send(h11.Data(data=piece)) or b""))
                out = b""
                await self._writer.drain()
        self._writer.write(out + (self._protocol.send(h11.EndOfMessage()) or b""))
        await self._writer.drain()

    async def _body(self) -> AsyncIterator[bytes]:
        while self._protocol.their_state is h11.SEND_BODY:
            if self._protocol.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
                self._writer.write(self._protocol.send(go_on) or b"")
            event = await self._next_event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.ConnectionClosed):
                raise ConnectionResetError

    async def _next_event(self) -> Any:
        while True:
            event = self._protocol.next_event()
            if event is not h11.NEED_DATA:
                return event
            self._protocol.receive_data(await self._reader.read(_READ))

    async def _refuse(self, error: h11.RemoteProtocolError) -> None:
        if self._protocol.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = json.dumps({"__type": "MalformedHttpRequest", "message": str(error)}).encode()
            headers = [(b"Content-Type", b"application/json"), (b"Connection", b"close")]
            await self._send(Answer(error.error_status_hint, headers, body), head_only=False)
            await self._linger()

    async def _linger(self) -> None:
        """Read away what still comes: closed before, the system would take the answer back."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                while await self._reader.read(_READ):
                    pass


async def _pieces(body: bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    async for piece in body:
        yield piece


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
