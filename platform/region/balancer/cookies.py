"""Stickiness cookies: opaque, signed names of what a client stays with.

A value is an issue time (4 bytes), the digest of a name (8) and a keyed mark (8) in URL-safe
base64. A cookie that was not made with our key, or that has expired, names nothing.
"""

import base64
import hashlib
import struct
from email.utils import formatdate

TARGET_COOKIE = b"AWSALB"
GROUP_COOKIE = b"AWSALBTG"
APPLICATION_COOKIE = b"AWSALBAPP-0"
_VALUE_BYTES = 20


def digest(name: str) -> bytes:
    """Return the eight bytes that stand for a name inside a cookie."""
    return hashlib.blake2b(name.encode(), digest_size=8).digest()


def _mark(key: bytes, content: bytes) -> bytes:
    return hashlib.blake2b(content, key=key, digest_size=8).digest()


def seal(key: bytes, name_digest: bytes, now: float) -> bytes:
    """Return the cookie value for a name, issued now (seconds since the epoch)."""
    content = struct.pack(">I", int(now)) + name_digest
    return base64.urlsafe_b64encode(content + _mark(key, content))


def unseal(key: bytes, value: bytes, lifetime: float, now: float) -> bytes | None:
    """Return the digest in a cookie value; None if it is forged, mangled or expired."""
    try:
        raw = base64.urlsafe_b64decode(value + b"=" * (-len(value) % 4))
    except ValueError:
        return None
    if len(raw) != _VALUE_BYTES or _mark(key, raw[:12]) != raw[12:]:
        return None
    issued = struct.unpack(">I", raw[:4])[0]
    return raw[4:12] if issued + lifetime >= now else None


def find(header: bytes, name: bytes) -> bytes | None:
    """Return the value of one cookie of a `Cookie` header."""
    for pair in header.split(b";"):
        key, _, value = pair.strip().partition(b"=")
        if key == name:
            return value
    return None


def set_cookie(name: bytes, value: bytes, lifetime: int, now: float) -> bytes:
    """Return the `Set-Cookie` lines for a cookie and for its cross-origin twin, as ALB sends."""
    expires = formatdate(now + lifetime, usegmt=True).encode()
    pair = b"%b=%b; Expires=%b; Path=/" % (name, value, expires)
    twin = b"%bCORS=%b; Expires=%b; Path=/; SameSite=None; Secure" % (name, value, expires)
    return b"Set-Cookie: %b\r\nSet-Cookie: %b\r\n" % (pair, twin)
