"""How many connections a listener may have at once, and who waits for one."""

import asyncio
from collections import deque


class Places:
    """Places for connections, given in order of arrival.

    Args:
        limit: Most places at once; 0 is without a limit.
        patience: Seconds a newcomer waits for a place.
    """

    def __init__(self, limit: int, patience: float) -> None:
        self.limit = limit
        self.patience = patience
        self.taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> bool:
        """Take a place; False when none became free in time."""
        if not self.limit or self.taken < self.limit:
            self.taken += 1
            return True
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self.patience):
                await turn
        except TimeoutError:
            # It may have come in the last moment.
            return not turn.cancelled()
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise
        finally:
            if turn in self._waiting:
                self._waiting.remove(turn)
        return True

    def leave(self) -> None:
        """Give a place back; the one who waits longest gets it."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.taken -= 1
