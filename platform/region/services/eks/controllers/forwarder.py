"""A port of a service: connections are passed on to ready pods, in turn, byte by byte."""

import asyncio
import contextlib
from collections.abc import Sequence

from platformctl.region.cancellation import end_tasks

_PIECE = 64 * 1024
_CONNECT_SECONDS = 5.0

Place = tuple[str, int]


class Forwarder:
    """One listening port; where it leads to can change while connections live."""

    def __init__(self) -> None:
        self.upstreams: Sequence[Place] = ()
        self._turn = 0
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def listen(self, host: str, port: int) -> None:
        """Begin to listen.

        Raises:
            OSError: The address cannot be listened on.
        """
        self._server = await asyncio.start_server(self._connected, host, port, limit=_PIECE)

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        await end_tasks(*self._connections)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # a connection is always served by a task
        self._connections.add(task)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # one side went away, or we are closing
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = await self._connect()
        if upstream is None:
            return
        theirs, ours = upstream
        try:
            await asyncio.gather(_carry(reader, ours), _carry(theirs, writer))
        finally:
            ours.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """Connect to the first pod, in turn, that accepts; None if none does."""
        places = list(self.upstreams)
        self._turn += 1
        for offset in range(len(places)):
            host, port = places[(self._turn + offset) % len(places)]
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(_CONNECT_SECONDS):
                    return await asyncio.open_connection(host, port, limit=_PIECE)
        return None


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes one way until that way ends."""
    while data := await reader.read(_PIECE):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
