"""One stack's files: checkpoint, its backup, journal, lock and history.

An operation works in a `Session`: it holds the lock, reads the checkpoint, replays a journal that a
crash left behind, and writes a journal of its own. At the end the journal is folded into a new
checkpoint. A kill between any two system calls leaves either the old checkpoint with a journal that
continues it, or the new one with a journal that does not belong to it and is ignored.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformctl.engine import wire
from platformctl.engine.state import checkpoint as checkpoints
from platformctl.engine.state import history, journal, lock
from platformctl.engine.state.checkpoint import Checkpoint
from platformctl.engine.state.files import write_atomically
from platformctl.engine.state.history import Update
from platformctl.engine.state.ledger import Ledger
from platformctl.engine.state.secrets import PassphraseSecrets, derive_ahead
from platformctl.errors import StackNotFoundError, StateError
from platformctl.plugin.values import Secret, reveal

MASKED = "[secret]"
BEGINNING = 4096
"""Bytes of a checkpoint in which its secrets provider stands."""
_SALT = re.compile(rb'"salt": "(v1:[A-Za-z0-9+/]{11}=:[^"]+)"')


@dataclass
class Session:
    """An operation at work on a stack.

    Attributes:
        ledger: The resources; changes to it are safe at once.
        secrets: What seals the stack's secrets.
    """

    ledger: Ledger
    secrets: PassphraseSecrets


class Stack:
    """The recorded state of one stack.

    Args:
        folder: Where its files are.
        passphrase: Returns the passphrase that its secrets are sealed with.
    """

    def __init__(self, folder: Path, passphrase: Callable[[], str]) -> None:
        self.folder = folder
        self.name = folder.name
        self._passphrase = passphrase
        self._file = folder / "checkpoint.json"
        self._backup = folder / "checkpoint.json.bak"
        self._journal = folder / "journal.jsonl"
        self._lock = folder / "lock"
        self._history = folder / "history"

    @property
    def exists(self) -> bool:
        """Whether anything was ever recorded."""
        return self._file.exists() or self._journal.exists()

    def unlock_ahead(self) -> None:
        """Begin to derive the key of the stack's secrets, so that reading them need not wait."""
        with contextlib.suppress(OSError), self._file.open("rb") as file:
            found = _SALT.search(file.read(BEGINNING))
            if found is not None:
                derive_ahead(self._passphrase(), found[1].decode())

    @contextlib.contextmanager
    def session(self, what: str) -> Iterator[Session]:
        """Work on the stack: lock it, and make every change of the ledger durable.

        Raises:
            LockedError: Somebody else works on it.
            StateError: Its files cannot be used.
        """
        with lock.held(self._lock, what):
            checkpoint, secrets, digest = self._load()
            if self._journal.exists():
                digest = self._store(checkpoint, secrets)
            writer = journal.Journal(self._journal, digest, secrets)
            ledger = Ledger(checkpoint, writer)
            try:
                yield Session(ledger, secrets)
            finally:
                writer.close()
                if ledger.changed or not self._file.exists():
                    self._store(ledger.checkpoint(), secrets)
                else:
                    self._journal.unlink(missing_ok=True)

    def read(self) -> Checkpoint:
        """Return the state as it is now, even while somebody works on it.

        Raises:
            StackNotFoundError: There is none.
            StateError: Its files cannot be used.
        """
        self._require()
        return self._load()[0]

    def scratch(self) -> Ledger:
        """Return a ledger whose changes are forgotten; empty if the stack is not there."""
        return Ledger(self._load()[0])

    def export(self) -> dict[str, Any]:
        """Return the state as `pulumi stack export` prints it, secrets sealed."""
        self._require()
        checkpoint, secrets, _ = self._load()
        return checkpoints.encode(checkpoint, secrets)

    def import_(self, document: Mapping[str, Any]) -> None:
        """Replace the state by one that `export` or `pulumi stack export` gave.

        Raises:
            StateError: It cannot be used; the state is unchanged.
            LockedError: Somebody works on the stack.
        """
        checkpoint, secrets = self._decode(document, "the imported state")
        with lock.held(self._lock, "import"):
            self._store(checkpoint, secrets)

    def outputs(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """Return the stack's outputs as plain values; secrets masked unless asked for."""
        return plain_outputs(self.read(), show_secrets=show_secrets)

    def history(self) -> list[dict[str, Any]]:
        """Return what was done to the stack, newest first."""
        return history.read(self._history)

    def remember(self, update: Update) -> None:
        """Write down what was done to the stack."""
        history.append(self._history, update)

    def sibling(self, name: str) -> "Stack":
        """Return another stack of the same backend."""
        return Stack(self.folder.parent / name, self._passphrase)

    def cancel(self) -> lock.Holder | None:
        """Ask whoever works on the stack to stop cleanly; returns who was asked, if anybody."""
        return lock.interrupt(self._lock)

    def holder(self) -> lock.Holder | None:
        """Return who works on the stack; None if nobody does."""
        return lock.holder(self._lock)

    def remove(self, *, force: bool = False) -> None:
        """Remove the stack with its history.

        Args:
            force: Even if it still has resources, which are then forgotten and not deleted.

        Raises:
            StateError: It still has resources.
        """
        self._require()
        with lock.held(self._lock, "remove"):
            if not force and self._load()[0].resources:
                raise StateError(
                    f"the stack {self.name} cannot be removed",
                    why="it still has resources",
                    remedy=f"platformctl destroy {self.name}",
                )
            for file in (self._file, self._backup, self._journal, *self._history.glob("*")):
                file.unlink(missing_ok=True)
            with contextlib.suppress(FileNotFoundError):
                self._history.rmdir()
            self._lock.unlink()
        self.folder.rmdir()

    def _require(self) -> None:
        if not self.exists:
            raise StackNotFoundError(
                f"there is no stack {self.name!r}",
                why=f"nothing is recorded in {self.folder}",
                remedy=f"platformctl up {self.name}",
            )

    def _load(self) -> tuple[Checkpoint, PassphraseSecrets, str]:
        """Return the state, what seals its secrets, and the hash of its file."""
        while True:
            before = self._identity()
            try:
                loaded = self._load_once()
            except FileNotFoundError:
                continue  # the journal was there a moment ago: it has come to its end
            except StateError:
                if self._identity() == before:
                    raise
                continue
            # Somebody else may have folded the journal between the two reads.
            if self._identity() == before:
                return loaded

    def _identity(self) -> tuple[int, int]:
        try:
            status = self._file.stat()
        except FileNotFoundError:
            return (0, 0)
        return (status.st_ino, status.st_mtime_ns)

    def _load_once(self) -> tuple[Checkpoint, PassphraseSecrets, str]:
        try:
            content = self._file.read_bytes()
        except FileNotFoundError:
            content = None
        digest = "" if content is None else hashlib.sha256(content).hexdigest()
        continued = journal.base_of(self._journal)
        if content is not None:
            checkpoint, secrets = self._parse(content)
        else:
            secrets = PassphraseSecrets(self._passphrase(), continued[1] if continued else "")
            checkpoint = Checkpoint()
        if continued is None:
            return checkpoint, secrets, digest
        if continued[0] == digest:
            return journal.replay(self._journal, checkpoint, secrets), secrets, digest
        if continued[0] != self._digest_of_backup():
            raise StateError(
                f"the journal {self._journal} does not belong to the checkpoint beside it",
                why="one of the two was replaced by hand",
                remedy=f"move {self._journal.name} away, then refresh",
            )
        return checkpoint, secrets, digest  # it is folded into the checkpoint already

    def _digest_of_backup(self) -> str:
        try:
            return hashlib.sha256(self._backup.read_bytes()).hexdigest()
        except FileNotFoundError:
            return ""

    def _parse(self, content: bytes) -> tuple[Checkpoint, PassphraseSecrets]:
        if not content.strip(b"\0 \r\n"):  # what a full disk or a lost write leaves behind
            raise self._corrupt("it is empty")
        try:
            document = json.loads(content)
        except ValueError as error:
            offset = getattr(error, "pos", getattr(error, "start", 0))
            raise self._corrupt(f"it stops being JSON at byte {offset}") from error
        return self._decode(document, f"the state file {self._file}")

    def _decode(self, document: Any, what: str) -> tuple[Checkpoint, PassphraseSecrets]:
        try:
            return checkpoints.decode(
                document, lambda state: PassphraseSecrets(self._passphrase(), state)
            )
        except StateError as error:
            raise StateError(
                f"{what} cannot be used", why=str(error), remedy=error.remedy
            ) from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            why = f"{type(error).__name__}: {error}"
            raise self._corrupt(f"it is JSON but not a checkpoint ({why})") from error

    def _corrupt(self, why: str) -> StateError:
        remedy = f"restore it: cp {self._backup} {self._file}" if self._backup.exists() else ""
        return StateError(f"the state file {self._file} is damaged", why=why, remedy=remedy)

    def _store(self, checkpoint: Checkpoint, secrets: PassphraseSecrets) -> str:
        """Write a checkpoint, keep the one before as backup, and end the journal."""
        document = checkpoints.encode(checkpoint, secrets)
        content = json.dumps(document).encode()  # indenting would take ten times as long
        if self._file.exists():
            write_atomically(self._backup, self._file.read_bytes())
        write_atomically(self._file, content)
        self._journal.unlink(missing_ok=True)
        return hashlib.sha256(content).hexdigest()


def plain_outputs(checkpoint: Checkpoint, *, show_secrets: bool) -> dict[str, Any]:
    """Return the outputs of the root stack as plain values."""
    for resource in checkpoint.resources:
        if resource.type == wire.STACK_TYPE:
            return {name: _plain(value, show_secrets) for name, value in resource.outputs.items()}
    return {}


def _plain(value: Any, show_secrets: bool) -> Any:
    shown = reveal(value) if show_secrets else _masked(value)
    return checkpoints.encode_value(shown, None)


def _masked(value: Any) -> Any:
    if isinstance(value, Secret):
        return MASKED
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return value
