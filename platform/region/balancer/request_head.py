"""The head of a request as a target gets it: what the client sent, and what the balancer adds."""

from platformctl.region.balancer import headers
from platformctl.region.balancer.configuration import Options
from platformctl.region.balancer.headers import Kind
from platformctl.region.balancer.server import Request

ADDRESSES_LIMIT = 30
"""Most addresses in `X-Forwarded-For`; with more a request gets 463 (ELB, Troubleshooting)."""
_KEPT = (Kind.KEEP, Kind.COOKIE, Kind.LENGTH)


class TooManyAddressesError(Exception):
    """A request has come through more proxies than the load balancer accepts."""


def request_head(
    request: Request, client: tuple[bytes, int], lines: bytes, options: Options
) -> tuple[bytes, bytes]:
    """Return the head that is sent to the target, and the trace that it carries.

    Args:
        request: The client's request.
        client: The client's address and port.
        lines: Lines that are the same for every request of a listener.
        options: The load balancer's attributes.

    Raises:
        TooManyAddressesError: `X-Forwarded-For` would name too many.
    """
    kinds = headers.REQUEST
    forwarded = b""
    trace: bytes | None = None
    parts = [
        request.method,
        b" ",
        request.raw_url,
        b" HTTP/1.1\r\nHost: ",
        request.host,
        b"\r\n",
    ]
    for name, value in request.headers:
        kind = kinds[name]
        if kind in _KEPT or (kind == Kind.INVALID and not options.drop_invalid_headers):
            parts += (name, b": ", value, b"\r\n")
        elif kind == Kind.FORWARDED_FOR:
            forwarded = forwarded + b", " + value if forwarded else value
        elif kind == Kind.TRACE:
            trace = value
        elif kind == Kind.CONNECTION and (named := headers.named_by_connection(value)):
            request.headers = headers.without(request.headers, named)
            return request_head(request, client, lines, options)
    own = headers.trace_id(trace)
    parts += (_forwarded_for(forwarded, client, options), lines, own, b"\r\n")
    if request.upgrade:
        parts.append(b"Upgrade: websocket\r\nConnection: Upgrade\r\n")
    parts.append(b"Transfer-Encoding: chunked\r\n\r\n" if request.chunked else b"\r\n")
    return b"".join(parts), own


def _forwarded_for(present: bytes, client: tuple[bytes, int], options: Options) -> bytes:
    """Return the X-Forwarded-For line; empty where there is none."""
    address = present
    if options.forwarded_mode == "append":
        address = b"%b:%d" % client if options.forwarded_port else client[0]
        if present:
            if present.count(b",") + 2 > ADDRESSES_LIMIT:
                raise TooManyAddressesError
            address = present + b", " + address
    elif options.forwarded_mode == "remove":
        address = b""
    return b"X-Forwarded-For: %b\r\n" % address if address else b""
