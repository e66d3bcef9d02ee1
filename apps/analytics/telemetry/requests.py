"""What happens around every request: correlation id, duration, log record."""

import re
import time
import uuid
from collections.abc import Mapping

import structlog
from prometheus_client import Counter, Gauge, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CORRELATION_HEADER = "X-Correlation-Id"
RELEASE_HEADER = "X-Release"
TRACE_HEADER = "X-Amzn-Trace-Id"

REQUESTS = Counter("http_requests_total", "Requests answered.", ["method", "route", "status"])
DURATION = Histogram(
    "http_request_duration_seconds",
    "Time to answer a request.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
IN_FLIGHT = Gauge("http_requests_in_flight", "Requests that are being answered.")

_ACCEPTABLE = re.compile(r"[\w.:/=;-]{1,128}", re.ASCII)
_PROBES = frozenset({"/health", "/ready", "/metrics", "/version"})

log = structlog.get_logger()


def correlation_id(headers: Mapping[str, str]) -> str:
    """Return the id the caller or the load balancer gave this request, else a new one."""
    for name in (CORRELATION_HEADER, TRACE_HEADER):
        given = headers.get(name, "")
        if _ACCEPTABLE.fullmatch(given):
            return given
    return uuid.uuid4().hex


class Requests:
    """ASGI middleware that gives every request an id, measures it and writes it to the log.

    Answers below 400 are written at level debug only: at thousands of requests a second the log
    would cost more than the work. The handler finds the id in `scope["state"]["correlation_id"]`.

    Args:
        app: What answers the requests.
        release: What every answer tells as the release that made it; "" tells nothing.
    """

    def __init__(self, app: ASGIApp, release: str = "") -> None:
        self._app = app
        self._release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand on whatever else the server says."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation = correlation_id(Headers(scope=scope))
        scope.setdefault("state", {})["correlation_id"] = correlation
        structlog.contextvars.bind_contextvars(correlationId=correlation)
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[CORRELATION_HEADER] = correlation
                if self._release:
                    headers[RELEASE_HEADER] = self._release
            await send(message)

        started = time.perf_counter()
        IN_FLIGHT.inc()
        try:
            await self._app(scope, receive, answer)
        finally:
            IN_FLIGHT.dec()
            _record(scope, status, time.perf_counter() - started)
            structlog.contextvars.unbind_contextvars("correlationId")


def _record(scope: Scope, status: int, seconds: float) -> None:
    if scope["path"] in _PROBES:
        return
    route = getattr(scope.get("route"), "path", "unknown")
    REQUESTS.labels(scope["method"], route, status).inc()
    DURATION.labels(scope["method"], route).observe(seconds)
    write = log.debug if status < 400 else log.warning if status < 500 else log.error
    write(
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        milliseconds=round(seconds * 1000, 2),
    )
