"""Reads a queue for one mapping: what is done is deleted, what failed comes back."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.region.services.lambda_events.delivery import to_its_end
from platformctl.region.services.lambda_events.invocation import Invoker
from platformctl.region.services.lambda_events.shards import OK, PROBLEM

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

_LOG = logging.getLogger(__name__)
_SHORTEST, _LONGEST = 0.05, 1.0
_MOST = 10
"""Messages that SQS hands out, or deletes, at a time."""


class QueuePoller:
    """Delivers the messages of a queue to a function."""

    def __init__(
        self,
        runtime: "Runtime",
        invoker: Invoker,
        region: str,
        mapping: Mapping[str, Any],
        report: Callable[[str], None],
    ) -> None:
        self._runtime = runtime
        self._invoker = invoker
        self._region = region
        self._mapping = mapping
        self._report = report

    async def run(self) -> None:
        """Deliver messages for ever."""
        pause = _SHORTEST
        while True:
            try:
                queue = await self._url()
                messages = await self._gather(queue)
                if messages:
                    await to_its_end(self._deliver(queue, messages))
            except (ClientError, BotoCoreError) as error:
                _LOG.warning("%s was not read: %s", self._mapping["EventSourceArn"], error)
                messages, pause = [], _LONGEST
            if messages:
                pause = _SHORTEST
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST)

    async def _url(self) -> str:
        name = self._mapping["EventSourceArn"].rpartition(":")[2]
        return (await self._call("get_queue_url", QueueName=name))["QueueUrl"]

    async def _gather(self, queue: str) -> list[dict[str, Any]]:
        """Receive until the batch is full, the queue is empty, or the window is over."""
        wanted = self._mapping["BatchSize"]
        window = self._mapping.get("MaximumBatchingWindowInSeconds", 0)
        end = asyncio.get_running_loop().time() + window
        messages: list[dict[str, Any]] = []
        while True:
            answer = await self._call(
                "receive_message",
                QueueUrl=queue,
                MaxNumberOfMessages=min(_MOST, wanted - len(messages)),
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            received = answer.get("Messages", [])
            messages += received
            left = end - asyncio.get_running_loop().time()
            if len(messages) >= wanted or not messages or (not received and left <= 0):
                return messages
            if not received:
                await asyncio.sleep(min(left, _SHORTEST))

    async def _deliver(self, queue: str, messages: Sequence[Mapping[str, Any]]) -> None:
        """Invoke the function and delete what it has done."""
        events = [_event(self._mapping, message) for message in messages]
        outcome = await self._invoker.invoke(self._region, self._mapping, events)
        failed = outcome.failed
        if failed is not None and not {m["MessageId"] for m in messages}.issuperset(failed):
            failed = None  # A name that no message bears makes the whole answer invalid.
        self._report(OK if failed is not None and not failed else PROBLEM)
        if failed is None:
            return
        done = [message for message in messages if message["MessageId"] not in set(failed)]
        for start in range(0, len(done), _MOST):
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(done[start : start + _MOST])
            ]
            await self._call("delete_message_batch", QueueUrl=queue, Entries=entries)

    async def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return await self._runtime.call("sqs", self._region, operation, parameters)


def _event(mapping: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message as the function gets it."""
    arn = mapping["EventSourceArn"]
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: {
                "stringValue": value.get("StringValue"),
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value["DataType"],
            }
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": arn.split(":")[3],
    }
