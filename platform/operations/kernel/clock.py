"""The clock that operations go by; tests hand in one that they turn."""

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells and passes time."""

    def now(self) -> datetime:
        """Return the wall clock's time: for people, never to decide by, as it may be off."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever go forward, to measure by."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until an event is set, at most some seconds; return whether it is."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time of day."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the seconds since some moment."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until an event is set, at most some seconds."""
        return event.wait(seconds)
