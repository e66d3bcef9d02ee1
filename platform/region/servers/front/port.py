"""One listening address of a front with the connections that came in through it."""

import asyncio
import ssl
from collections.abc import Callable
from functools import partial

from platformctl.region.servers.front.configuration import Listener
from platformctl.region.servers.front.connection import Connection, Entrance
from platformctl.region.servers.front.kafka import broker_versions
from platformctl.region.servers.front.kafka_connection import KafkaConnection
from platformctl.region.servers.front.places import Places

_BACKLOG = 512


class Port:
    """A listener that listens."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.entrance = Entrance(
            listener,
            _context(listener) if listener.certificate else None,
            Places(listener.limit, listener.borrow_seconds),
        )
        self._server: asyncio.Server | None = None
        self._idle: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Begin to listen.

        Raises:
            OSError: The address cannot be listened on, or the brokers behind it are not there.
        """
        # PostgreSQL's clients ask for TLS first; all others begin with it.
        greet = await self._greeter()
        immediate = self.entrance.context if self.listener.kind != "postgres" else None
        self._server = await asyncio.get_running_loop().create_server(
            greet,
            self.listener.host,
            self.listener.port,
            ssl=immediate,
            backlog=_BACKLOG,
            reuse_address=True,
        )
        if self.listener.idle_seconds:
            self._watch_idle()

    async def _greeter(self) -> Callable[[], Connection]:
        """Return what makes the connection of a newcomer."""
        listener = self.listener
        if listener.signer is None:
            return partial(Connection, self.entrance)
        versions = await broker_versions(*listener.upstreams[0])
        return partial(KafkaConnection, self.entrance, listener.signer, versions)

    def close(self) -> None:
        """Stop listening and end every connection."""
        if self._idle is not None:
            self._idle.cancel()
        if self._server is not None:
            self._server.close()
        for connection in list(self.entrance.connections):
            connection.end()

    def _watch_idle(self) -> None:
        """End the connections that were idle for a whole period, twice per period."""
        for connection in list(self.entrance.connections):
            if not connection.active:
                connection.end()
            connection.active = False
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(self.listener.idle_seconds, self._watch_idle)


def _context(listener: Listener) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(listener.certificate, listener.key)
    return context
