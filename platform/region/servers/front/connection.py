"""One client's connection and the server's behind it: bytes both ways, with back-pressure."""

import asyncio
import itertools
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from platformctl.region.servers.front import postgres
from platformctl.region.servers.front.configuration import Listener
from platformctl.region.servers.front.places import Places

_HANDSHAKE_SECONDS = 20.0


@dataclass(frozen=True)
class Entrance:
    """What all connections through one listener share."""

    listener: Listener
    context: ssl.SSLContext | None
    places: Places
    connections: set["Connection"] = field(default_factory=set)
    turns: Iterator[int] = field(default_factory=itertools.count)

    def in_turn(self) -> list[tuple[str, int]]:
        """Return the servers in the order in which a connection tries them."""
        upstreams = self.listener.upstreams
        first = next(self.turns) % len(upstreams)
        return [*upstreams[first:], *upstreams[:first]]


class Half(asyncio.Protocol):
    """The server's side of a connection."""

    def __init__(self, client: "Connection") -> None:
        self.client = client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The server accepted."""
        self.client.connected(cast("asyncio.Transport", transport))

    def data_received(self, data: bytes) -> None:
        """Pass what the server says on."""
        self.client.active = True
        if self.client.transport is not None:
            self.client.transport.write(data)

    def eof_received(self) -> bool:
        """The server has said everything; the connection ends."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """End the client's connection too."""
        self.client.server_lost()

    def pause_writing(self) -> None:
        """The server reads slower than the client writes."""
        if self.client.transport is not None:
            self.client.transport.pause_reading()

    def resume_writing(self) -> None:
        """The server keeps up again."""
        if self.client.transport is not None and not self.client.transport.is_closing():
            self.client.transport.resume_reading()


class Connection(asyncio.Protocol):
    """A client's side: decides about TLS first, then passes everything on."""

    def __init__(self, entrance: Entrance) -> None:
        self.entrance = entrance
        self.transport: asyncio.Transport | None = None
        self.server: asyncio.Transport | None = None
        self.active = True
        self.encrypted = False
        self._placed = False
        self._gone = False
        self._handshaking = False
        self._deciding = entrance.listener.kind == "postgres"
        self._early = bytearray()
        self._task: asyncio.Task[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None

    # The client's transport.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected, or (again) its TLS handshake is done."""
        first = self.transport is None
        self.transport = cast("asyncio.Transport", transport)
        if not first:
            return
        self.entrance.connections.add(self)
        if self._deciding:
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(_HANDSHAKE_SECONDS, self.end)
        else:
            self._task = asyncio.create_task(self._open())

    def data_received(self, data: bytes) -> None:
        """Pass on what the client says, or look at how it begins."""
        self.active = True
        if self.server is not None:
            self.server.write(data)
            return
        self._early += data
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """The client went away."""
        self._gone = True
        if self._deadline is not None:
            self._deadline.cancel()
        if self._task is not None:
            self._task.cancel()
        if self._placed:
            self._placed = False
            self.entrance.places.leave()
        if self.server is not None:
            self.server.close()
        else:
            self.entrance.connections.discard(self)

    def pause_writing(self) -> None:
        """The client reads slower than the server writes."""
        if self.server is not None:
            self.server.pause_reading()

    def resume_writing(self) -> None:
        """The client keeps up again."""
        if self.server is not None and not self.server.is_closing():
            self.server.resume_reading()

    # What the other side and the port call.

    def connected(self, server: asyncio.Transport) -> None:
        """The server's side is there: send what the client has said so far."""
        self.server = server
        if self.transport is None or self.transport.is_closing():
            server.close()
            return
        if self._early:
            server.write(bytes(self._early))
            self._early.clear()
        self.transport.resume_reading()

    def server_lost(self) -> None:
        """The server's side is gone: the connection ends when the client's is, too."""
        self.server = None
        if self._gone:
            self.entrance.connections.discard(self)
        self.end()

    def end(self) -> None:
        """Close the client's connection; what is written already still goes out."""
        if self.transport is not None:
            self.transport.close()

    # How a PostgreSQL connection begins.

    def _look(self) -> None:
        # What arrives before `start_tls` has returned waits for the transport it belongs to.
        if self._deciding and not self._handshaking:
            try:
                self._decide()
            except ValueError:
                self.end()

    def _decide(self) -> None:
        length = postgres.packet_length(self._early)
        if not length or len(self._early) < length:
            return
        code = postgres.packet_code(self._early)
        if code in {postgres.SSL_REQUEST, postgres.GSS_REQUEST} and not self.encrypted:
            # Anything sent before the handshake could have been put there by a third party.
            if len(self._early) > length:
                raise ValueError("data before the TLS handshake")
            self._early.clear()
            self._answer(code)
            return
        packet = bytes(self._early[:length])
        listener = self.entrance.listener
        if code != postgres.CANCEL_REQUEST and listener.require_tls and not self.encrypted:
            self._refuse(postgres.unencrypted(packet, self._peer()))
            return
        self._deciding = False
        self._pause()
        self._task = asyncio.create_task(self._open())

    def _answer(self, code: int) -> None:
        assert self.transport is not None  # noqa: S101  # data came through it
        context = self.entrance.context
        if code == postgres.GSS_REQUEST or context is None:
            self.transport.write(postgres.NO)
            return
        self.transport.write(postgres.YES)
        self._pause()
        self._handshaking = True
        self._task = asyncio.create_task(self._encrypt(self.transport, context))

    async def _encrypt(self, plain: asyncio.Transport, context: ssl.SSLContext) -> None:
        loop = asyncio.get_running_loop()
        try:
            transport = await loop.start_tls(
                plain, self, context, server_side=True, ssl_handshake_timeout=_HANDSHAKE_SECONDS
            )
        except (OSError, ssl.SSLError):
            self._task = None
            plain.close()
            self.connection_lost(None)
            return
        self._task = None
        self._handshaking = False
        self.encrypted = True
        self.transport = cast("asyncio.Transport", transport)
        self._look()

    async def _open(self) -> None:
        """Connect to the server, within the listener's limit."""
        if self._deadline is not None:
            self._deadline.cancel()
        if not await self.entrance.places.take():
            self._refuse(
                postgres.refusal("53300", "Timed-out waiting to acquire database connection")
            )
            return
        self._placed = True
        loop = asyncio.get_running_loop()
        for host, port in self.entrance.in_turn():
            try:
                await loop.create_connection(lambda: Half(self), host, port)
            except OSError:
                continue
            return
        self._refuse(postgres.refusal("57P03", "the database system is not available"))

    def _refuse(self, answer: bytes) -> None:
        if self.transport is not None and self.entrance.listener.kind == "postgres":
            self.transport.write(answer)
        self.end()

    def _pause(self) -> None:
        if self.transport is not None:
            self.transport.pause_reading()

    def _peer(self) -> str:
        peer = self.transport.get_extra_info("peername") if self.transport else None
        return peer[0] if peer else ""
