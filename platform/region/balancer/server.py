"""The client's side of a connection: HTTP/1.x parsed, bounded, and answered in order.

`ServerConnection` turns bytes into `Request`s and hands them to `handle` one at a time, whatever
the client pipelines. A subclass answers each with `write`… and `finish`, and gets the body through
`body_received` and `body_ended` as it arrives. What is malformed, too large or too slow never
reaches a subclass.
"""

import asyncio
import re
from collections import deque
from typing import Any

import httptools

MAXIMUM_URL = 16 * 1024
MAXIMUM_HEADER = 16 * 1024
MAXIMUM_HEAD = 64 * 1024
_PIPELINE_LIMIT = 256
_LINGER = 1.0

REASONS = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
    301: "Moved Permanently", 302: "Found", 304: "Not Modified",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 408: "Request Timeout", 413: "Request Entity Too Large",
    414: "Request-URI Too Long", 416: "Range Not Satisfiable", 429: "Too Many Requests",
    460: "Client Closed Connection", 463: "Too Many X-Forwarded-For Addresses",
    500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
    503: "Service Temporarily Unavailable", 504: "Gateway Time-out",
}  # fmt: skip


class Request:
    """One request of a client, its body arriving or complete."""

    __slots__ = (
        "arrived", "backlog", "backlog_size", "chunked", "complete", "expects_continue", "headers",
        "host", "keep_alive", "length", "method", "raw_url", "received", "started", "upgrade",
        "version",
    )  # fmt: skip

    def __init__(self, method: bytes, raw_url: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        self.method = method
        self.raw_url = raw_url
        self.headers = headers
        self.host = b""
        self.version = "1.1"
        self.keep_alive = True
        self.chunked = False
        self.length = 0
        self.upgrade = b""
        self.expects_continue = False
        self.complete = False
        self.started = False
        self.backlog: list[bytes] = []
        self.backlog_size = 0
        self.received = 0
        self.arrived = 0.0

    @property
    def path(self) -> bytes:
        """The path as the client wrote it, without the query."""
        return self.raw_url.partition(b"?")[0]

    @property
    def query(self) -> bytes:
        """The query as the client wrote it, without the question mark."""
        return self.raw_url.partition(b"?")[2]

    def header(self, name: bytes) -> bytes | None:
        """Return the first value of a header; `name` is in lower case."""
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return None


def error_page(status: int) -> bytes:
    """Return the small HTML page that stands for a status."""
    title = f"{status} {REASONS.get(status, '')}".strip()
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    ).encode()


_LENGTH = re.compile(rb"[0-9]{1,18}")


