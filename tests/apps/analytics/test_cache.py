import asyncio

import pytest
from api.cache import Cache
from api.settings import CacheSettings


@pytest.fixture
async def cache(redis_server):
    cache = Cache(CacheSettings("127.0.0.1", redis_server.port, tls=False, token="", seconds=30))
    yield cache
    await cache.close()


async def test_equal_questions_that_arrive_together_are_computed_once(cache, tmp_path):
    computed = []

    async def compute():
        computed.append(1)
        await asyncio.sleep(0.05)
        return b"answer"

    answers = await asyncio.gather(*(cache.answer(str(tmp_path), compute) for _ in range(20)))

    assert answers == [b"answer"] * 20
    assert len(computed) == 1


async def test_a_caller_that_goes_away_does_not_take_the_answer_from_the_others(cache, tmp_path):
    release = asyncio.Event()

    async def compute():
        await release.wait()
        return b"answer"

    first = asyncio.create_task(cache.answer(str(tmp_path), compute))
    second = asyncio.create_task(cache.answer(str(tmp_path), compute))
    await asyncio.sleep(0)
    first.cancel()
    release.set()

    assert await second == b"answer"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_an_error_reaches_every_caller_and_is_not_kept(cache, tmp_path):
    async def fail():
        raise LookupError

    async def compute():
        return b"answer"

    failures = await asyncio.gather(
        *(cache.answer(str(tmp_path), fail) for _ in range(3)), return_exceptions=True
    )

    assert [type(failure) for failure in failures] == [LookupError] * 3
    assert await cache.answer(str(tmp_path), compute) == b"answer"
