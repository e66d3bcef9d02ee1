"""Ending tasks for certain."""

import asyncio
from typing import Any

_AGAIN = 5.0
"""Seconds after which a task that still runs is cancelled once more."""


async def end_tasks(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until each of them has ended, however it ends.

    A single cancellation may get lost: `asyncio.wait_for` of Python 3.11, which psycopg and others
    use, swallows one that comes together with what it waited for.
    """
    left = running = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_AGAIN)
    await asyncio.gather(*running, return_exceptions=True)
