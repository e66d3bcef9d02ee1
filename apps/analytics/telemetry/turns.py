"""Turns: the work of many requests goes through the event loop a little at a time.

One loop does everything, and in each of its passes it accepts just one new connection. When a
hundred requests do their work in one pass, passes take so long that whoever connects anew waits for
many seconds. A load balancer that hears nothing to its health checks for that long takes the
service for dead and has it replaced, and what was under way fails. With turns, passes stay short:
what exceeds the capacity waits here, first come first served, and is refused once that takes long.
"""

import asyncio
import time
from collections import deque

from telemetry.errors import ServiceUnavailable

PASS_SECONDS = 0.01
PATIENCE_SECONDS = 1.0


class Turns:
    """Lets requests do work that keeps the event loop, and keeps its passes short.

    Args:
        patience: Seconds that the request next in turn may have waited; while it has waited
            longer, new ones are refused.
    """

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._began: float | None = None
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()

    async def take(self) -> None:
        """Wait until it is this request's turn; its work then follows without waiting again.

        Raises:
            ServiceUnavailable: More requests arrive than can be worked on.
        """
        now = time.monotonic()
        if self._began is None:
            self._pass(now)
        elif self._waiting or now - self._began > PASS_SECONDS:
            if self._waiting and now - self._waiting[0][0] > self._patience:
                raise ServiceUnavailable("busy", "more requests arrive than can be worked on")
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append((now, turn))
            await turn

    def _pass(self, now: float) -> None:
        self._began = now
        # Comes behind everything that is ready now: in the next pass.
        asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        """Give the next request its turn, which it has before this is called again."""
        self._began = None
        while self._waiting:
            turn = self._waiting.popleft()[1]
            if not turn.done():
                turn.set_result(None)
                self._pass(time.monotonic())
                return
