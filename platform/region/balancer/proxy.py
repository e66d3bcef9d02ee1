"""The path of a request through the load balancer: rule, group, target, and both streams.

A `BalancedConnection` is a client's connection and, while a request is under way, also the
exchange with a target. No body is ever held whole: whichever side reads too slowly stops the
other. A request whose bytes never reached a target is tried on another one; one whose bytes may
have is repeated only if repeating it changes nothing.
"""

import asyncio
import ssl
import time
from typing import Any, Protocol

from platformctl.region.balancer import configuration, headers, stickiness
from platformctl.region.balancer.configuration import Options
from platformctl.region.balancer.headers import Kind
from platformctl.region.balancer.metrics import Counters
from platformctl.region.balancer.request_head import TooManyAddressesError, request_head
from platformctl.region.balancer.routing import (
    CompiledRule,
    FixedResponse,
    Forward,
    Redirect,
    Routes,
)
from platformctl.region.balancer.server import Request, ServerConnection, error_page
from platformctl.region.balancer.targets import Group, Target
from platformctl.region.balancer.upstream import UpstreamConnection

CONNECT_SECONDS = 10.0
_KEPT_ANSWER = (Kind.KEEP, Kind.INVALID)
_IDEMPOTENT = frozenset({b"GET", b"HEAD", b"OPTIONS"})


class Core(Protocol):
    """What connections need of their load balancer; `balancer.Balancer` is it."""

    connections: set[ServerConnection]
    counters: Counters
    options: Options
    cookie_key: bytes
    groups: dict[str, Group]
    upstream_tls: ssl.SSLContext

    def drained(self, target: Target) -> None:
        """Take note that a leaving target may have no request left."""
        ...

    def log(self, entry: dict[str, Any]) -> None:
        """Keep an access log entry."""
        ...


class Front(Protocol):
    """What connections need of their listener; `listeners.Listener` is it."""

    loop: asyncio.AbstractEventLoop
    balancer: Core
    connections: set[ServerConnection]
    spec: configuration.Listener
    routes: Routes
    extra_head: bytes
    forwarded_lines: bytes


