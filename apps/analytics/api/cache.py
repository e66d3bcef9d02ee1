"""Answers that are worth keeping for a few seconds, and a service that works without them."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

import structlog
from prometheus_client import Counter
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from api.settings import CacheSettings

log = structlog.get_logger()

LOOKUPS = Counter("cache_lookups_total", "Answers asked for, by where they came from.", ["result"])

ANSWER_SECONDS = 0.25
OPEN_SECONDS = 5.0


class Breaker:
    """Keeps calls away from something that has just failed.

    Args:
        seconds: How long to stay away after a failure.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._closed_again = 0.0

    @property
    def open(self) -> bool:
        """Whether to stay away."""
        return time.monotonic() < self._closed_again

    def trip(self) -> None:
        """Note a failure."""
        self._closed_again = time.monotonic() + self._seconds


class Cache:
    """Keeps answers in Redis; without Redis every answer is made anew.

    Equal questions that arrive together are answered by one computation.

    Args:
        settings: Where Redis is and how long answers stay in it.
        release: Answers are kept apart by it: while two releases run, neither serves what the
            other one has computed, which may be wrong or have another form.
    """

    def __init__(self, settings: CacheSettings, release: str = "") -> None:
        self._prefix = f"{release}:"
        self._seconds = settings.seconds
        self._breaker = Breaker(OPEN_SECONDS)
        self._underway: dict[str, asyncio.Task[bytes]] = {}
        encryption: dict[str, Any] = {"ssl": True} if settings.tls else {}
        self._redis = Redis(
            host=settings.host,
            port=settings.port,
            password=settings.token or None,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            # The breaker decides when to try again; a retry would only delay the answer.
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
            **encryption,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def answer(self, key: str, compute: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return the answer that is kept under a key, else compute and keep it.

        Args:
            key: What the answer depends on.
            compute: Makes the answer; its errors reach every caller that waits for it.
        """
        task = self._underway.get(key)
        if task is None:
            task = asyncio.create_task(self._find(key, compute))
            self._underway[key] = task
            task.add_done_callback(lambda _: self._underway.pop(key, None))
        else:
            LOOKUPS.labels("shared").inc()
        # One caller that goes away must not take the answer from the others.
        return await asyncio.shield(task)

    async def _find(self, key: str, compute: Callable[[], Awaitable[bytes]]) -> bytes:
        if not self._seconds or self._breaker.open:
            LOOKUPS.labels("bypass").inc()
            return await compute()
        try:
            kept = await self._redis.get(self._prefix + key)
        except (RedisError, OSError) as error:
            self._failed(error)
            LOOKUPS.labels("bypass").inc()
            return await compute()
        if kept is not None:
            LOOKUPS.labels("hit").inc()
            # Redis was not asked to decode anything, so these are bytes.
            return cast("bytes", kept)
        LOOKUPS.labels("miss").inc()
        answer = await compute()
        try:
            await self._redis.set(self._prefix + key, answer, ex=self._seconds)
        except (RedisError, OSError) as error:
            self._failed(error)
        return answer

    def _failed(self, error: Exception) -> None:
        self._breaker.trip()
        log.warning("cache is away", error=str(error) or type(error).__name__)
