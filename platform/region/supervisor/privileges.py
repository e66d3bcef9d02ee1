"""What a child does between fork and exec: tie its life to ours and step down from root.

PostgreSQL refuses to run as root. A child that must not be root becomes `nobody` and keeps a
single capability, that of reading below folders which only root may enter, so that programs and
data can stay where they are. Files it writes have to be its own (`give`).
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from platformctl.errors import RegionError

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522

ON_LINUX = sys.platform == "linux"
_LIBC = ctypes.CDLL(None, use_errno=True) if ON_LINUX else None


@dataclass(frozen=True)
class User:
    """Who unprivileged children run as."""

    uid: int
    gid: int


def unprivileged_user() -> User | None:
    """Return `nobody` where this process is root, else None: it is unprivileged already.

    Raises:
        RegionError: The system has no user `nobody`.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise RegionError(
            "cannot start an unprivileged process",
            why="this is root, and the system has no user `nobody`",
            remedy="run platformctl as an ordinary user",
        ) from error
    return User(entry.pw_uid, entry.pw_gid)


def preparation(user: User | None, stop_signal: int) -> Callable[[], None]:
    """Return what a new child runs before it becomes its program.

    It only makes system calls through objects that exist already: after a fork of a process with
    threads, nothing else is safe.
    """
    parent = os.getpid()

    def prepare() -> None:
        if user is not None:
            _become(user)
        # Last, because changing the user forgets it.
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, stop_signal, 0, 0, 0)
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def give(path: Path, user: User | None) -> None:
    """Make a folder and all in it belong to the user of unprivileged processes."""
    if user is None:
        return
    os.chown(path, user.uid, user.gid, follow_symlinks=False)
    for folder, folders, files in os.walk(path):
        for name in (*folders, *files):
            os.chown(Path(folder, name), user.uid, user.gid, follow_symlinks=False)


def _become(user: User) -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(user.gid, user.gid, user.gid)
    os.setresuid(user.uid, user.uid, user.uid)
    if _LIBC is not None:
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        # Twice effective, permitted, inheritable: for capabilities 0-31 and 32-63.
        mask = 1 << _CAP_DAC_READ_SEARCH
        sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
        if _LIBC.capset(header, sets) != 0:
            raise OSError(ctypes.get_errno(), "capset")
        raised = _LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH, 0, 0)
        if raised != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_CAP_AMBIENT)")
