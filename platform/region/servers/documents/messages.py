"""Messages of MongoDB's wire protocol: OP_MSG, and OP_QUERY with which a driver says hello."""

import itertools
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON

HEADER = struct.Struct("<iiii")
OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
LONGEST = 48_000_000
"""Bytes that a message may have (`maxMessageSizeBytes`)."""
_CHECKSUM, _MORE_TO_COME = 1, 2
_REPLY_HEAD = struct.Struct("<iqii")
_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(document_class=dict)
_numbers = itertools.count(1)


class MessageError(ValueError):
    """Bytes that are no message of this protocol."""


@dataclass(frozen=True)
class Request:
    """One command.

    Attributes:
        number: Its number, which the answer names.
        body: The command with its arguments; lists of documents that travelled beside it too.
        legacy: It came as OP_QUERY and is answered so.
        silent: The client waits for no answer.
    """

    number: int
    body: dict[str, Any]
    legacy: bool = False
    silent: bool = False


def size_of(head: bytes) -> int:
    """Return how many bytes a message has, its header included.

    Raises:
        MessageError: It has too few or too many.
    """
    size = HEADER.unpack(head)[0]
    if not HEADER.size < size <= LONGEST:
        raise MessageError(f"a message of {size} bytes")
    return size


def read(head: bytes, rest: bytes) -> Request:
    """Return the command in a message.

    Raises:
        MessageError: It is none.
    """
    _, number, _, code = HEADER.unpack(head)
    try:
        if code == OP_MSG:
            return _read_message(number, rest)
        if code == OP_QUERY:
            return _read_query(number, rest)
    except (InvalidBSON, struct.error, ValueError, IndexError) as error:
        raise MessageError(str(error)) from error
    raise MessageError(f"operation {code}")


def _read_message(number: int, rest: bytes) -> Request:
    flags = struct.unpack_from("<I", rest)[0]
    end = len(rest) - (4 if flags & _CHECKSUM else 0)
    body: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    place = 4
    while place < end:
        kind = rest[place]
        size = struct.unpack_from("<i", rest, place + 1)[0]
        section = rest[place + 1 : place + 1 + size]
        if kind == 0:
            body = bson.decode(section, _OPTIONS)
        elif kind == 1:
            name, _, documents = section[4:].partition(b"\0")
            beside[name.decode()] = bson.decode_all(documents, _OPTIONS)
        else:
            raise MessageError(f"section {kind}")
        place += 1 + size
    return Request(number, {**body, **beside}, silent=bool(flags & _MORE_TO_COME))


def _read_query(number: int, rest: bytes) -> Request:
    collection, _, after = rest[4:].partition(b"\0")
    size = struct.unpack_from("<i", after, 8)[0]
    body = bson.decode(after[8 : 8 + size], _OPTIONS)
    return Request(number, {**body, "$db": collection.decode().partition(".")[0]}, legacy=True)


def write(request: Request, answer: Mapping[str, Any]) -> bytes:
    """Return the message that answers a command."""
    document = bson.encode(answer)
    if request.legacy:
        content, code = _REPLY_HEAD.pack(0, 0, 0, 1) + document, OP_REPLY
    else:
        content, code = struct.pack("<I", 0) + b"\0" + document, OP_MSG
    size = HEADER.size + len(content)
    return HEADER.pack(size, next(_numbers), request.number, code) + content
