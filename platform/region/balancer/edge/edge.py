"""The edge: one listener per distribution, and the way to the origins."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx

from platformctl.region.balancer.control import Report
from platformctl.region.balancer.edge.answers import HOP_BY_HOP
from platformctl.region.balancer.edge.cache import Cache
from platformctl.region.balancer.edge.configuration import (
    Behavior,
    Distribution,
    EdgeConfiguration,
    Origin,
)
from platformctl.region.balancer.edge.connection import EdgeConnection
from platformctl.region.balancer.edge.signature import sign
from platformctl.region.balancer.server import Request, ServerConnection

_NEVER_FORWARDED = HOP_BY_HOP | {"expect", "content-length", "x-amz-cf-id", "via"}
_ALWAYS_FORWARDED = frozenset({"content-type", "range", "if-range"})
_CONNECT_SECONDS = 10.0
_SILENCE_SECONDS = 60.0


class Site:
    """One distribution, listening or saying why it cannot."""

    def __init__(self, edge: "Edge", distribution: Distribution) -> None:
        self.edge = edge
        self.distribution = distribution
        self.cache = Cache()
        self.connections: set[ServerConnection] = set()
        self.server: asyncio.Server | None = None
        self.error = ""
        self._invalidated = set(distribution.invalidations)

    async def apply(self, distribution: Distribution) -> None:
        """Take over a new configuration; the cache outlives everything but what is invalidated."""
        old = self.distribution
        self.distribution = distribution
        for batch, paths in distribution.invalidations.items():
            if batch not in self._invalidated:
                self._invalidated.add(batch)
                self.cache.invalidate(paths)
        if (old.behaviors, old.origins, old.errors) != (
            distribution.behaviors,
            distribution.origins,
            distribution.errors,
        ):
            self.cache = Cache()
        moved = (old.host, old.port) != (distribution.host, distribution.port)
        if moved or not distribution.enabled:
            self.close()
        if distribution.enabled and self.server is None:
            await self.listen()

    async def listen(self) -> None:
        """Open the port, or note why that is impossible."""
        if not self.distribution.enabled:
            return
        host, port = self.distribution.host, self.distribution.port
        loop = asyncio.get_running_loop()
        try:
            self.server = await loop.create_server(lambda: EdgeConnection(self), host, port)
            self.error = ""
        except OSError as error:
            self.error = f"cannot listen on {host}:{port}: {error.strerror or error}"

    def close(self) -> None:
        """Stop serving; requests under way finish."""
        if self.server is not None:
            self.server.close()
            self.server = None
        for connection in list(self.connections):
            if connection.current is None:
                connection.close()
            else:
                connection.closing = True

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
        origin = self.distribution.origins[behavior.origin]
        bare, _, query = path.partition("?")
        raw = origin.prefix + bare
        if query and origin.kind == "custom":
            raw += f"?{query}"
        headers = _forwarded(request, behavior, origin)
        if origin.signed:
            host = origin.url.partition("://")[2]
            keys = (self.edge.access_key, self.edge.secret_key)
            headers |= sign(method, host, raw, origin.region, *keys)
        headers |= {name.lower(): value for name, value in origin.headers.items()}
        headers |= extra
        if body is not None and request.length:
            headers["content-length"] = str(request.length)
        url = httpx.URL(origin.url).copy_with(raw_path=raw.encode("latin-1"))
        return self.edge.client.stream(
            method,
            url,
            headers=headers,
            content=body,
            timeout=httpx.Timeout(origin.timeout, connect=_CONNECT_SECONDS),
        )


def _forwarded(request: Request, behavior: Behavior, origin: Origin) -> dict[str, str]:
    """Return the viewer's headers that the origin gets to see."""
    named = behavior.forward.lower().split(",")
    everything = behavior.forward in ("all", "all-but-host")
    headers: dict[str, str] = {}
    for raw_name, value in request.headers:
        name = raw_name.decode("latin-1").lower()
        wanted = everything or name in named or name in _ALWAYS_FORWARDED
        wanted = wanted or name in behavior.key_headers
        if origin.kind == "s3":
            wanted = name in ("range", "if-range", "origin")
        if wanted and name not in _NEVER_FORWARDED and name != "host":
            text = value.decode("latin-1")
            headers[name] = f"{headers[name]}, {text}" if name in headers else text
    if origin.kind == "custom":
        peers = (request.header(b"x-forwarded-for") or b"").decode("latin-1")
        headers["x-forwarded-for"] = f"{peers}, 127.0.0.1" if peers else "127.0.0.1"
        headers["user-agent"] = headers.get("user-agent", "Amazon CloudFront")
    if behavior.forward == "all" and origin.kind == "custom":
        headers["host"] = request.host.decode("latin-1")
    elif origin.host:
        headers["host"] = origin.host
    return headers


class Edge:
    """Every distribution of the region."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.sites: dict[str, Site] = {}
        self.access_key = ""
        self.secret_key = ""
        limits = httpx.Limits(max_connections=512, keepalive_expiry=4.0)
        self.client = httpx.AsyncClient(
            limits=limits,
            trust_env=False,
            follow_redirects=False,
            verify=False,  # noqa: S501  # origins are loopback
        )
        self.client.headers.clear()
        self._ticker = asyncio.get_running_loop().create_task(self._tick())

    async def obey(self, document: Mapping[str, Any]) -> None:
        """Make a configuration true and acknowledge it."""
        wanted = EdgeConfiguration.read(document)
        self.access_key, self.secret_key = wanted.access_key, wanted.secret_key
        by_id = {item.id: item for item in wanted.distributions}
        for gone in [name for name in self.sites if name not in by_id]:
            self.sites.pop(gone).close()
        for name, distribution in by_id.items():
            site = self.sites.get(name)
            if site is None:
                site = self.sites[name] = Site(self, distribution)
                await site.listen()
            else:
                await site.apply(distribution)
        self.report(
            {
                "applied": wanted.revision,
                "listeners": {name: site.error for name, site in self.sites.items()},
            }
        )

    async def _tick(self) -> None:
        """Once a second: end connections that are silent for too long."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1.0)
            now = loop.time()
            for site in self.sites.values():
                for connection in list(site.connections):
                    if connection.in_head and now - connection.head_started > _SILENCE_SECONDS:
                        connection.refuse(408)
                    elif now - connection.last_activity > _SILENCE_SECONDS:
                        connection.close()

    async def close(self) -> None:
        """Stop serving."""
        self._ticker.cancel()
        for site in self.sites.values():
            site.close()
            for connection in list(site.connections):
                connection.transport.abort()
        await self.client.aclose()
