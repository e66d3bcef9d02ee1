"""The append-only journal: one JSON line per change, on the disk before the change counts.

The first line names the checkpoint that the journal continues, by the SHA-256 of its file. A line
without its newline was cut off by a crash and never counted. Several threads that wait for the disk
share one `fsync`.
"""

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from platformctl.engine.state import changes as change_format
from platformctl.engine.state.changes import Change
from platformctl.engine.state.checkpoint import (
    Checkpoint,
    decode_resource,
    encode_resource,
)
from platformctl.engine.state.files import synced_folder
from platformctl.engine.state.ledger import Ledger
from platformctl.engine.state.resource import PendingOperation
from platformctl.engine.state.secrets import PassphraseSecrets
from platformctl.errors import StateError

FORMAT = 1


class Journal:
    """Writes one journal; implements the ledger's `Writer`.

    Args:
        path: The file; created, or truncated if it is there.
        base: SHA-256 of the checkpoint that it continues, "" for none.
        secrets: Seals secret values.
    """

    def __init__(self, path: Path, base: str, secrets: PassphraseSecrets) -> None:
        self.path = path
        self._secrets = secrets
        self._write_lock = threading.Lock()
        self._sync_lock = threading.Lock()
        self._written = 0
        self._synced = 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        self._write({"journal": FORMAT, "base": base, "secrets": secrets.state})
        self.sync()
        synced_folder(path.parent)

    def begin(self, operation: int, pending: PendingOperation) -> None:
        """Take down that an operation starts."""
        resource = encode_resource(pending.resource, self._secrets)
        self._write({"begin": operation, "type": pending.type, "resource": resource})

    def end(self, operation: int | None, changes: Sequence[Change], *, safe: bool) -> None:
        """Take down changes, and which operation ended with them."""
        del safe  # the ledger asks for `sync` afterwards
        line: dict[str, Any] = {} if operation is None else {"end": operation}
        line["changes"] = [change_format.encode(change, self._secrets) for change in changes]
        self._write(line)

    def _write(self, line: dict[str, Any]) -> None:
        text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        with self._write_lock:
            view = memoryview(text)
            while view:
                view = view[os.write(self._file, view) :]
            self._written += 1

    def sync(self) -> None:
        """Wait until everything written so far is on the disk."""
        wanted = self._written
        with self._sync_lock:
            if self._synced >= wanted:
                return
            reached = self._written
            os.fsync(self._file)
            self._synced = reached

    def close(self) -> None:
        """Close the file; the journal stays."""
        os.close(self._file)


def base_of(path: Path) -> tuple[str, str] | None:
    """Return the checkpoint hash and secrets state that a journal names; None if it says nothing.

    A journal that was cut off within its first line was never used.
    """
    try:
        with path.open("rb") as file:
            first = file.readline()
    except FileNotFoundError:
        return None
    if not first.endswith(b"\n"):
        return None
    header = _parse(path, 0, first)
    return header["base"], header.get("secrets", "")


def replay(path: Path, checkpoint: Checkpoint, secrets: PassphraseSecrets) -> Checkpoint:
    """Return the checkpoint that a journal leads to.

    Raises:
        StateError: A line in it is damaged; names file and offset.
    """
    ledger = Ledger(checkpoint)
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if number and line.endswith(b"\n"):
                _replay_line(ledger, _parse(path, offset, line), path, offset, secrets)
            offset += len(line)
    return ledger.checkpoint(secrets.state)


def _parse(path: Path, offset: int, line: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
        if not isinstance(parsed, dict):
            raise TypeError("not an object")
    except (ValueError, TypeError) as error:
        raise _damaged(path, offset, error) from error
    return parsed


def _replay_line(
    ledger: Ledger, line: dict[str, Any], path: Path, offset: int, secrets: PassphraseSecrets
) -> None:
    try:
        if "begin" in line:
            resource = decode_resource(line["resource"], secrets)
            ledger.replay_begin(line["begin"], PendingOperation(line["type"], resource))
        else:
            changes = [change_format.decode(each, secrets) for each in line["changes"]]
            ledger.replay(line.get("end"), changes)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, offset, error) from error


def _damaged(path: Path, offset: int, error: Exception) -> StateError:
    return StateError(
        f"the journal {path} is damaged",
        why=f"the line at byte {offset} cannot be used ({error})",
        remedy=f"move {path.name} away to return to the last checkpoint, then refresh",
    )
