"""Ctrl-C and SIGTERM: the first one asks to stop at the next safe point, the second one stops."""

import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupt:
    """Notes that somebody wants this process to stop; a context around the work.

    Args:
        tell: Is called once when it is noted, from another thread: whoever prints may wait for a
            lock that the interrupted code holds.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        self.asked = threading.Event()
        self._tell = tell
        self._noted = False
        # The one queue of the standard library that a signal's handler may put something into.
        self._said: SimpleQueue[bool] = SimpleQueue()
        self._teller = threading.Thread(target=self._listen, name="interrupt", daemon=True)
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "Interrupt":
        # Python handles signals in the main thread only; elsewhere nobody can interrupt.
        if threading.current_thread() is threading.main_thread():
            self._teller.start()
            self._before = {each: signal.signal(each, self._ask) for each in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)
        if self._before:
            self._said.put(False)
            self._teller.join()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._noted:
            raise KeyboardInterrupt(number, frame)
        self._noted = True
        self._said.put(True)
        self.asked.set()

    def _listen(self) -> None:
        if self._said.get():
            self._tell()
