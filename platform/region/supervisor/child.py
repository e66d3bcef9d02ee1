"""One child process of the supervisor, with everything it starts in turn."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from platformctl.region.runtime import SharedMemory


def process_tree() -> dict[int, list[psutil.Process]]:
    """Return the children of every process of the system, by the parent's id."""
    tree: dict[int, list[psutil.Process]] = {}
    for process in psutil.process_iter(["ppid"]):
        tree.setdefault(process.info["ppid"], []).append(process)
    return tree


class ChildProcess:
    """One child with everything it starts; see `platformctl.region.runtime.Process`.

    Attributes:
        out_of_memory: It was killed because it went over its memory limit.
        log: File with its output, or None where a reader gets it.
        ended_at: When it ended, in seconds since the epoch.
    """

    def __init__(
        self,
        name: str,
        popen: subprocess.Popen,
        stop_signal: int,
        stop_timeout: float,
        log: Path | None,
    ) -> None:
        self.name = name
        self.pid = popen.pid
        self.returncode: int | None = None
        self.started_at = time.time()
        self.ended_at: float | None = None
        self.out_of_memory = False
        self.memory_limit: int | None = None
        self.shared_memory: SharedMemory | None = None
        self.log = log
        self._popen = popen
        self._stop_signal = stop_signal
        self._stop_timeout = stop_timeout
        self._ended = asyncio.Event()

    async def wait(self) -> int:
        """Wait for the end and return the exit status (negative: killed by that signal)."""
        await self._ended.wait()
        assert self.returncode is not None  # noqa: S101  # set before the event
        return self.returncode

    async def stop(self, timeout: float | None = None) -> int:  # noqa: ASYNC109  # a contract: seconds until the kill
        """Ask it to stop with its stop signal, kill its group after `timeout` seconds."""
        if self.returncode is None:
            self.signal(self._stop_signal)
            try:
                seconds = self._stop_timeout if timeout is None else timeout
                async with asyncio.timeout(seconds):
                    await self._ended.wait()
            except TimeoutError:
                self.kill()
        return await self.wait()

    def signal(self, number: int) -> None:
        """Send a signal to the program itself, not to what it started."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it and everything it started, at once."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def kill_out_of_memory(self) -> None:
        """Kill it because it, or those it shares memory with, went over the limit."""
        self.out_of_memory = True
        self.kill()

    def members(self) -> list[psutil.Process]:
        """Return the program and everything below it that runs now."""
        if self.returncode is not None:
            return []
        try:
            leader = psutil.Process(self.pid)
            return [leader, *leader.children(recursive=True)]
        except psutil.Error:
            return []

    def memory(self, tree: Mapping[int, Sequence[psutil.Process]]) -> int:
        """Return the resident bytes of it and everything it started.

        Args:
            tree: What `process_tree` returned: one look at the system for all children.
        """
        total, waiting = 0, [self.pid]
        with contextlib.suppress(psutil.Error):
            total = psutil.Process(self.pid).memory_info().rss
        while waiting:
            for member in tree.get(waiting.pop(), ()):
                waiting.append(member.pid)
                with contextlib.suppress(psutil.Error):
                    total += member.memory_info().rss
        return total

    def await_end(self) -> None:
        """Block until it has ended; for systems that cannot tell the loop."""
        self._popen.wait()

    def collect(self) -> None:
        """Take note of the end; the leftovers of its group are killed before its id is free."""
        if self.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.returncode = self._popen.wait()
        self.ended_at = time.time()
        self._ended.set()
