"""Reads a stream for one mapping: every shard in order, several batches of it side by side."""

import asyncio
import json
import logging
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jmespath
from botocore.exceptions import BotoCoreError, ClientError

from platformctl.region.cancellation import end_tasks
from platformctl.region.services.lambda_events.checkpoints import Checkpoint
from platformctl.region.services.lambda_events.delivery import (
    Delivery,
    GivenUp,
    Outcome,
    Record,
    to_its_end,
)
from platformctl.region.services.lambda_events.invocation import Invoker
from platformctl.region.services.lambda_events.streams import StreamKind, failure_message

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime, Table

_LOG = logging.getLogger(__name__)
_SHORTEST, _LONGEST = 0.05, 1.0
"""Seconds between two looks at a shard; the pause doubles while nothing comes. AWS looks once a
second."""
_LOOK_FOR_SHARDS = 5.0
_MOST_RECORDS = 10_000
OK, PROBLEM = "OK", "PROBLEM: Function call failed"


class StreamPoller:
    """Delivers what comes on a stream to a function."""

    def __init__(
        self,
        runtime: "Runtime",
        invoker: Invoker,
        region: str,
        mapping: Mapping[str, Any],
        kind: StreamKind,
        checkpoints: "Table",
        report: Callable[[str], None],
    ) -> None:
        self._runtime = runtime
        self._invoker = invoker
        self._region = region
        self._mapping = mapping
        self._kind = kind
        self._checkpoints = checkpoints
        self._report = report
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._finished: set[str] = set()

    async def run(self) -> None:
        """Read every shard, those that are yet to come included, for ever."""
        try:
            while True:
                await self._look_for_shards()
                await asyncio.sleep(_LOOK_FOR_SHARDS)
        finally:
            await end_tasks(*self._readers.values())

    async def _look_for_shards(self) -> None:
        operation, path = self._kind.shards
        try:
            answer = await self._call(operation, self._kind.names_stream(self._source))
        except (ClientError, BotoCoreError) as error:
            _LOG.warning("the shards of %s are not known: %s", self._source, error)
            return
        for shard in jmespath.search(path, answer) or ():
            name = shard["ShardId"]
            parents = {shard.get("ParentShardId"), shard.get("AdjacentParentShardId")} - {None}
            known = {parent for parent in parents if parent in self._readers}
            # A shard comes after those it was made of, so that nothing overtakes.
            if name not in self._readers and known <= self._finished:
                self._readers[name] = self._runtime.spawn(
                    f"lambda/{self._region}/{self._mapping['UUID']}/{name}", self._read(name)
                )

    async def _read(self, shard: str) -> None:
        """Deliver one shard until it ends."""
        key = f"{self._mapping['UUID']}/{shard}"
        checkpoint = Checkpoint(self._runtime, self._checkpoints, key)
        iterator: str | None = ""
        pause = _SHORTEST
        try:
            while True:
                checkpoint.write()
                if checkpoint.fell_back():
                    iterator = ""
                try:
                    if not iterator:
                        iterator = await self._iterator(shard, checkpoint.position)
                    records, iterator = await self._gather(shard, iterator)
                except (ClientError, BotoCoreError) as error:
                    _LOG.warning("%s of %s was not read: %s", shard, self._source, error)
                    iterator, records = "", []
                    pause = _LONGEST
                if records:
                    await to_its_end(self._take(shard, records, checkpoint))
                    pause = _SHORTEST
                elif iterator is None:
                    self._finished.add(shard)
                    return
                else:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST)
        finally:
            checkpoint.close()

    async def _take(self, shard: str, records: Sequence[Record], checkpoint: Checkpoint) -> None:
        await self._deliver(shard, records)
        checkpoint.done(records[-1].sequence)

    async def _iterator(self, shard: str, position: str) -> str:
        start: dict[str, Any] = {"ShardIteratorType": self._mapping["StartingPosition"]}
        if position:
            start = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                ("StartingSequenceNumber" if self._kinesis else "SequenceNumber"): position,
            }
        elif "StartingPositionTimestamp" in self._mapping:
            start["Timestamp"] = self._mapping["StartingPositionTimestamp"]
        stream = self._kind.names_stream(self._source)
        answer = await self._call("get_shard_iterator", {**stream, "ShardId": shard, **start})
        return answer["ShardIterator"]

    async def _gather(self, shard: str, iterator: str) -> tuple[list[Record], str | None]:
        """Read until the batches are full or the window is over."""
        wanted = self._mapping["BatchSize"] * self._mapping.get("ParallelizationFactor", 1)
        window = self._mapping.get("MaximumBatchingWindowInSeconds", 0)
        end = asyncio.get_running_loop().time() + window
        records: list[Record] = []
        while True:
            limit = min(wanted - len(records), _MOST_RECORDS if self._kinesis else 1000)
            answer = await self._call("get_records", {"ShardIterator": iterator, "Limit": limit})
            records += [self._kind.record(self._mapping, shard, each) for each in answer["Records"]]
            following = answer.get("NextShardIterator")
            left = end - asyncio.get_running_loop().time()
            if following is None or len(records) >= wanted or left <= 0 or not records:
                return records, following
            iterator = following
            await asyncio.sleep(min(left, _SHORTEST))

    async def _deliver(self, shard: str, records: Sequence[Record]) -> None:
        """Deliver records in lanes; what bears the same key is in the same lane."""
        mapping = self._mapping
        lanes: dict[int, list[Record]] = {}
        for record in records:
            number = zlib.crc32(record.key.encode()) % mapping.get("ParallelizationFactor", 1)
            lanes.setdefault(number, []).append(record)

        async def invoke(batch: Sequence[Record]) -> Outcome:
            return await self._invoker.invoke(
                self._region, mapping, [record.event for record in batch]
            )

        async def give_up(given_up: GivenUp) -> None:
            await self._give_up(shard, given_up)

        delivery = Delivery(
            invoke,
            give_up,
            self._runtime.now,
            mapping.get("MaximumRetryAttempts", -1),
            mapping.get("MaximumRecordAgeInSeconds", -1),
            mapping.get("BisectBatchOnFunctionError", False),
        )
        size = mapping["BatchSize"]

        async def run(lane: Sequence[Record]) -> bool:
            well = True
            for start in range(0, len(lane), size):
                well = await delivery.deliver(lane[start : start + size]) and well
            return well

        results = await asyncio.gather(*(run(lane) for lane in lanes.values()))
        self._report(OK if all(results) else PROBLEM)

    async def _give_up(self, shard: str, given_up: GivenUp) -> None:
        """Tell the destination about records that are given up; wait until it has taken it."""
        destination = (self._mapping.get("DestinationConfig") or {}).get("OnFailure") or {}
        arn = destination.get("Destination")
        first, count = given_up.records[0].sequence, len(given_up.records)
        _LOG.warning("%s gives up %d records from %s on", self._mapping["UUID"], count, first)
        if not arn:
            return
        message = json.dumps(
            failure_message(self._mapping, self._kind, shard, given_up, self._runtime.now())
        )
        while True:
            try:
                await tell(self._runtime, arn, message)
            except (ClientError, BotoCoreError) as error:
                _LOG.warning("%s was not told of a failure: %s", arn, error)
                await asyncio.sleep(_LONGEST)
            else:
                return

    @property
    def _source(self) -> str:
        return self._mapping["EventSourceArn"]

    @property
    def _kinesis(self) -> bool:
        return self._kind.service == "kinesis"

    async def _call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        return await self._runtime.call(self._kind.service, self._region, operation, parameters)


async def tell(runtime: "Runtime", arn: str, message: str) -> None:
    """Send a message to a queue, or publish it on a topic."""
    service, region, name = arn.split(":")[2], arn.split(":")[3], arn.rpartition(":")[2]
    if service == "sns":
        await runtime.call("sns", region, "publish", {"TopicArn": arn, "Message": message})
        return
    found = await runtime.call("sqs", region, "get_queue_url", {"QueueName": name})
    sent = {"QueueUrl": found["QueueUrl"], "MessageBody": message}
    await runtime.call("sqs", region, "send_message", sent)
