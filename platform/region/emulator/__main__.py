"""Run ministack on an inherited socket: `python -m platformctl.region.emulator FD MARKER`.

By itself ministack saves its state only when it is stopped in order. Here it also saves a few
seconds after something changed, so that a crash loses seconds and not everything, and nothing at
all of what is durable (`writes.py`). MARKER is a file that exists while there are changes on
nobody's disk.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core import persistence

from platformctl.region.emulator.writes import WriteLog, is_durable

_SAVE_AFTER = 3.0
"""Seconds between a change and its saving, at least."""
_SHARE = 30
"""Saving stops the emulator, so it takes at most one part of this many of its time."""
_READING = ("Get", "Describe", "List", "Batch", "Query", "Scan", "Filter", "Lookup", "Search")
_UNIMPORTANT = ("PutLogEvents", "PutMetricData", "ReceiveMessage")
"""What happens all the time and is worth no saving of its own."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]


class Saver:
    """Passes requests on to ministack and saves its state when they changed something."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker
        self._saved_until = marker.with_name("saved-until")
        self._changed = asyncio.Event()
        self._writes = WriteLog(marker.with_name("writes.log"))
        self._in_order = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request, as ASGI has it."""
        if scope["type"] == "lifespan":
            await ministack.app(scope, receive, self._once_started(send))
            return
        changes = scope["type"] == "http" and changes_state(scope)
        if changes and is_durable(_target(scope)):
            await self._write(scope, receive, send)
            self._changed.set()
            return
        if changes:
            self._marker.touch()
        try:
            await ministack.app(scope, receive, send)
        finally:
            if changes:
                self._changed.set()

    async def _write(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request whose effect is durable: in the log before its answer leaves."""
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        else:
            return  # the client has gone in the middle of its request
        async with self._in_order:
            answer = await _answered(scope, body)
            if answer[0].get("status") == HTTPStatus.OK:
                self._writes.append(time.time(), scope, body)
        for part in answer:
            await send(part)

    def _once_started(self, send: Send) -> Send:
        """Do again what the saved state does not have, before the first request is taken."""

        async def sending(message: Scope) -> None:
            if message["type"] == "lifespan.startup.complete":
                await self._repeat()
            await send(message)

        return sending

    async def _repeat(self) -> None:
        try:
            saved_until = float(self._saved_until.read_text())
        except (FileNotFoundError, ValueError):
            saved_until = 0.0
        for write in list(self._writes.since(saved_until)):
            await _answered(write.scope(), write.body)
            self._changed.set()

    async def run(self) -> None:
        """Save after changes, for ever."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(_SAVE_AFTER)
            self._changed.clear()
            began = time.monotonic()
            async with self._in_order:
                self.save()
            await asyncio.sleep((time.monotonic() - began) * _SHARE)

    def save(self) -> None:
        """Write everything that ministack knows to disk."""
        began = time.time()
        persistence.save_all(ministack._build_persistence_save_dict())  # noqa: SLF001  # no other way in
        # Written as a whole or not at all: others read it at any time.
        new = self._marker.with_name("saved-until.new")
        new.write_text(repr(began))
        new.replace(self._saved_until)
        self.saved()

    def saved(self) -> None:
        """Note that everything is on disk."""
        self._writes.clear()
        self._marker.unlink(missing_ok=True)


def changes_state(scope: Scope) -> bool:
    """Say whether a request may change something that has to be saved."""
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return False
    operation = _target(scope).rpartition(".")[2]
    if operation.startswith("BatchWrite"):
        return True
    return not operation.startswith(_READING) and operation not in _UNIMPORTANT


def _target(scope: Scope) -> str:
    target = next((v for n, v in scope["headers"] if n.lower() == b"x-amz-target"), b"")
    return target.decode("latin-1")


async def _answered(scope: Scope, body: bytes) -> list[Scope]:
    """Return the messages of the emulator's answer to a request."""
    answer: list[Scope] = []

    async def receive() -> Scope:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Scope) -> None:
        answer.append(message)

    await ministack.app(scope, receive, send)
    return answer


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
