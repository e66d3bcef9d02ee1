"""Tasks end, though one cancellation is lost."""

import asyncio

from platformctl.region import cancellation
from platformctl.region.cancellation import end_tasks


async def test_a_task_that_loses_a_cancellation_ends_all_the_same(monkeypatch):
    monkeypatch.setattr(cancellation, "_AGAIN", 0.01)
    lost = 0

    async def work() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if lost == 3:
                    raise
                lost += 1

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await end_tasks(task)

    assert task.cancelled()
    assert lost == 3


async def test_a_task_that_fails_while_it_ends_has_ended():
    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("in the middle")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await end_tasks(task)

    assert task.done()
    await end_tasks(task)
