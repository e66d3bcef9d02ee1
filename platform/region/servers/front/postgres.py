"""The beginning of a PostgreSQL connection, as far as the front takes part in it.

Source: PostgreSQL documentation, "Message Flow" and "Message Formats" of the protocol 3.0.
"""

import struct

SSL_REQUEST = 80877103
GSS_REQUEST = 80877104
CANCEL_REQUEST = 80877102
YES = b"S"
NO = b"N"
LONGEST_STARTUP = 10_000
"""PostgreSQL itself takes no longer startup packet."""


def packet_length(data: bytes | bytearray) -> int:
    """Return the length of a packet without a type byte, 0 while it is not known yet.

    Raises:
        ValueError: This is no startup packet.
    """
    if len(data) < 4:
        return 0
    (length,) = struct.unpack_from("!I", data)
    if not 8 <= length <= LONGEST_STARTUP:
        raise ValueError("not a startup packet")
    return length


def packet_code(data: bytes | bytearray) -> int:
    """Return the request code or protocol version of a startup packet."""
    return struct.unpack_from("!I", data, 4)[0]


def startup_parameters(packet: bytes) -> dict[str, str]:
    """Return `user`, `database` and the rest of a startup message."""
    words = packet[8:].split(b"\0")
    pairs = zip(words[::2], words[1::2], strict=False)
    return {name.decode(errors="replace"): value.decode(errors="replace") for name, value in pairs}


def refusal(code: str, message: str) -> bytes:
    """Return an error message that ends a connection.

    Args:
        code: SQLSTATE, such as `28000`.
        message: What the client reads.
    """
    fields = {"S": "FATAL", "V": "FATAL", "C": code, "M": message}
    body = b"".join(f"{kind}{text}\0".encode() for kind, text in fields.items()) + b"\0"
    return b"E" + struct.pack("!I", len(body) + 4) + body


def unencrypted(packet: bytes, host: str) -> bytes:
    """Return what RDS answers a client that does not use TLS where it must."""
    said = startup_parameters(packet)
    user = said.get("user", "")
    database = said.get("database", user)
    return refusal(
        "28000",
        f'no pg_hba.conf entry for host "{host}", user "{user}", database "{database}", '
        "no encryption",
    )
