"""The meeting at the end: the program has said everything, the engine still needs its hooks."""

import threading


class Shutdown:
    """Two sides wait for each other."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._allowed = threading.Event()

    def program_done(self) -> None:
        """The program will register nothing more."""
        self._done.set()

    def wait_until_done(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for the program; tells whether it is done."""
        return self._done.wait(timeout)

    def allow(self) -> None:
        """The program may end."""
        self._allowed.set()

    def wait_until_allowed(self) -> None:
        """Wait until the program may end."""
        self._allowed.wait()
