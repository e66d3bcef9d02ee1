"""One operation at a time per stack.

The lock is the kernel's (`flock`), so it ends with its holder however that ends, and a dead
holder's lock is taken over without asking. The file's content only tells others who holds it.
"""

import contextlib
import fcntl
import getpass
import json
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from platformctl.errors import LockedError


@dataclass(frozen=True)
class Holder:
    """Who works on a stack.

    Attributes:
        since: When it began, ISO 8601, UTC.
        what: The operation, such as `up`.
    """

    pid: int
    host: str
    user: str
    since: str
    what: str

    def __str__(self) -> str:
        return f"{self.what} by {self.user}@{self.host} (process {self.pid}) since {self.since}"


@contextlib.contextmanager
def held(path: Path, what: str) -> Iterator[None]:
    """Hold the lock for the length of a `with` block.

    Raises:
        LockedError: Somebody else holds it; names the holder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _read(path)
            raise LockedError(
                f"the stack {path.parent.name} is being worked on",
                why=str(holder) if holder else "another process has just begun",
                remedy="wait until it is done, or stop it there with Ctrl-C",
            ) from error
        _write(descriptor, json.dumps(asdict(_myself(what))))
        yield
        _write(descriptor, "")
    finally:
        os.close(descriptor)


def holder(path: Path) -> Holder | None:
    """Return who holds the lock; None if nobody does."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(path)
    finally:
        os.close(descriptor)
    return None


def interrupt(path: Path) -> Holder | None:
    """Ask the holder to stop cleanly, as Ctrl-C would; returns who was asked, if anybody.

    Raises:
        LockedError: The holder is on another machine and cannot be reached from here.
    """
    found = holder(path)
    if found is None:
        return None
    if found.host != socket.gethostname():
        raise LockedError(
            "the operation cannot be stopped from here",
            why=f"it runs on {found.host}",
            remedy=f"stop process {found.pid} there",
        )
    os.kill(found.pid, signal.SIGINT)
    return found


def _myself(what: str) -> Holder:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Holder(os.getpid(), socket.gethostname(), user, now, what)


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_bytes()))
    except (ValueError, TypeError):
        # The holder has the lock and has not said yet who it is.
        return None
