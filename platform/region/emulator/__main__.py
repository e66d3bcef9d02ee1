"""Run ministack on an inherited socket: `python -m platformctl.region.emulator FD MARKER`.

By itself ministack saves its state only when it is stopped in order. Here it also saves a few
seconds after something changed, so that a crash loses seconds and not everything. MARKER is a file
that exists while there are changes on nobody's disk.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core import persistence

_SAVE_AFTER = 3.0
"""Seconds between a change and its saving, at least."""
_SHARE = 30
"""Saving stops the emulator, so it takes at most one part of this many of its time."""
_READING = ("Get", "Describe", "List", "Batch", "Query", "Scan", "Filter", "Lookup", "Search")
_UNIMPORTANT = ("PutLogEvents", "PutMetricData", "ReceiveMessage")
"""What happens all the time and is worth no saving of its own."""

Scope = MutableMapping[str, Any]


class Saver:
    """Passes requests on to ministack and saves its state when they changed something."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker
        self._changed = asyncio.Event()

    async def __call__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[Scope]],
        send: Callable[[Scope], Awaitable[None]],
    ) -> None:
        """Serve one connection's request, as ASGI has it."""
        changes = scope["type"] == "http" and changes_state(scope)
        if changes:
            self._marker.touch()
        try:
            await ministack.app(scope, receive, send)
        finally:
            if changes:
                self._changed.set()

    async def run(self) -> None:
        """Save after changes, for ever."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(_SAVE_AFTER)
            self._changed.clear()
            began = time.monotonic()
            self.save()
            await asyncio.sleep((time.monotonic() - began) * _SHARE)

    def save(self) -> None:
        """Write everything that ministack knows to disk."""
        began = time.time()
        persistence.save_all(ministack._build_persistence_save_dict())  # noqa: SLF001  # no other way in
        self.saved()
        # Written as a whole or not at all: others read it at any time.
        new = self._marker.with_name("saved-until.new")
        new.write_text(repr(began))
        new.replace(self._marker.with_name("saved-until"))

    def saved(self) -> None:
        """Note that everything is on disk."""
        self._marker.unlink(missing_ok=True)


def changes_state(scope: Scope) -> bool:
    """Say whether a request may change something that has to be saved."""
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return False
    target = next((v for n, v in scope["headers"] if n.lower() == b"x-amz-target"), b"")
    operation = target.decode("latin-1").rpartition(".")[2]
    if operation.startswith("BatchWrite"):
        return True
    return not operation.startswith(_READING) and operation not in _UNIMPORTANT


async def _serve(descriptor: int, marker: Path) -> None:
    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 2
    config.loglevel = "WARNING"
    config.accesslog = None
    saver = Saver(marker)
    saving = asyncio.create_task(saver.run())
    await serve(saver, config)  # pyright: ignore[reportArgumentType]  # its type of ASGI applications is narrower than ASGI
    saving.cancel()
    # By now ministack has saved by itself, as it does when it is stopped in order.
    saver.saved()


def main() -> None:
    """Serve until SIGTERM."""
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))


if __name__ == "__main__":
    main()
