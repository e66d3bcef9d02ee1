"""The beginning of a Kafka connection that signs in with an access token.

Answers what clients send before they are let in: which versions there are, the SASL handshake, and
the token itself. Everything after that is between client and broker.

Source: Apache Kafka, "Kafka protocol guide"; RFC 7628 for the token's message.
"""

import asyncio
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from platformctl.region.servers.front.tokens import Signer

API_VERSIONS = 18
SASL_HANDSHAKE = 17
SASL_AUTHENTICATE = 36
MECHANISM = "OAUTHBEARER"
LONGEST_FRAME = 64 * 1024
"""What comes before the sign-in is short; anything longer is no Kafka."""
_OWN_VERSIONS = {SASL_HANDSHAKE: (0, 1), SASL_AUTHENTICATE: (0, 1)}
_FLEXIBLE = 3
"""First version of ApiVersions in the compact encoding, and the last one that is answered."""
_UNSUPPORTED_VERSION = 35
_UNSUPPORTED_MECHANISM = 33
_ILLEGAL_STATE = 34
_NOT_AUTHENTICATED = 58
_OWN_REQUEST = struct.pack("!hhih", API_VERSIONS, 0, 0, -1)

Versions = Mapping[int, tuple[int, int]]
"""API key → lowest and highest version."""


def take_frame(data: bytearray) -> bytes | None:
    """Take one request off the front of what has come in; None while it is not complete.

    Raises:
        ValueError: This is not Kafka.
    """
    if len(data) < 4:
        return None
    (length,) = struct.unpack_from("!i", data)
    if not 8 <= length <= LONGEST_FRAME:
        raise ValueError("not a Kafka request")
    if len(data) < 4 + length:
        return None
    frame = bytes(data[4 : 4 + length])
    del data[: 4 + length]
    return frame


async def broker_versions(host: str, port: int) -> Versions:
    """Ask a broker which versions of which requests it knows.

    Raises:
        OSError: It does not answer.
    """
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(_framed(_OWN_REQUEST))
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        answer = await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        raise ConnectionError(f"the broker at {host}:{port} hung up") from error
    finally:
        writer.close()
    (count,) = struct.unpack_from("!i", answer, 6)
    rows = (struct.unpack_from("!hhh", answer, 10 + 6 * number) for number in range(count))
    return {key: (lowest, highest) for key, lowest, highest in rows}


@dataclass
class SignIn:
    """One client's way in.

    Attributes:
        signer: Whose tokens are accepted.
        versions: What the broker behind knows.
        done: The client is in.
        refused: The client is to be disconnected.
    """

    signer: Signer
    versions: Versions
    done: bool = False
    refused: bool = False
    _agreed: bool = field(default=False, repr=False)

    def answer(self, frame: bytes) -> bytes:
        """Return the answer to one request.

        Raises:
            ValueError: It is none that may come before signing in.
        """
        key, version, correlation = struct.unpack_from("!hhi", frame)
        try:
            body = self._body(key, version, frame)
        except struct.error as error:
            raise ValueError("the request is cut short") from error
        return _framed(struct.pack("!i", correlation) + body)

    def _body(self, key: int, version: int, frame: bytes) -> bytes:
        if key == API_VERSIONS:
            return self._versions(version)
        if key == SASL_HANDSHAKE:
            return self._handshake(_after_header(frame))
        if key == SASL_AUTHENTICATE:
            return self._authenticate(version, _after_header(frame))
        raise ValueError(f"request {key} before signing in")

    def _versions(self, version: int) -> bytes:
        known = {**self.versions, **_OWN_VERSIONS}
        rows = [struct.pack("!hhh", key, *span) for key, span in sorted(known.items())]
        if version > _FLEXIBLE:
            return struct.pack("!hi", _UNSUPPORTED_VERSION, len(rows)) + b"".join(rows)
        if version == _FLEXIBLE:
            compact = b"".join(row + b"\0" for row in rows)
            return b"\0\0" + _unsigned(len(rows) + 1) + compact + b"\0\0\0\0" + b"\0"
        throttle = b"\0\0\0\0" if version else b""
        return struct.pack("!hi", 0, len(rows)) + b"".join(rows) + throttle

    def _handshake(self, body: bytes) -> bytes:
        (length,) = struct.unpack_from("!h", body)
        self._agreed = body[2 : 2 + length] == MECHANISM.encode()
        error = 0 if self._agreed else _UNSUPPORTED_MECHANISM
        return struct.pack("!hi", error, 1) + _text(MECHANISM)

    def _authenticate(self, version: int, body: bytes) -> bytes:
        # A session lasts as long as the connection: 0 asks for no second sign-in.
        lifetime = struct.pack("!q", 0) if version else b""
        if not self._agreed:
            self.refused = True
            return (
                struct.pack("!h", _ILLEGAL_STATE)
                + _text("no mechanism agreed on")
                + _NOTHING
                + lifetime
            )
        try:
            self.signer.check(_token(body[4:]))
        except ValueError as error:
            self.refused = True
            reason = _text(f"Access denied: {error}")
            return struct.pack("!h", _NOT_AUTHENTICATED) + reason + _NOTHING + lifetime
        self.done = True
        return struct.pack("!hh", 0, -1) + _NOTHING + lifetime


_NOTHING = struct.pack("!i", 0)


def _after_header(frame: bytes) -> bytes:
    """Return the body of a request whose header ends with the client's name."""
    (length,) = struct.unpack_from("!h", frame, 8)
    return frame[10 + max(length, 0) :]


def _token(message: bytes) -> str:
    """Return the token of a client's first OAUTHBEARER message."""
    for pair in message.split(b"\x01"):
        if pair.startswith(b"auth=Bearer "):
            return pair.removeprefix(b"auth=Bearer ").decode("ascii", errors="replace")
    raise ValueError("there is no token")


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("!h", len(data)) + data


def _unsigned(number: int) -> bytes:
    """Return a number in the variable-length encoding of compact arrays."""
    data = bytearray()
    while number >= 0x80:
        data.append(number & 0x7F | 0x80)
        number >>= 7
    data.append(number)
    return bytes(data)


def _framed(data: bytes) -> bytes:
    return struct.pack("!i", len(data)) + data
