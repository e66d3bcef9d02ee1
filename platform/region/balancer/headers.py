"""Which headers a proxy passes on, and what it adds."""

import random
import re
import time
from enum import IntEnum


class Kind(IntEnum):
    """What the balancer does with a header of a request or an answer."""

    KEEP = 0
    DROP = 1
    HOST = 2
    COOKIE = 3
    FORWARDED_FOR = 4
    TRACE = 5
    CONNECTION = 6
    INVALID = 7
    LENGTH = 8
    ENCODING = 9
    UPGRADE = 10
    SET_COOKIE = 11


_REQUEST_KINDS = {
    b"host": Kind.HOST,
    b"cookie": Kind.COOKIE,
    b"x-forwarded-for": Kind.FORWARDED_FOR,
    b"x-forwarded-proto": Kind.DROP,
    b"x-forwarded-port": Kind.DROP,
    b"x-amzn-trace-id": Kind.TRACE,
    b"connection": Kind.CONNECTION,
    b"keep-alive": Kind.DROP,
    b"proxy-connection": Kind.DROP,
    b"proxy-authenticate": Kind.DROP,
    b"te": Kind.DROP,
    b"trailer": Kind.DROP,
    b"expect": Kind.DROP,
    b"upgrade": Kind.UPGRADE,
    b"content-length": Kind.LENGTH,
    b"transfer-encoding": Kind.ENCODING,
}
_RESPONSE_KINDS = {
    b"connection": Kind.CONNECTION,
    b"keep-alive": Kind.DROP,
    b"proxy-connection": Kind.DROP,
    b"trailer": Kind.DROP,
    b"upgrade": Kind.UPGRADE,
    b"content-length": Kind.LENGTH,
    b"transfer-encoding": Kind.ENCODING,
    b"set-cookie": Kind.SET_COOKIE,
}
_VALID_NAME = re.compile(rb"[-A-Za-z0-9]+")
_CACHE_LIMIT = 2048


class Classifier(dict[bytes, Kind]):
    """Header name as written → kind; remembers names, so a request costs one look-up per header."""

    def __init__(self, kinds: dict[bytes, Kind]) -> None:
        super().__init__()
        self._kinds = kinds

    def __missing__(self, name: bytes) -> Kind:
        kind = self._kinds.get(name.lower())
        if kind is None:
            kind = Kind.KEEP if _VALID_NAME.fullmatch(name) else Kind.INVALID
        if len(self) < _CACHE_LIMIT:
            self[name] = kind
        return kind


REQUEST = Classifier(_REQUEST_KINDS)
RESPONSE = Classifier(_RESPONSE_KINDS)


def named_by_connection(value: bytes) -> set[bytes]:
    """Return the headers that a `Connection` header makes hop-by-hop, in lower case."""
    names = {part.strip().lower() for part in value.split(b",")}
    return names - {b"close", b"keep-alive", b"upgrade", b""}


_FRAMING = frozenset({b"content-length", b"transfer-encoding", b"host"})


def without(lines: list[tuple[bytes, bytes]], named: set[bytes]) -> list[tuple[bytes, bytes]]:
    """Return a request's headers but those its Connection header named, and that header.

    What says where the body ends stays, whatever a client claims about it.
    """
    gone = (named - _FRAMING) | {b"connection"}
    return [line for line in lines if line[0].lower() not in gone]


def trace_id(present: bytes | None) -> bytes:
    """Return the `X-Amzn-Trace-Id` for a request: a new root, or `Self` beside a present one."""
    own = b"1-%08x-%024x" % (int(time.time()), random.getrandbits(96))
    if not present:
        return b"Root=" + own
    if b"root=" in present.lower():
        return b"Self=%b;%b" % (own, present)
    return b"Root=%b;%b" % (own, present)
