"""Writes that must not be lost: a log of requests, done again after a crash.

What operations stand on (their journal, leases and releases in DynamoDB, the side that takes
messages in as a parameter) is durable in AWS from the moment it is acknowledged. So every such
request is in a file before its answer leaves, and what the saved state does not have yet is done
again, in the same order, when the emulator starts.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PREFIXES = ("DynamoDB_20120810.", "AmazonSSM.")
_KEPT_HEADERS = (b"authorization", b"content-type", b"x-amz-target")


@dataclass(frozen=True)
class Write:
    """A request that changed something.

    Attributes:
        at: When, in seconds since the epoch.
        headers: Those that decide who answers, and what.
        body: Its body.
    """

    at: float
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def scope(self) -> dict[str, Any]:
        """Return it as ASGI has a request."""
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/",
            "raw_path": b"/",
            "root_path": "",
            "query_string": b"",
            "headers": list(self.headers),
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 0),
        }


def is_durable(operation: str) -> bool:
    """Say whether a service promises that an operation's effect is never lost.

    Args:
        operation: The request's `X-Amz-Target`.
    """
    return operation.startswith(_PREFIXES)


class WriteLog:
    """The file with the writes since the state was saved."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def append(self, at: float, scope: Mapping[str, Any], body: bytes) -> None:
        """Keep a request; it is in the file when this returns."""
        if self._file < 0:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        headers = [
            [name.decode("latin-1"), value.decode("latin-1")]
            for name, value in scope["headers"]
            if name.lower() in _KEPT_HEADERS
        ]
        line = json.dumps([at, headers, body.decode("latin-1")])
        os.write(self._file, line.encode() + b"\n")

    def since(self, moment: float) -> Iterator[Write]:
        """Yield the writes after a moment; one that a crash cut short was never acknowledged."""
        if not self._path.exists():
            return
        for line in self._path.read_bytes().splitlines():
            try:
                at, headers, body = json.loads(line)
            except ValueError:
                return
            if at > moment:
                named = tuple(
                    (name.encode("latin-1"), to.encode("latin-1")) for name, to in headers
                )
                yield Write(at, named, body.encode("latin-1"))

    def clear(self) -> None:
        """Forget everything: the saved state has it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._path.unlink(missing_ok=True)
