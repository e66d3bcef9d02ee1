"""How a batch of a stream gets through a function, whatever is wrong with it.

A batch is handed to the function. If it fails as a whole it is cut in halves (where the mapping
says so) until what is wrong is alone, and that is tried again until its attempts or its age are
used up; then it is described to the destination and given up. If the function names the records
that failed (`ReportBatchItemFailures`), what comes before the first of them is done.

Source: AWS, "Configuring partial batch response with Kinesis Data Streams and Lambda" and
"Retain discarded batch records for a Kinesis Data Streams event source in Lambda".
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

from platformctl.region.cancellation import end_tasks

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
"""Seconds before another attempt; the pause doubles from the first to the longest."""
FINISH_SECONDS = 3.0
"""Seconds that a batch has to come to its end when its mapping is switched off."""
EXHAUSTED, TOO_OLD = "RetryAttemptsExhausted", "RecordAgeExceeded"


async def to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await work; when that is cancelled, the work still has `FINISH_SECONDS`.

    What a function has done is noted that way, and not handed to it again when the mapping goes on.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=FINISH_SECONDS)
        await end_tasks(task)
        raise


@dataclass(frozen=True)
class Record:
    """One record of a stream.

    Attributes:
        sequence: Its sequence number.
        key: What keeps its order: the partition key, or the item's keys.
        arrived: When it came, in seconds since the epoch.
        event: The record as the function gets it.
    """

    sequence: str
    key: str
    arrived: float
    event: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What came of an invocation.

    Attributes:
        failed: Sequence numbers that failed; empty when all is well, None when everything failed.
        error: Lambda's word for what went wrong, such as `Unhandled`.
    """

    failed: Sequence[str] | None
    error: str = ""


@dataclass(frozen=True)
class GivenUp:
    """Records that were given up, and why.

    Attributes:
        records: The records, in order.
        condition: `RetryAttemptsExhausted` or `RecordAgeExceeded`.
        invocations: How often they were tried.
        error: Lambda's word for what went wrong with the last attempt.
    """

    records: Sequence[Record]
    condition: str
    invocations: int
    error: str


@dataclass(frozen=True)
class Delivery:
    """How the batches of one mapping are delivered.

    Attributes:
        invoke: Hands records to the function.
        give_up: Tells the destination about records that are given up.
        now: The time in seconds since the epoch.
        retries: Attempts after the first; -1 for no end.
        max_age: Seconds after which a record is given up; -1 for never.
        bisect: Whether a failed batch is cut in halves.
    """

    invoke: Callable[[Sequence[Record]], Awaitable[Outcome]]
    give_up: Callable[[GivenUp], Awaitable[None]]
    now: Callable[[], float]
    retries: int
    max_age: float
    bisect: bool

    async def deliver(self, records: Sequence[Record]) -> bool:
        """Get a batch through, in order; return whether everything succeeded."""
        well = True
        waiting = [_Batch(tuple(records))] if records else []
        while waiting:
            whole = waiting.pop(0)
            batch = await self._without_old(whole)
            well = well and batch.records == whole.records
            if not batch.records:
                continue
            tried, left = await self._attempt(batch)
            well = well and tried
            waiting[:0] = left
        return well

    async def _attempt(self, batch: "_Batch") -> tuple[bool, list["_Batch"]]:
        """Try a batch once; return whether it succeeded and what is to be tried next, in order."""
        if batch.pause:
            await asyncio.sleep(batch.pause)
        outcome = await self.invoke(batch.records)
        first = _first_failure(batch.records, outcome)
        if first == len(batch.records):
            return True, []
        return False, await self._left(batch, first, outcome)

    async def _left(self, batch: "_Batch", first: int, outcome: Outcome) -> list["_Batch"]:
        """Return what is to be tried next after a failure at a position of a batch."""
        tried = replace(batch, invocations=batch.invocations + 1, error=outcome.error)
        if first > 0:
            # There was progress, so what is left starts anew.
            return [_Batch(batch.records[first:])]
        if self.bisect and len(batch.records) > 1:
            middle = len(batch.records) // 2
            return [_Batch(batch.records[:middle]), _Batch(batch.records[middle:])]
        if 0 <= self.retries < tried.invocations:
            await self.give_up(GivenUp(tried.records, EXHAUSTED, tried.invocations, tried.error))
            return []
        pause = min(max(FIRST_PAUSE, batch.pause * 2), LONGEST_PAUSE)
        return [replace(tried, pause=pause)]

    async def _without_old(self, batch: "_Batch") -> "_Batch":
        """Give up the records of a batch that are too old."""
        if self.max_age < 0:
            return batch
        limit = self.now() - self.max_age
        old = tuple(record for record in batch.records if record.arrived < limit)
        if old:
            await self.give_up(GivenUp(old, TOO_OLD, batch.invocations, batch.error))
        fresh = tuple(record for record in batch.records if record.arrived >= limit)
        return replace(batch, records=fresh)


@dataclass(frozen=True)
class _Batch:
    """Records that are tried together."""

    records: tuple[Record, ...]
    invocations: int = 0
    pause: float = 0.0
    error: str = ""


def _first_failure(records: Sequence[Record], outcome: Outcome) -> int:
    """Return the position of the first record that is not done; their number if all are."""
    if outcome.failed is None:
        return 0
    if not outcome.failed:
        return len(records)
    failed = set(outcome.failed)
    positions = [place for place, record in enumerate(records) if record.sequence in failed]
    # A name that no record bears makes the whole answer invalid, and so the batch failed.
    return positions[0] if len(positions) == len(failed) else 0