class ServerConnection(asyncio.Protocol):
    """One client connection; subclasses answer its requests."""

    scheme = "http"

    def __init__(
        self, loop: asyncio.AbstractEventLoop, connections: set["ServerConnection"]
    ) -> None:
        self.loop = loop
        self.connections = connections
        self.transport: asyncio.Transport = None  # type: ignore[assignment]  # set by connection_made
        self.parser: Any = httptools.HttpRequestParser(self)
        self.peer = b""
        self.peer_port = 0
        self.current: Request | None = None
        self.parsing: Request | None = None
        self.waiting: deque[Request] = deque()
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.in_head = False
        self.head_started = 0.0
        self.head_bytes = 0
        self.reparse = False
        self.closing = False
        self.tunnel = False
        self.reading_paused = False
        self.last_activity = loop.time()

    # -- what a subclass provides

    def handle(self, request: Request) -> None:
        """Begin to answer a request."""
        raise NotImplementedError

    def body_received(self, data: bytes) -> None:
        """Take a piece of the current request's body."""
        raise NotImplementedError

    def body_ended(self) -> None:
        """Take note that the current request is complete."""
        raise NotImplementedError

    def tunnel_received(self, data: bytes) -> None:
        """Take bytes of a connection that no longer speaks HTTP."""
        raise NotImplementedError

    def abandoned(self) -> None:
        """Take note that the client has gone."""
        raise NotImplementedError

    def refused(self, status: int) -> None:
        """Take note that a request was refused before it was handled (for metrics)."""

    # -- asyncio's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve a client."""
        self.transport = transport  # type: ignore[assignment]  # a stream transport, as we listen
        peer = transport.get_extra_info("peername")
        self.peer, self.peer_port = peer[0].encode(), peer[1]
        self.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """End what is under way for a client that has gone."""
        self.connections.discard(self)
        self.closing = True
        self.waiting.clear()
        self.abandoned()

    def eof_received(self) -> bool:
        """Keep answering a client that only closed its sending half."""
        if self.tunnel or self.current is None or not self.current.complete:
            return False
        self.closing = True
        return True

    def data_received(self, data: bytes) -> None:
        """Parse what a client sent."""
        self.last_activity = self.loop.time()
        if self.tunnel:
            self.tunnel_received(data)
            return
        if self.closing:
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgrade_parsed(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.refuse(400)
            return
        if self.in_head:
            self.head_bytes += len(data)
            if self.head_bytes > MAXIMUM_HEAD:
                self.refuse(400)
        if len(self.waiting) > 0:
            self.pause_reading()

    def _upgrade_parsed(self, rest: bytes) -> None:
        """Go on behind a request that asks for another protocol."""
        if self.reparse:
            self._parse_without_upgrade(rest)
        elif rest and self.current is not None:
            # Bytes of the new protocol before it was agreed on: kept for the tunnel.
            self.current.backlog.append(rest)
            self.current.backlog_size += len(rest)

    def _parse_without_upgrade(self, rest: bytes) -> None:
        """Read a request again whose Upgrade we do not support: as if it had not asked."""
        self.reparse = False
        method = self.parser.get_method()
        head = [method, b" ", self.url, b" HTTP/", self.parser.get_http_version().encode(), b"\r\n"]
        for name, value in self.headers:
            if name.lower() not in (b"upgrade", b"connection", b"http2-settings"):
                head += (name, b": ", value, b"\r\n")
        head.append(b"\r\n")
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(b"".join(head) + rest)

    # -- httptools' callbacks

    def on_message_begin(self) -> None:
        """Start a new head."""
        self.url = b""
        self.headers = []
        self.in_head = True
        self.head_bytes = 0
        self.head_started = self.last_activity
        self.parsing = None

    def on_url(self, url: bytes) -> None:
        """Take a piece of the URL."""
        self.url = self.url + url if self.url else url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers are left out, as nothing may depend on them."""
        if self.in_head:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Check a head and queue its request."""
        self.in_head = False
        if self.closing:
            return
        parser = self.parser
        request = Request(parser.get_method(), self.url, self.headers)
        request.arrived = self.last_activity
        request.version = parser.get_http_version()
        request.keep_alive = parser.should_keep_alive()
        status = self._examine(request)
        if status == 0 and parser.should_upgrade():
            if request.upgrade != b"websocket" or request.chunked or request.length:
                self.reparse = True
                return
        elif request.upgrade:
            request.upgrade = b""
        if status:
            self.refuse(status)
            return
        request.complete = not request.chunked and request.length == 0
        self.parsing = request
        if self.current is None and not self.waiting:
            self._start(request)
        else:
            self.waiting.append(request)
            if len(self.waiting) > _PIPELINE_LIMIT:
                self.refuse(400)

    def on_body(self, data: bytes) -> None:
        """Pass on a piece of a body."""
        request = self.parsing
        if request is None:
            return
        request.received += len(data)
        if request.started:
            self.body_received(data)
        else:
            request.backlog.append(data)
            request.backlog_size += len(data)

    def on_message_complete(self) -> None:
        """Note the end of a request."""
        request = self.parsing
        self.parsing = None
        if request is None or request.complete:
            return
        request.complete = True
        if request.started and request is self.current:
            self.body_ended()

    # -- requests in order

    def _examine(self, request: Request) -> int:
        """Read the headers that matter here; return the status of a refusal, or 0."""
        if len(request.raw_url) > MAXIMUM_URL:
            return 414
        size = hosts = 0
        for name, value in request.headers:
            length = len(name) + len(value) + 4
            size += length
            if length > MAXIMUM_HEADER:
                return 400
            match name.lower():
                case b"host":
                    request.host = value
                    hosts += 1
                case b"content-length":
                    if not _LENGTH.fullmatch(value):
                        return 400
                    request.length = int(value)
                case b"transfer-encoding":
                    if value.lower() != b"chunked":
                        return 501
                    request.chunked = True
                case b"expect":
                    request.expects_continue = value.lower() == b"100-continue"
                case b"upgrade":
                    request.upgrade = value.lower()
        if size > MAXIMUM_HEAD or hosts > 1 or (hosts == 0 and request.version == "1.1"):
            return 400
        return self._examine_line(request)

    def _examine_line(self, request: Request) -> int:
        """Check method and target of a request; an absolute URL becomes path and host."""
        if request.method == b"TRACE":
            return 405
        if request.method == b"CONNECT":
            return 400
        url = request.raw_url
        if url.startswith(b"/") or (url == b"*" and request.method == b"OPTIONS"):
            return 0
        try:
            parsed = httptools.parse_url(url)
        except httptools.HttpParserInvalidURLError:
            return 400
        if parsed.schema is None or parsed.host is None:
            return 400
        request.host = parsed.host if parsed.port is None else b"%b:%d" % (parsed.host, parsed.port)
        query = b"?" + parsed.query if parsed.query is not None else b""
        request.raw_url = (parsed.path or b"/") + query
        return 0

    def _start(self, request: Request) -> None:
        request.started = True
        self.current = request
        if request.expects_continue and request.version == "1.1" and not request.complete:
            # As ALB does: answered here at once, and not passed on.
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.handle(request)

    def finished(self, *, keep_alive: bool) -> None:
        """End the current request and go on with the next one, or close."""
        self.current = None
        if self.closing or not keep_alive:
            self.close(linger=self.parsing is not None)
            return
        if self.waiting:
            # Not from here: a thousand pipelined requests must not nest a thousand calls deep.
            self.loop.call_soon(self._next)
        elif self.reading_paused:
            self.resume_reading()

    def _next(self) -> None:
        if self.current is None and self.waiting and not self.transport.is_closing():
            request = self.waiting.popleft()
            self._start(request)
            if not self.waiting:
                self.resume_reading()

    def answer(self, status: int, head: bytes, body: bytes, *, keep_alive: bool = True) -> None:
        """Answer the current request as a whole; `head` holds lines that end in CR LF."""
        request = self.current
        keep_alive = keep_alive and self.may_keep_alive()
        without_body = request is not None and request.method == b"HEAD"
        self.transport.write(
            b"HTTP/1.1 %d %b\r\n%bContent-Length: %d\r\n%b\r\n"
            % (
                status,
                REASONS.get(status, "").encode(),
                head,
                len(body),
                b"" if keep_alive else b"Connection: close\r\n",
            )
            + (b"" if without_body else body)
        )
        self.finished(keep_alive=keep_alive)

    def may_keep_alive(self) -> bool:
        """Tell whether the connection may serve another request after the current one."""
        request = self.current
        return (
            request is not None
            and request.keep_alive
            and request.complete
            and request.version == "1.1"
            and not self.closing
        )

    def refuse(self, status: int) -> None:
        """Answer something that is not an acceptable request, and close."""
        if self.closing:
            return
        if self.current is not None:
            # Everything before the bad bytes is still answered.
            self.closing = True
            if not self.current.complete:
                self.abandoned()
                self.transport.abort()
            return
        self.refused(status)
        self.parsing = self.parsing or Request(b"", b"", [])  # unread bytes may follow: linger
        self.answer(status, b"Content-Type: text/html\r\n", error_page(status), keep_alive=False)

    def close(self, *, linger: bool = False) -> None:
        """Close once everything written has been sent.

        With `linger` the client is still sending: closing at once would reset the connection and
        could take the answer with it, so what still comes is read and thrown away for a moment.
        """
        self.closing = True
        if linger and self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()
            self.resume_reading()
            self.loop.call_later(_LINGER, self.transport.close)
        else:
            self.transport.close()

    def pause_reading(self) -> None:
        """Take no more from the client for now."""
        if not self.reading_paused and not self.transport.is_closing():
            self.reading_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Take more from the client again."""
        if self.reading_paused and not self.transport.is_closing():
            self.reading_paused = False
            self.transport.resume_reading()
            self.last_activity = self.loop.time()
