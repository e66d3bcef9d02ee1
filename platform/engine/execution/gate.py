"""Bounds how much runs at once, and stops new work once something has gone wrong."""

import contextlib
import threading
from collections.abc import Iterator

from platformctl.errors import CancelledError, PlatformError


class StoppedError(Exception):
    """Nothing new is started: the deployment has failed or was cancelled."""


class Gate:
    """Every call that changes something goes through here.

    Args:
        parallel: How many may run at once.
    """

    def __init__(self, parallel: int) -> None:
        self._places = threading.BoundedSemaphore(parallel)
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._running = 0
        self._failures: list[PlatformError] = []
        self._cancelled = False

    @contextlib.contextmanager
    def work(self) -> Iterator[None]:
        """Stand for one registration, from its arrival to its answer."""
        with self._lock:
            self._refuse_if_closed()
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                self._idle.notify_all()

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Wait for a place and hold it, for one call of a provider.

        Raises:
            StoppedError: Nothing new may start.
        """
        with self._places:
            with self._lock:
                self._refuse_if_closed()
            yield

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let Ctrl-C stop new work at once, while what runs comes to its end."""
        try:
            yield
        except KeyboardInterrupt:
            self.cancel()
            raise

    def check(self) -> None:
        """Go on only if new work may start.

        Raises:
            StoppedError: It may not.
        """
        with self._lock:
            self._refuse_if_closed()

    def fail(self, failure: PlatformError) -> None:
        """Note a failure; what runs goes on to its end, nothing new starts."""
        with self._lock:
            self._failures.append(failure)

    def cancel(self) -> None:
        """A person wants it to stop; what runs goes on to its end."""
        with self._lock:
            self._cancelled = True

    @property
    def closed(self) -> bool:
        """Whether new work is refused."""
        with self._lock:
            return self._cancelled or bool(self._failures)

    @property
    def failures(self) -> list[PlatformError]:
        """What has gone wrong so far."""
        with self._lock:
            return list(self._failures)

    def wait_until_idle(self) -> None:
        """Wait until nothing runs any more."""
        with self._lock:
            self._idle.wait_for(lambda: self._running == 0)

    def raise_if_cancelled(self) -> None:
        """Report a cancellation.

        Raises:
            CancelledError: A person stopped it.
        """
        if self._cancelled:
            raise CancelledError(
                "the operation was stopped",
                why="on request; everything done so far is recorded",
                remedy="run it again to continue",
            )

    def _refuse_if_closed(self) -> None:
        if self._cancelled or self._failures:
            raise StoppedError
