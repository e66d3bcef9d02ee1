"""A viewer's connection: every request becomes a task that answers from cache or origin."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Protocol

import httpx

from platformctl.region.balancer.edge import answers
from platformctl.region.balancer.edge.answers import Headers
from platformctl.region.balancer.edge.cache import MAXIMUM_OBJECT, Cache, Stored, lifetime
from platformctl.region.balancer.edge.configuration import Behavior, Distribution, ErrorPage
from platformctl.region.balancer.routing import host_name, wildcard
from platformctl.region.balancer.server import REASONS, Request, ServerConnection

_VIA = "1.1 local.cloudfront.net (CloudFront)"
_BODY_PIECES = 16


class Site(Protocol):
    """What connections need of their distribution; `edge.Site` is it."""

    distribution: Distribution
    cache: Cache
    connections: set[ServerConnection]

    def ask(
        self,
        request: Request,
        behavior: Behavior,
        method: str,
        path: str,
        extra: Mapping[str, str],
        body: AsyncIterator[bytes] | None,
    ) -> AbstractAsyncContextManager[httpx.Response]:
        """Send a request to a behaviour's origin; enter the result to get the answer."""
        ...


class EdgeConnection(ServerConnection):
    """A viewer of one distribution."""

    def __init__(self, site: Site) -> None:
        super().__init__(asyncio.get_running_loop(), site.connections)
        self.site = site
        self.task: asyncio.Task[None] | None = None
        self.pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.writable = asyncio.Event()
        self.writable.set()

    # -- what the server asks for

    def handle(self, request: Request) -> None:
        """Begin to answer a request."""
        # One protocol only: a viewer that would switch is answered over HTTP.
        request.upgrade = b""
        self.pieces = asyncio.Queue()
        for piece in request.backlog:
            self.pieces.put_nowait(piece)
        request.backlog.clear()
        if request.complete:
            self.pieces.put_nowait(None)
        self.task = self.loop.create_task(self._serve(request))

    def body_received(self, data: bytes) -> None:
        """Take a piece of the body; too many waiting stop the viewer."""
        self.pieces.put_nowait(data)
        if self.pieces.qsize() > _BODY_PIECES:
            self.pause_reading()

    def body_ended(self) -> None:
        """Note that the body is complete."""
        self.pieces.put_nowait(None)

    def tunnel_received(self, data: bytes) -> None:
        """Never called: no request is upgraded."""

    def abandoned(self) -> None:
        """Stop asking the origin for a viewer that has gone."""
        self.writable.set()
        if self.task is not None:
            self.task.cancel()
            self.task = None

    def pause_writing(self) -> None:
        """The viewer reads too slowly."""
        self.writable.clear()

    def resume_writing(self) -> None:
        """The viewer keeps up again."""
        self.writable.set()

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the request's body as it arrives."""
        while (piece := await self.pieces.get()) is not None:
            yield piece
            if self.pieces.qsize() <= _BODY_PIECES // 2 and not self.waiting:
                self.resume_reading()

    # -- answering

    async def _serve(self, request: Request) -> None:
        distribution = self.site.distribution
        path = request.raw_url.decode("latin-1")
        behavior = behavior_for(distribution, path.partition("?")[0])
        refusal = self._refusal(request, distribution, behavior)
        if refusal is not None:
            self._send(request, behavior, *refusal, "Error from cloudfront")
            return
        if path.partition("?")[0] == "/" and distribution.root:
            path = path.replace("/", f"/{distribution.root}", 1)
            behavior = behavior_for(distribution, path.partition("?")[0])
        try:
            await self._answer(request, behavior, path)
        except httpx.TimeoutException:
            self._failed(request, behavior, 504)
        except httpx.HTTPError:
            self._failed(request, behavior, 502)

    def _failed(self, request: Request, behavior: Behavior, status: int) -> None:
        if self.transport.is_closing() or self.current is not request:
            return
        body = f"The origin could not be reached ({status} {REASONS[status]}).".encode()
        self._send(
            request,
            behavior,
            status,
            [("Content-Type", "text/plain")],
            body,
            "Error from cloudfront",
        )

    def _refusal(
        self, request: Request, distribution: Distribution, behavior: Behavior
    ) -> tuple[int, Headers, bytes] | None:
        """Return the answer to a request that goes to no origin."""
        name = host_name(request.host)
        # Loopback is not a network: only a viewer who came by another name has to use HTTPS.
        if behavior.viewer_protocol != "allow-all" and name not in (distribution.host, "localhost"):
            if behavior.viewer_protocol == "https-only":
                return 403, [("Content-Type", "text/plain")], b"HTTPS only"
            url = f"https://{name}{request.raw_url.decode('latin-1')}"
            return 301, [("Location", url)], b""
        if request.method.decode() not in behavior.methods:
            text = f"This distribution is not configured to allow {request.method.decode()} here."
            return 403, [("Content-Type", "text/plain")], text.encode()
        return None

    async def _answer(self, request: Request, behavior: Behavior, path: str) -> None:
        method = request.method.decode()
        cacheable = method in behavior.cached_methods and behavior.maximum_ttl > 0
        if not cacheable:
            await self._pass_through(request, behavior, path)
            return
        stored, outcome = await self._fetch(request, behavior, path)
        if stored is None:
            await self._pass_through(request, behavior, path)
            return
        page = self.site.distribution.errors.get(stored.status)
        if page is not None:
            stored = await self._error_page(request, page, stored)
            outcome = "Error from cloudfront"
        self._send_stored(request, behavior, stored, outcome)

    async def _error_page(self, request: Request, page: ErrorPage, stored: Stored) -> Stored:
        """Return the page that stands for an origin's error."""
        if not page.path:
            return replace(stored, status=page.answer or stored.status)
        behavior = behavior_for(self.site.distribution, page.path)
        found, _ = await self._fetch(request, behavior, page.path)
        if found is None or found.status != 200:
            return stored  # as CloudFront: a page that cannot be had leaves the error itself
        return replace(found, status=page.answer or stored.status)

    async def _fetch(
        self, request: Request, behavior: Behavior, path: str
    ) -> tuple[Stored | None, str]:
        """Return an answer from cache or origin; None when it is too large to keep."""
        key = cache_key(request, behavior, path)
        now = self.loop.time()
        present = self.site.cache.get(key)
        if present is not None and present.expires > now:
            return present, "Hit from cloudfront"
        tag = present.header("etag") if present is not None else None
        extra = {"if-none-match": tag} if tag else {}
        async with self.site.ask(request, behavior, "GET", path, extra, None) as answer:
            control = answer.headers.get("cache-control")
            limits = (behavior.minimum_ttl, behavior.default_ttl, behavior.maximum_ttl)
            if answer.status_code == 304 and present is not None:
                stored = replace(present, stored=now, expires=now + lifetime(control, *limits))
                self.site.cache.put(key, stored)
                return stored, "RefreshHit from cloudfront"
            if int(answer.headers.get("content-length", 0)) > MAXIMUM_OBJECT:
                return None, ""
            body = bytearray()
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > MAXIMUM_OBJECT:
                    return None, ""
            headers = tuple(
                (name, value)
                for name, value in answers.end_to_end(answer.headers.multi_items())
                if name.lower() not in ("content-length", "date")
            )
            kept = lifetime(control, *limits)
            status = self._seen_status(behavior, answer.status_code)
            if status >= 400:
                page = self.site.distribution.errors.get(status)
                kept = page.ttl if page is not None else 10.0
            stored = Stored(status, headers, bytes(body), now, now + kept)
        if kept > 0 and answer.status_code != 206:
            self.site.cache.put(key, stored)
        return stored, "Miss from cloudfront"

    def _seen_status(self, behavior: Behavior, status: int) -> int:
        """S3 answers 403 for a missing key to who may not list the bucket, as an OAC may not."""
        signed = self.site.distribution.origins[behavior.origin].signed
        return 403 if signed and status == 404 else status

    def _send_stored(
        self, request: Request, behavior: Behavior, stored: Stored, outcome: str
    ) -> None:
        headers, body = list(stored.headers), stored.body
        status = stored.status
        accepted = (request.header(b"accept-encoding") or b"").decode("latin-1")
        if behavior.compress and answers.accepts_gzip(accepted) and status == 200:
            headers, body = answers.compressed(headers, body)
        condition = (request.header(b"if-none-match") or b"").decode("latin-1")
        if status == 200 and answers.matches_tag(condition, answers.value_of(headers, "etag")):
            status, body = 304, b""
        if outcome.startswith("Hit"):
            headers.append(("Age", str(int(self.loop.time() - stored.stored))))
        self._send(request, behavior, status, headers, body, outcome)

    def _send(
        self,
        request: Request,
        behavior: Behavior,
        status: int,
        headers: Headers,
        body: bytes,
        outcome: str,
    ) -> None:
        keep_alive = self.may_keep_alive()
        kept = answers.without(headers, "content-length")
        length = [] if status == 304 else [("Content-Length", str(len(body)))]
        head = self._head(behavior, status, [*kept, *length], outcome, keep_alive=keep_alive)
        self.transport.write(head if request.method == b"HEAD" else head + body)
        self.task = None
        self.finished(keep_alive=keep_alive)

    def _head(
        self, behavior: Behavior, status: int, headers: Headers, outcome: str, *, keep_alive: bool
    ) -> bytes:
        lines = answers.with_policy(headers, behavior.set_headers, behavior.remove_headers)
        lines += [("Via", _VIA), ("X-Cache", outcome), ("X-Amz-Cf-Id", uuid.uuid4().hex)]
        if not keep_alive:
            lines.append(("Connection", "close"))
        text = "".join(f"{name}: {value}\r\n" for name, value in lines)
        return f"HTTP/1.1 {status} {REASONS.get(status, '')}\r\n{text}\r\n".encode("latin-1")

    async def _pass_through(self, request: Request, behavior: Behavior, path: str) -> None:
        """Stream a request to the origin and its answer back, without keeping either."""
        method = request.method.decode()
        body = self.body() if request.chunked or request.length else None
        async with self.site.ask(request, behavior, method, path, {}, body) as answer:
            page = self.site.distribution.errors.get(answer.status_code)
            if page is not None and page.path and method in ("GET", "HEAD"):
                present = Stored(answer.status_code, (), await answer.aread(), 0.0, 0.0)
                shown = await self._error_page(request, page, present)
                self._send_stored(request, behavior, shown, "Error from cloudfront")
                return
            headers = answers.end_to_end(answer.headers.multi_items())
            framed = answers.value_of(headers, "content-length") is not None
            bodyless = method == "HEAD" or answer.status_code in (204, 304)
            chunked = not framed and not bodyless and request.version == "1.1"
            keep_alive = self.may_keep_alive() and (framed or bodyless or chunked)
            if chunked:
                headers.append(("Transfer-Encoding", "chunked"))
            outcome = "Error" if answer.status_code >= 400 else "Miss"
            head = self._head(
                behavior,
                answer.status_code,
                headers,
                f"{outcome} from cloudfront",
                keep_alive=keep_alive,
            )
            self.transport.write(head)
            try:
                await self._stream(answer, chunked=chunked)
            except httpx.HTTPError:
                # The head is out: only a broken connection can still say that it is not whole.
                self.transport.abort()
                return
            self.task = None
            self.finished(keep_alive=keep_alive)

    async def _stream(self, answer: httpx.Response, *, chunked: bool) -> None:
        async for piece in answer.aiter_raw():
            if not piece:
                continue
            self.transport.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            self.last_activity = self.loop.time()
            await self.writable.wait()
        if chunked:
            self.transport.write(b"0\r\n\r\n")


def behavior_for(distribution: Distribution, path: str) -> Behavior:
    """Return the first behaviour whose pattern matches a path; the default one always does."""
    for behavior in distribution.behaviors[:-1]:
        pattern = (
            behavior.pattern if behavior.pattern.startswith(("/", "*")) else f"/{behavior.pattern}"
        )
        if wildcard([pattern], ignore_case=False).fullmatch(path):
            return behavior
    return distribution.behaviors[-1]


def cache_key(request: Request, behavior: Behavior, path: str) -> tuple[str, ...]:
    """Return what tells cached answers apart."""
    bare, _, query = path.partition("?")
    if behavior.key_queries == "all":
        parts = query
    elif behavior.key_queries == "none":
        parts = ""
    else:
        wanted = behavior.key_queries.split(",")
        parts = "&".join(part for part in query.split("&") if part.partition("=")[0] in wanted)
    values = [
        (request.header(name.encode()) or b"").decode("latin-1") for name in behavior.key_headers
    ]
    return (bare, parts, *values)
