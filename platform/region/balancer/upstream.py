"""A connection to a target: HTTP answers parsed and handed to whoever asked."""

import asyncio
from typing import Any, Protocol

import httptools

from platformctl.region.balancer.targets import Target

MAXIMUM_RESPONSE_HEAD = 64 * 1024


class Exchange(Protocol):
    """Who asked: gets the answer piece by piece."""

    def response_begun(self, status: int, reason: bytes, lines: list[tuple[bytes, bytes]]) -> bool:
        """Take the head of an answer, interim ones (1xx) included.

        Returns:
            Whether the answer says itself where it ends, other than by closing the connection.
        """
        ...

    def response_body(self, data: bytes) -> None:
        """Take a piece of the body."""
        ...

    def response_flush(self) -> None:
        """Send on what has come so far; called once per read."""
        ...

    def response_ended(self, *, reusable: bool) -> None:
        """Take note that the answer is complete."""
        ...

    def response_switched(self, rest: bytes) -> None:
        """Take note that the connection no longer speaks HTTP; `rest` already came behind."""
        ...

    def response_failed(self, *, malformed: bool) -> None:
        """Take note that the connection ended before the answer did."""
        ...

    def tunnel_answered(self, data: bytes) -> None:
        """Take bytes of a connection that no longer speaks HTTP."""
        ...

    def upstream_paused(self) -> None:
        """Send no more for now: the target reads too slowly."""
        ...

    def upstream_resumed(self) -> None:
        """Go on sending."""
        ...


class UpstreamConnection(asyncio.Protocol):
    """One connection to a target; serves one exchange at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, target: Target) -> None:
        self.loop = loop
        self.target = target
        self.transport: asyncio.Transport = None  # type: ignore[assignment]  # set by connection_made
        self.exchange: Exchange | None = None
        self.parser: Any = None
        self.idle_since = 0.0
        self.used = False
        self.tunnel = False
        self.reading_paused = False
        self.bodyless = False
        self.status = 0
        self.reason = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.head_bytes = 0
        self.in_head = True
        self.framed = False
        self.keep_alive = False
        self.ended = False
        self.spoiled = False
        self.oversized = False

    def begin(self, exchange: Exchange, data: bytes, *, bodyless: bool) -> None:
        """Send a request for an exchange; `bodyless` when its answer has no body (HEAD)."""
        self.exchange = exchange
        self.bodyless = bodyless
        self.in_head = True
        self.ended = False
        self.head_bytes = 0
        if self.parser is None:
            self.parser = httptools.HttpResponseParser(self)
        self.transport.write(data)

    # -- asyncio's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport  # type: ignore[assignment]  # a stream transport, as we connect

    def data_received(self, data: bytes) -> None:
        """Parse what the target sent."""
        exchange = self.exchange
        if exchange is None:
            # Nobody asked: what this would be an answer to cannot be known.
            self.abort()
            return
        if self.tunnel:
            exchange.tunnel_answered(data)
            return
        if self.in_head:
            self.head_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.tunnel = True
            exchange.response_switched(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError:
            if not self.ended:
                self._fail(malformed=True)
                return
            self.spoiled = True
        if self.exchange is None:
            return
        if self.oversized or (self.in_head and self.head_bytes > MAXIMUM_RESPONSE_HEAD):
            self._fail(malformed=True)
            return
        exchange.response_flush()
        if self.ended:
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the exchange that the target has gone."""
        self.target.busy.discard(self)
        exchange = self.exchange
        if exchange is None:
            return
        unframed = not (self.in_head or self.framed or self.bodyless or self.tunnel)
        if unframed and exc is None:
            # An answer without a length lasts until the connection ends.
            self.ended = self.spoiled = True
            self._end()
        else:
            self.exchange = None
            exchange.response_failed(malformed=False)

    def pause_writing(self) -> None:
        """Pass on that the target reads too slowly."""
        if self.exchange is not None:
            self.exchange.upstream_paused()

    def resume_writing(self) -> None:
        """Pass on that the target keeps up again."""
        if self.exchange is not None:
            self.exchange.upstream_resumed()

    # -- httptools' callbacks

    def on_message_begin(self) -> None:
        """Start a new head."""
        if self.ended:
            self.spoiled = True
            return
        self.headers = []
        self.reason = b""
        self.in_head = True

    def on_status(self, reason: bytes) -> None:
        """Take the reason phrase, which may come in pieces."""
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers are left out."""
        if self.in_head:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Hand over a head."""
        if self.ended or self.exchange is None:
            return
        # What was read since the head began may hold much of the body too.
        if self.head_bytes > MAXIMUM_RESPONSE_HEAD and self._head_size() > MAXIMUM_RESPONSE_HEAD:
            self.oversized = True
            return
        status = self.parser.get_status_code()
        self.status = status
        self.in_head = status < 200 and status != 101
        self.framed = self.exchange.response_begun(status, self.reason, self.headers)
        # To be asked now: behind the message the parser has forgotten it.
        self.keep_alive = self.framed and (self.bodyless or self.parser.should_keep_alive())
        if self.bodyless and status >= 200:
            self.ended = True

    def _head_size(self) -> int:
        return sum(len(name) + len(value) + 4 for name, value in self.headers)

    def on_body(self, data: bytes) -> None:
        """Hand over a piece of the body."""
        if self.ended:
            self.spoiled = True
        elif self.exchange is not None and not self.oversized:
            self.exchange.response_body(data)

    def on_message_complete(self) -> None:
        """Note the end of an answer; it is handed over once this read is parsed."""
        if self.status >= 200 and not self.ended:
            self.ended = True

    # -- the end of an exchange

    def _end(self) -> None:
        exchange = self.exchange
        self.exchange = None
        reusable = self.keep_alive and not self.spoiled
        if self.bodyless:
            self.parser = None  # it still waits for a body that a HEAD answer does not have
        if exchange is not None:
            exchange.response_ended(reusable=reusable)

    def _fail(self, *, malformed: bool) -> None:
        exchange = self.exchange
        self.exchange = None
        self.abort()
        if exchange is not None:
            exchange.response_failed(malformed=malformed)

    def rest(self) -> bool:
        """Get ready for the next request; False (and closed) when there is to be none."""
        leaving = self.target.spec.draining or self.target.health.state == "unhealthy"
        if leaving or self.is_closing():
            self.close()
            return False
        self.resume_reading()
        self.used = True
        self.idle_since = self.loop.time()
        return True

    def pause_reading(self) -> None:
        """Take no more from the target for now."""
        if not self.reading_paused and not self.transport.is_closing():
            self.reading_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Take more from the target again."""
        if self.reading_paused and not self.transport.is_closing():
            self.reading_paused = False
            self.transport.resume_reading()

    def is_closing(self) -> bool:
        """Tell whether the connection is ending."""
        return self.transport is None or self.transport.is_closing()

    def close(self) -> None:
        """Close after what was written has been sent."""
        self.exchange = None
        self.transport.close()

    def abort(self) -> None:
        """Close at once; an exchange that still waits is told by `connection_lost`."""
        self.transport.abort()
