"""Requests share the event loop: what one pass of it may do, and who is refused."""

import asyncio
import time
from itertools import pairwise

import pytest
from telemetry.errors import ServiceUnavailable
from telemetry.turns import PASS_SECONDS, Turns

WORK_SECONDS = 2 * PASS_SECONDS


async def _work(turns, done, name):
    await turns.take()
    time.sleep(WORK_SECONDS)  # noqa: ASYNC251  # what keeps the loop is what this is about
    done.append(name)


def test_a_pass_of_the_loop_does_one_long_piece_of_work_and_everybody_comes_in_order():
    async def passes():
        turns, done, seen = Turns(patience=60), [], []
        tasks = [asyncio.create_task(_work(turns, done, number)) for number in range(20)]
        while len(done) < len(tasks):
            await asyncio.sleep(0)
            seen.append(len(done))
        return done, seen

    done, seen = asyncio.run(passes())

    assert done == list(range(20))
    assert max(after - before for before, after in pairwise(seen)) == 1


def test_short_pieces_of_work_share_a_pass():
    async def take_three():
        turns, ended = Turns(), []
        asyncio.get_running_loop().call_soon(ended.append, "this pass")
        for _ in range(3):
            await turns.take()
        return list(ended)

    assert asyncio.run(take_three()) == []


def test_requests_are_refused_while_the_next_in_turn_has_waited_too_long():
    async def overload():
        turns, done = Turns(patience=WORK_SECONDS * 3), []
        first = [asyncio.create_task(_work(turns, done, number)) for number in range(20)]
        await asyncio.gather(*first[:10])
        with pytest.raises(ServiceUnavailable) as refused:
            await turns.take()
        await asyncio.gather(*first)
        await turns.take()
        return refused.value, done

    refused, done = asyncio.run(overload())

    assert (refused.code, refused.retry_after) == ("busy", 1)
    assert done == list(range(20))


def test_a_request_that_gave_up_does_not_hold_up_the_others():
    async def give_up():
        turns, done = Turns(), []
        tasks = [asyncio.create_task(_work(turns, done, number)) for number in range(4)]
        await tasks[0]
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return done

    assert asyncio.run(give_up()) == [0, 2, 3]
