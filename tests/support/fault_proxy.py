"""A proxy before the region's endpoint that makes calls fail as AWS and networks make them fail.

    with fault_proxy(region.endpoint) as proxy:
        proxy.inject(Refuse(THROTTLED), "elbv2", "ModifyRule", times=3)
        proxy.inject(LoseReply(), "ecs", "UpdateService", times=1)
        operate(proxy.clients)          # or a command with AWS_ENDPOINT_URL=proxy.url

Before a cluster of EKS, which clients are told to be at the proxy:

    with cluster_proxy(proxy, "shop") as cluster:
        cluster.inject(Refuse(THROTTLED), "kubernetes", "PATCH services", times=3)

Services are named as botocore names them; an empty service or action stands for all. Rules are
asked in the order in which they were made, and the first that applies decides what happens.
"""

import base64
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit

from support.fault_rules import (
    BlackHole,
    Call,
    Delay,
    Effect,
    LoseReply,
    Refuse,
    Reply,
    Reset,
    Rewrite,
    Rule,
    Stale,
    read_call,
    refusal,
)

from platformctl.aws.clients import Clients, local_clients

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
FOR_EVER = 3600.0


class FaultProxy:
    """The proxy.

    Attributes:
        url: Where it listens.
        clients: boto3 clients (service, region) that go through it.
        calls: Every call that came in, in order.
    """

    def __init__(self, endpoint: str, authority: str = "") -> None:
        self.upstream = urlsplit(endpoint).netloc
        self.context = ssl.create_default_context(cadata=authority) if authority else None
        self.calls: list[Call] = []
        self.released = threading.Event()
        self._rules: list[Rule] = []
        self._replies: dict[tuple[Any, ...], Reply] = {}
        self._lock = threading.Lock()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.clients: Clients = local_clients(self.url)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def inject(  # the ways in which AWS fails are that many
        self,
        effect: Effect,
        service: str = "",
        action: str = "",
        *,
        times: int | None = None,
        share: float = 1.0,
        seconds: float | None = None,
        skip: int = 0,
        holds: Callable[[Call], bool] = lambda _: True,
    ) -> Rule:
        """Make calls fail from now on, and return the rule that counts them."""
        until = float("inf") if seconds is None else time.monotonic() + seconds
        with self._lock:
            known = dict(self._replies)
            rule = Rule(effect, service, action, skip, times, share, until, holds, known=known)
            self._rules.append(rule)
        return rule

    def remove(self, rule: Rule) -> None:
        """Let calls through that a rule made fail."""
        with self._lock:
            self._rules.remove(rule)

    def clear(self) -> None:
        """Let everything through, and what hangs in a black hole end."""
        with self._lock:
            self._rules.clear()
        self.released.set()
        self.released = threading.Event()

    def made(self, service: str, action: str) -> list[Call]:
        """Return the calls of one operation."""
        return [one for one in self.calls if (one.service, one.action) == (service, action)]

    def judged(self, call: Call) -> Rule | None:
        """Return the rule that applies to a call, and keep the call."""
        with self._lock:
            rule = next((one for one in self._rules if one.applies(call)), None)
            fault = type(rule.effect).__name__ if rule else ""
            self.calls.append(replace(call, fault=fault))
            return rule

    def remember(self, call: Call, reply: Reply) -> None:
        """Keep what a call was answered."""
        with self._lock:
            self._replies[call.key] = reply

    def close(self) -> None:
        """Stop listening."""
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep."""
        for request in list(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that left: that is what the faults are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
        pass

    def _serve(self) -> None:
        proxy = cast("_Server", self.server).proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = read_call(
            self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body
        )
        rule = proxy.judged(call)
        effect = rule.effect if rule else None
        released = proxy.released
        match effect:
            case Refuse(failure):
                self._answer(refusal(call, failure))
                return
            case Reset():
                self._reset()
                return
            case BlackHole():
                released.wait(FOR_EVER)
                self._reset()
                return
            case Delay(seconds):
                released.wait(seconds)
            case Stale() if rule and (old := rule.known.get(call.key)):
                self._answer(old)
                return
        reply = self._forward(body)
        proxy.remember(call, reply)
        if isinstance(effect, LoseReply):
            self._reset()
        elif isinstance(effect, Rewrite):
            self._answer(Reply(reply.status, reply.headers, effect.change(reply.body)))
        else:
            self._answer(reply)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve  # noqa: N815  # as http.server calls them

    def _forward(self, body: bytes) -> Reply:
        proxy = cast("_Server", self.server).proxy
        if proxy.context is None:
            connection = HTTPConnection(proxy.upstream, timeout=FOR_EVER)
        else:
            connection = HTTPSConnection(proxy.upstream, timeout=FOR_EVER, context=proxy.context)
        try:
            headers = {
                name: value for name, value in self.headers.items() if name.lower() != "host"
            }
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            return Reply(answer.status, tuple(answer.getheaders()), content)
        finally:
            connection.close()

    def _answer(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        length = str(len(reply.body))
        if self.command == "HEAD":
            length = dict(reply.headers).get("Content-Length", length)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _reset(self) -> None:
        """End the connection with a reset, not with an orderly close."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()


@contextmanager
def fault_proxy(endpoint: str) -> Iterator[FaultProxy]:
    """Run a proxy before an endpoint until the end of the block."""
    proxy = FaultProxy(endpoint)
    try:
        yield proxy
    finally:
        proxy.close()


@contextmanager
def cluster_proxy(proxy: FaultProxy, name: str) -> Iterator[FaultProxy]:
    """Run a proxy before the API of a cluster, where another proxy's clients are sent."""
    found = proxy.clients("eks", "us-east-1").describe_cluster(name=name)["cluster"]
    authority = base64.b64decode(found["certificateAuthority"]["data"]).decode()
    made = FaultProxy(found["endpoint"], authority)
    told = found["endpoint"].encode()
    proxy.inject(
        Rewrite(lambda body: body.replace(told, made.url.encode())), "eks", "DescribeCluster"
    )
    try:
        yield made
    finally:
        made.close()