class BalancedConnection(ServerConnection):
    """A client of one listener."""

    def __init__(self, listener: Front) -> None:
        super().__init__(listener.loop, listener.connections)
        self.listener = listener
        self.balancer = listener.balancer
        self.scheme = listener.spec.protocol.lower()
        self._reset()
        self.balancer.counters.new_connections += 1

    def _reset(self) -> None:
        self.rule: CompiledRule | None = None
        self.group: Group | None = None
        self.target: Target | None = None
        self.upstream: UpstreamConnection | None = None
        self.connecting: asyncio.Task[None] | None = None
        self.tried: tuple[Target, ...] = ()
        self.head = b""
        self.cookies = b""
        self.trace = b""
        self.sent_at = 0.0
        self.target_seconds = 0.0
        self.status = 0
        self.response_begun_flag = False
        self.chunk_response = False
        self.outgoing: list[bytes] = []
        self.sent = 0
        self.replayable = False

    # -- the request

    def handle(self, request: Request) -> None:
        """Decide what is done with a request and begin it."""
        self.balancer.counters.requests += 1
        rule = self.rule = self.listener.routes.match(request, self.peer)
        action = rule.action
        if action.__class__ is Forward:
            self._forward(request, action)  # type: ignore[arg-type]  # narrowed by its class
        elif isinstance(action, FixedResponse):
            self.balancer.counters.fixed += 1
            head = f"Content-Type: {action.content_type}\r\n" if action.body else ""
            self._answer(action.status, head.encode(), action.body.encode())
        elif isinstance(action, Redirect):
            self.balancer.counters.redirects += 1
            location = action.location(request, self.scheme, self.listener.spec.port)
            head = f"Location: {location}\r\nContent-Type: text/html\r\n"
            self._answer(action.status, head.encode("latin-1"), error_page(action.status))

    def _answer(self, status: int, head: bytes, body: bytes) -> None:
        self.status = status
        self._log()
        self._reset()
        self.answer(status, self.listener.extra_head + head, body)

    def fail(self, status: int) -> None:
        """Answer with an error of the load balancer's own, or end an answer already begun."""
        self.balancer.counters.answered(status)
        if self.response_begun_flag:
            # The client must see that it is not complete: no length it was told will be reached.
            self._log()
            self._release()
            self._reset()
            self.transport.abort()
            return
        self._release()
        self._answer(status, b"Content-Type: text/html\r\n", error_page(status))

    def refused(self, status: int) -> None:
        """Count a request that was refused."""
        self.balancer.counters.answered(status)

    def _forward(self, request: Request, action: Forward) -> None:
        balancer = self.balancer
        group = self._group(request, action)
        if group is None:
            self.fail(503)
            return
        self.group = group
        sticky = group.spec.stickiness
        known = stickiness.target_of(request, group, balancer.cookie_key) if sticky else None
        target = group.pick(known)
        if target is None:
            self.fail(503)
            return
        try:
            self.head, self.trace = request_head(
                request,
                (self.peer, self.peer_port),
                self.listener.forwarded_lines,
                balancer.options,
            )
        except TooManyAddressesError:
            self.fail(463)
            return
        self.replayable = request.complete and request.method in _IDEMPOTENT
        target.group.counters.requests += 1
        self._send(request, target)

    def _group(self, request: Request, action: Forward) -> Group | None:
        """Return the target group whose turn it is, or the one the client stays with."""
        balancer = self.balancer
        if action.stickiness:
            group, cookie = stickiness.group_of(
                request, action, balancer.groups, balancer.cookie_key
            )
            self.cookies += cookie
            return group
        arn = action.choose()
        return balancer.groups[arn] if arn is not None else None

    # -- towards the target

    def _send(self, request: Request, target: Target) -> None:
        self.target = target
        target.inflight += 1
        connection = target.take(self.last_activity)
        if connection is not None:
            self._begin(request, connection)
        else:
            if not request.complete:
                self.pause_reading()
            self.connecting = self.loop.create_task(self._connect(request, target))

    async def _connect(self, request: Request, target: Target) -> None:
        host, port = target.spec.host, target.spec.port
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await self.loop.create_connection(
                    lambda: UpstreamConnection(self.loop, target),
                    host,
                    port,
                    ssl=self.balancer.upstream_tls
                    if target.group.spec.protocol == "HTTPS"
                    else None,
                )
        except TimeoutError:
            self.connecting = None
            target.group.counters.connection_errors += 1
            self.fail(504)
            return
        except OSError:
            self.connecting = None
            self._unreachable(request, target)
            return
        self.connecting = None
        target.busy.add(connection)
        self.resume_reading()
        self._begin(request, connection)

    def _unreachable(self, request: Request, target: Target) -> None:
        """Try another target: nothing of the request was sent."""
        target.group.counters.connection_errors += 1
        target.inflight -= 1
        self.target = None
        self.tried += (target,)
        other = target.group.pick(tried=self.tried)
        if other is None:
            self.fail(502)
        else:
            self._send(request, other)

    def _begin(self, request: Request, connection: UpstreamConnection) -> None:
        self.upstream = connection
        data = self.head
        if request.backlog and not request.upgrade:
            pieces = [self._framed(request, piece) for piece in request.backlog]
            data = b"".join((data, *pieces))
            request.backlog.clear()
        if request.complete and request.chunked:
            data += b"0\r\n\r\n"
        self.sent_at = self.loop.time()
        connection.begin(self, data, bodyless=request.method == b"HEAD")

    @staticmethod
    def _framed(request: Request, data: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(data), data) if request.chunked else data

    def body_received(self, data: bytes) -> None:
        """Pass a piece of the body on to the target."""
        request = self.current
        if request is None:
            return
        if self.upstream is not None:
            self.upstream.transport.write(self._framed(request, data))
        elif self.connecting is not None:
            request.backlog.append(data)
            request.backlog_size += len(data)

    def body_ended(self) -> None:
        """Tell the target that the body is complete."""
        request = self.current
        if request is not None and request.chunked and self.upstream is not None:
            self.upstream.transport.write(b"0\r\n\r\n")

    # -- from the target (the Exchange protocol)

    def response_begun(self, status: int, reason: bytes, lines: list[tuple[bytes, bytes]]) -> bool:
        """Begin the answer to the client; return whether its length is known by itself."""
        request, group = self.current, self.group
        if request is None or group is None or status == 100:
            return False
        if status < 200:
            return self._interim(request, status, reason, lines)
        self.target_seconds = self.loop.time() - self.sent_at
        group.counters.responded(status, self.target_seconds)
        self.status = status
        kinds = headers.RESPONSE
        set_sticky = group.spec.stickiness == "lb_cookie"
        parts = [b"HTTP/1.1 %d %b\r\n" % (status, reason)]
        framed = chunked = False
        for name, value in lines:
            kind = kinds[name]
            if kind in _KEPT_ANSWER:
                parts += (name, b": ", value, b"\r\n")
            elif kind == Kind.LENGTH:
                framed = True
                parts += (name, b": ", value, b"\r\n")
            elif kind == Kind.ENCODING:
                framed = chunked = True
            elif kind == Kind.SET_COOKIE:
                parts += (name, b": ", value, b"\r\n")
                set_sticky = set_sticky or stickiness.begins(group, value)
        if set_sticky and self.target is not None:
            parts.append(stickiness.bind(group, self.target, self.balancer.cookie_key))
        bodyless = request.method == b"HEAD" or status in (204, 304)
        parts += (
            self.cookies,
            self.listener.extra_head,
            self._framing(request, framed=framed, chunked=chunked, bodyless=bodyless),
        )
        self.response_begun_flag = True
        self.outgoing += parts
        return framed or bodyless

    def _framing(self, request: Request, *, framed: bool, chunked: bool, bodyless: bool) -> bytes:
        """Return the end of an answer's head: how the client sees where the body ends."""
        modern = request.version == "1.1"
        unframed = not bodyless and (chunked or not framed)
        self.chunk_response = unframed and modern
        encoding = self.chunk_response or (chunked and bodyless)
        keep_alive = modern and request.keep_alive and not self.closing
        return (b"Transfer-Encoding: chunked\r\n" if encoding else b"") + (
            b"\r\n" if keep_alive else b"Connection: close\r\n\r\n"
        )

    def _interim(
        self, request: Request, status: int, reason: bytes, lines: list[tuple[bytes, bytes]]
    ) -> bool:
        """Pass on an interim answer, such as 103 or the 101 that opens a tunnel."""
        if request.version == "1.1" and (status != 101 or request.upgrade):
            head = b"".join(b"%b: %b\r\n" % line for line in lines)
            self.outgoing.append(b"HTTP/1.1 %d %b\r\n%b\r\n" % (status, reason, head))
        return False

    def response_body(self, data: bytes) -> None:
        """Pass a piece of the answer's body on."""
        if self.chunk_response:
            self.outgoing += (b"%x\r\n" % len(data), data, b"\r\n")
        else:
            self.outgoing.append(data)
        self.sent += len(data)

    def response_flush(self) -> None:
        """Write what has come so far in one piece."""
        if self.outgoing:
            self.transport.write(b"".join(self.outgoing))
            self.outgoing = []
        self.last_activity = self.loop.time()

    def response_ended(self, *, reusable: bool) -> None:
        """End the answer, give the connection back, and go on."""
        if self.chunk_response:
            self.transport.write(b"0\r\n\r\n")
        request = self.current
        upstream = self.upstream
        keep_alive = self.may_keep_alive()
        self._log()
        if self.target is not None:
            self.target.inflight -= 1
        if upstream is not None:
            if reusable and request is not None and request.complete:
                if upstream.rest():
                    upstream.target.idle.append(upstream)
            else:
                upstream.close()
            if self.target is not None and self.target.spec.draining:
                self.balancer.drained(self.target)
        self._reset()
        self.finished(keep_alive=keep_alive)

    def response_switched(self, rest: bytes) -> None:
        """Join the two connections byte by byte."""
        request = self.current
        upstream = self.upstream
        if request is None or upstream is None or not request.upgrade:
            self.fail(502)
            return
        self.tunnel = True
        self.status = 101
        self.response_flush()
        early = b"".join(request.backlog)
        request.backlog.clear()
        if rest:
            self.transport.write(rest)
        if early:
            upstream.transport.write(early)

    def response_failed(self, *, malformed: bool) -> None:
        """Repeat the request where that is safe, else say that the target failed."""
        upstream, target, request = self.upstream, self.target, self.current
        self.upstream = None
        if self.tunnel:
            self._release()
            self.close()
            return
        if (
            upstream is not None
            and target is not None
            and request is not None
            and upstream.used
            and not malformed
            and self.status == 0
            and self.replayable
        ):
            # A kept connection that the target closed just then: it never saw the request.
            target.inflight -= 1
            other = target.group.pick() or target
            self._send(request, other)
            return
        if target is not None and not malformed:
            target.group.counters.connection_errors += 1
        self.fail(502)

    # -- tunnels and slow readers

    def tunnel_received(self, data: bytes) -> None:
        """Pass on bytes of the client."""
        if self.upstream is not None and not self.upstream.is_closing():
            self.upstream.transport.write(data)

    def tunnel_answered(self, data: bytes) -> None:
        """Pass on bytes of the target."""
        self.last_activity = self.loop.time()
        if not self.transport.is_closing():
            self.transport.write(data)

    def upstream_paused(self) -> None:
        """The target reads too slowly: take no more from the client."""
        self.pause_reading()

    def upstream_resumed(self) -> None:
        """The target keeps up again."""
        if not self.waiting:
            self.resume_reading()

    def pause_writing(self) -> None:
        """The client reads too slowly: take no more from the target."""
        if self.upstream is not None:
            self.upstream.pause_reading()

    def resume_writing(self) -> None:
        """The client keeps up again."""
        if self.upstream is not None:
            self.upstream.resume_reading()

    # -- the end

    def abandoned(self) -> None:
        """Drop what is under way for a client that has gone."""
        if self.current is not None and self.target is not None and not self.tunnel:
            self.balancer.counters.answered(460)
            self.status = self.status or 460
            self._log()
        self._release()
        self._reset()
        self.current = None

    def _release(self) -> None:
        """Let go of the target: what it still sends would have no reader."""
        if self.connecting is not None:
            if self.connecting is not asyncio.current_task():
                self.connecting.cancel()
            self.connecting = None
        upstream, target = self.upstream, self.target
        self.upstream = self.target = None
        if upstream is not None:
            upstream.exchange = None
            upstream.abort()
        if target is not None:
            target.inflight -= 1
            if target.spec.draining:
                self.balancer.drained(target)

    def check_time(self, now: float) -> None:
        """End what takes too long; called about once a second."""
        options = self.balancer.options
        silent = now - self.last_activity
        request = self.current
        if self.tunnel:
            if silent > options.idle_timeout:
                self._release()
                self.close()
        elif request is None:
            if self.in_head and now - self.head_started > options.idle_timeout:
                self.refuse(408)
            elif not self.in_head and silent > options.client_keep_alive:
                self.close()
        elif silent > options.idle_timeout:
            if not request.complete and not self.reading_paused:
                self.fail(408)
            else:
                self.fail(504)

    def _log(self) -> None:
        """Report the request for the access log."""
        if self.balancer.options.access_log and self.current is not None:
            self.balancer.log(self._log_entry(self.current))

    def _log_entry(self, request: Request) -> dict[str, Any]:
        target = self.target
        rule = self.rule
        agent = request.header(b"user-agent") or b"-"
        return {
            "time": time.time(),
            "type": ("wss" if self.scheme == "https" else "ws") if self.tunnel else self.scheme,
            "client": f"{self.peer.decode()}:{self.peer_port}",
            "target": target.address if target else "-",
            "request_seconds": max(self.sent_at - request.arrived, 0.0) if target else -1,
            "target_seconds": self.target_seconds if target else -1,
            "response_seconds": max(self.loop.time() - self.sent_at - self.target_seconds, 0.0)
            if target
            else -1,
            "status": self.status,
            "target_status": self.status if self.response_begun_flag else "-",
            "received": request.received + sum(len(n) + len(v) for n, v in request.headers),
            "sent": self.sent,
            "request": f"{request.method.decode()} {self.scheme}://"
            f"{request.host.decode('latin-1')}{request.raw_url.decode('latin-1')} "
            f"HTTP/{request.version}",
            "agent": agent.decode("latin-1"),
            "group": self.group.spec.arn if self.group else "-",
            "trace": self.trace.decode("latin-1") or "-",
            "priority": rule.priority if rule else "-",
            "action": "forward" if self.group else "fixed-response",
        }
