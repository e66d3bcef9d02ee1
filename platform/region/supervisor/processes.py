"""Child processes that cannot outlive the supervisor, however it ends.

Three nets, each under the one before: the system signals a child when its parent dies (Linux), the
warden stops what the ledger lists when the supervisor is gone, and the next start does it again.
"""

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from io import FileIO
from pathlib import Path
from typing import IO

from platformctl.errors import RegionError
from platformctl.region.runtime import SharedMemory
from platformctl.region.supervisor import privileges, warden
from platformctl.region.supervisor.child import ChildProcess, process_tree

_LOG_LIMIT = 16 * 1024 * 1024
_REMEMBERED = 100
"""Ended processes that `ps` and `logs` still know."""
_WATCH_INTERVAL = 1.0
_PASSED_ON = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH")


def minimal_environment() -> dict[str, str]:
    """Return the part of our environment that any program needs; no credentials are in it."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


class ChildProcesses:
    """Starts and knows all children; see `platformctl.region.runtime.Processes`.

    Attributes:
        root: The region's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._logs = root / "logs"
        self._ledger_path = root / "run" / "ledger"
        self._ledger = -1
        self._lifeline = -1
        self._warden: subprocess.Popen | None = None
        self._children: dict[str, ChildProcess] = {}
        self._watch: asyncio.Task | None = None
        self._barred: Callable[[str], str] = lambda _: ""

    def open(self) -> int:
        """Clear away what an earlier supervisor left, start the warden; return how many it left."""
        self._logs.mkdir(parents=True, exist_ok=True)
        self._ledger_path.parent.mkdir(parents=True, exist_ok=True)
        left = warden.stop_all(self._ledger_path, self.root)
        self._ledger = os.open(
            self._ledger_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
        )
        self._warden = self._start_warden()
        self._watch = asyncio.create_task(self._watch_all())
        return left

    async def close(self) -> None:
        """Stop everything that still runs, then the warden, which finds nothing left to do."""
        if self._watch is not None:
            self._watch.cancel()
        await asyncio.gather(*(child.stop() for child in self.running()))
        if self._warden is not None:
            os.close(self._lifeline)
            # It finds an empty ledger, and ends at once.
            await asyncio.to_thread(self._warden.wait)
            os.close(self._ledger)

    def bar(self, reason: Callable[[str], str]) -> None:
        """Set what says why a process of that name may not start now (empty: it may)."""
        self._barred = reason

    def all(self) -> list[ChildProcess]:
        """Return the running and the lately ended, in order of start."""
        return list(self._children.values())

    def running(self) -> list[ChildProcess]:
        """Return those that run."""
        return [child for child in self._children.values() if child.returncode is None]

    def named(self, name: str) -> ChildProcess | None:
        """Return the latest process of that name."""
        return self._children.get(name)

    async def start(  # noqa: PLR0913  # the contract of `runtime.Processes`
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
        log: Path | None = None,
        output: asyncio.StreamReader | None = None,
        stop_signal: int = signal.SIGTERM,
        stop_timeout: float = 10.0,
        unprivileged: bool = False,
        memory_limit: int | None = None,
        shared_memory: SharedMemory | None = None,
        pass_fds: Sequence[int] = (),
    ) -> ChildProcess:
        """Start a child in a process group of its own; see `platformctl.region.runtime`.

        Besides what is said there, `pass_fds` are descriptors that the child inherits.

        Raises:
            RegionError: The program does not exist or cannot be started, one of that name runs,
                or its region is stopped.
        """
        self._check(name)
        if output is None:
            log = log or self._logs / f"{name.replace('/', '~')}.log"
        user = privileges.unprivileged_user() if unprivileged else None
        target = subprocess.PIPE if output is not None or log is None else _open_log(log)
        try:
            # On this thread, because the system watches for the end of the thread that forked.
            popen = subprocess.Popen(  # noqa: ASYNC220  # forking takes a millisecond
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=target,
                stderr=subprocess.STDOUT,
                cwd=directory,
                env=self._environment(environment),
                start_new_session=True,
                preexec_fn=privileges.preparation(user, stop_signal),  # noqa: PLW1509  # see `preparation`
                pass_fds=pass_fds,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise _cannot_start(name, command, error) from error
        finally:
            if not isinstance(target, int):
                target.close()
        child = ChildProcess(name, popen, stop_signal, stop_timeout, log)
        child.memory_limit = memory_limit
        child.shared_memory = shared_memory
        self._note(
            pid=popen.pid,
            mark=warden.start_mark(popen.pid),
            signal=int(stop_signal),
            timeout=stop_timeout,
        )
        self._remember(child)
        self._await_end(child)
        if output is not None and popen.stdout is not None:
            await _connect(popen.stdout, output)
        return child

    def _check(self, name: str) -> None:
        reason = self._barred(name)
        if reason:
            raise RegionError(f"cannot start {name}", why=reason)
        earlier = self._children.get(name)
        if earlier is not None and earlier.returncode is None:
            raise RegionError(f"cannot start {name}", why=f"it runs already (pid {earlier.pid})")

    def _environment(self, environment: Mapping[str, str] | None) -> dict[str, str]:
        if environment is None:
            environment = minimal_environment()
        return {**environment, warden.MARK: str(self.root)}

    def _note(self, **entry: object) -> None:
        os.write(self._ledger, json.dumps(entry).encode() + b"\n")

    def _remember(self, child: ChildProcess) -> None:
        self._children.pop(child.name, None)
        self._children[child.name] = child
        ended = [other.name for other in self._children.values() if other.returncode is not None]
        for name in ended[:-_REMEMBERED]:
            del self._children[name]

    def _await_end(self, child: ChildProcess) -> None:
        """Have the loop take note when the child ends."""
        loop = asyncio.get_running_loop()

        def ended() -> None:
            child.collect()
            self._note(ended=child.pid)

        if not hasattr(os, "pidfd_open"):
            # Elsewhere than on Linux a thread waits; the default pool is too small for all of them.
            waiting = threading.Thread(
                target=lambda: (child.await_end(), loop.call_soon_threadsafe(ended)), daemon=True
            )
            waiting.start()
            return
        descriptor = os.pidfd_open(child.pid)

        def readable() -> None:
            loop.remove_reader(descriptor)
            os.close(descriptor)
            ended()

        loop.add_reader(descriptor, readable)

    def _start_warden(self) -> subprocess.Popen[bytes]:
        reading, self._lifeline = os.pipe()
        try:
            return subprocess.Popen(
                [sys.executable, "-I", "-S", warden.__file__, self._ledger_path, self.root],
                stdin=reading,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PATH": os.defpath},
                start_new_session=True,
            )
        finally:
            os.close(reading)

    async def _watch_all(self) -> None:
        """Kill children over their memory limit; replace a warden that somebody killed."""
        while True:
            await asyncio.sleep(_WATCH_INTERVAL)
            if self._warden is not None and self._warden.poll() is not None:
                os.close(self._lifeline)
                self._warden = self._start_warden()
            self._watch_memory()

    def _watch_memory(self) -> None:
        watched = [one for one in self.running() if one.memory_limit or one.shared_memory]
        tree = process_tree() if watched else {}
        used: dict[SharedMemory, list[tuple[int, ChildProcess]]] = {}
        for child in watched:
            memory = child.memory(tree)
            if child.memory_limit is not None and memory > child.memory_limit:
                child.kill_out_of_memory()
            elif child.shared_memory is not None:
                used.setdefault(child.shared_memory, []).append((memory, child))
        for shared, children in used.items():
            if sum(memory for memory, _ in children) > shared.limit:
                _, largest = max(children, key=lambda one: one[0])
                largest.kill_out_of_memory()


def _open_log(log: Path) -> IO[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_name(log.name + ".1"))
    return log.open("ab")


class _Output(asyncio.StreamReaderProtocol):
    """Feeds a reader, and lets the pipe go at its end."""

    def eof_received(self) -> bool:
        super().eof_received()
        return False


async def _connect(pipe: IO[bytes], output: asyncio.StreamReader) -> None:
    """Have the loop read a pipe.

    uvloop closes the descriptor and then the object; by then the number may belong to a socket
    that another thread has just opened. So it gets an object that closes nothing.
    """
    descriptor = os.dup(pipe.fileno())
    pipe.close()
    reading = FileIO(descriptor, closefd=False)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: _Output(output), reading)


def _cannot_start(name: str, command: Sequence[str], error: Exception) -> RegionError:
    if isinstance(error, FileNotFoundError):
        return RegionError(f"cannot start {name}", why=f"{error.filename} does not exist")
    if isinstance(error, subprocess.SubprocessError):
        return RegionError(
            f"cannot start {name} as an unprivileged user",
            why="the system does not let root change to `nobody` and keep its right to read",
            remedy="run platformctl as an ordinary user",
        )
    if isinstance(error, OSError) and error.errno == errno.EACCES:
        return RegionError(f"cannot start {name}", why=f"{command[0]} may not be executed")
    return RegionError(f"cannot start {name}", why=str(error))
