"""Dead letters: messages with what they are about, read from where it still is.

Lambda tells a queue which records of a stream it gave up, not what is in them; they are read from
the stream, as long as it keeps them. A message that another queue gave up holds everything itself.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from platformctl.operations.queues.find import DeadLetterQueue

Clients = Callable[[str, str], Any]
HIDDEN = 120
"""Seconds that messages are hidden from others while they are read."""
AT_ONCE = 10
KINESIS_BATCH = "KinesisBatchInfo"
NOT_HIDDEN = frozenset(
    {"AWS.SimpleQueueService.MessageNotInflight", "InvalidParameterValue", "MessageNotInflight"}
)
LOST = frozenset({"ResourceNotFoundException", "InvalidArgumentException"})


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record that was given up.

    Attributes:
        id: Sequence number in its stream, or the message's id.
        key: Partition key; "" for what comes from a queue.
        data: What is in it.
    """

    id: str
    key: str
    data: bytes

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it: its data as JSON or text, as Base64 where it is neither."""
        return {"id": self.id, "key": self.key, **_readable(self.data)}


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message of a dead-letter queue.

    Attributes:
        id: Its id.
        receipt: What deletes it.
        sent: When it came, in seconds since the epoch.
        receives: How often it was looked at.
        error: Why it is here.
        source: ARN of the stream or queue that it came from.
        records: What it is about; nothing where the stream does not keep it any more.
    """

    id: str
    receipt: str
    sent: float
    receives: int
    error: str
    source: str
    records: Sequence[Record]

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "id": self.id,
            "sent": self.sent,
            "receives": self.receives,
            "error": self.error,
            "source": self.source,
            "records": [record.document() for record in self.records],
        }


@dataclass(frozen=True, kw_only=True)
class Depth:
    """How full a dead-letter queue is.

    Attributes:
        queue: The queue.
        waiting: Messages that can be read.
        in_flight: Messages that somebody reads at this moment.
        oldest: When the oldest of those looked at came, in seconds since the epoch; None if there
            is none.
    """

    queue: DeadLetterQueue
    waiting: int
    in_flight: int
    oldest: float | None

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "name": self.queue.name,
            "arn": self.queue.arn,
            "sources": list(self.queue.sources),
            "waiting": self.waiting,
            "inFlight": self.in_flight,
            "oldest": self.oldest,
        }


def depth(clients: Clients, queue: DeadLetterQueue) -> Depth:
    """Look how full a queue is."""
    sqs = clients("sqs", queue.region)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=names)["Attributes"]
    waiting = int(answer[names[0]])
    sent = [_sent(message) for message in _take(sqs, queue, AT_ONCE)] if waiting else []
    return Depth(
        queue=queue,
        waiting=waiting,
        in_flight=int(answer[names[1]]),
        oldest=min(sent, default=None),
    )


def _take(sqs: Any, queue: DeadLetterQueue, most: int) -> list[dict[str, Any]]:
    """Return messages and let others see them again at once."""
    messages = list(received(sqs, queue, most))
    release(sqs, queue, [message["ReceiptHandle"] for message in messages])
    return messages


def received(sqs: Any, queue: DeadLetterQueue, most: int) -> Iterator[dict[str, Any]]:
    """Yield messages, each hidden from others for a while, until there are no more."""
    left = most
    while left > 0:
        answer = sqs.receive_message(
            QueueUrl=queue.url,
            MaxNumberOfMessages=min(AT_ONCE, left),
            MessageSystemAttributeNames=["All"],
            VisibilityTimeout=HIDDEN,
            WaitTimeSeconds=1,
        )
        messages = answer.get("Messages", [])
        if not messages:
            return
        yield from messages
        left -= len(messages)


def release(sqs: Any, queue: DeadLetterQueue, receipts: Sequence[str]) -> None:
    """Let others see messages again at once."""
    for receipt in receipts:
        try:
            sqs.change_message_visibility(
                QueueUrl=queue.url, ReceiptHandle=receipt, VisibilityTimeout=0
            )
        except ClientError as error:
            # Hidden no more is what was wanted.
            if error.response["Error"]["Code"] not in NOT_HIDDEN:
                raise


def letters(clients: Clients, queue: DeadLetterQueue, most: int) -> Iterator[Letter]:
    """Yield dead letters with what they are about; they stay hidden for a while."""
    sqs = clients("sqs", queue.region)
    for message in received(sqs, queue, most):
        yield read(clients, queue, message)


def peek(clients: Clients, queue: DeadLetterQueue, most: int) -> list[Letter]:
    """Return dead letters and let others see them again at once."""
    found = list(letters(clients, queue, most))
    release(clients("sqs", queue.region), queue, [letter.receipt for letter in found])
    return found


def read(clients: Clients, queue: DeadLetterQueue, message: Mapping[str, Any]) -> Letter:
    """Return what a message is about."""
    letter = Letter(
        id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        sent=_sent(message),
        receives=int(message["Attributes"].get("ApproximateReceiveCount", 0)),
        error="its queue gave it up after its last attempt",
        source=message["Attributes"].get("DeadLetterQueueSourceArn") or _only(queue),
        records=[Record(id=message["MessageId"], key="", data=message["Body"].encode())],
    )
    try:
        body = json.loads(message["Body"])
    except ValueError:
        return letter
    if not isinstance(body, dict) or KINESIS_BATCH not in body:
        return letter
    batch, request = body[KINESIS_BATCH], body["requestContext"]
    return replace(
        letter,
        error=_error(request, body.get("responseContext") or {}),
        source=batch["streamArn"],
        records=list(_from_stream(clients, batch)),
    )


def _error(request: Mapping[str, Any], response: Mapping[str, Any]) -> str:
    failure = response.get("functionError")
    attempts = request.get("approximateInvokeCount")
    because = f" ({failure})" if failure else ""
    return f"{request['condition']} after {attempts} attempts{because}"


def _from_stream(clients: Clients, batch: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the records of a batch from their stream, as far as it still keeps them."""
    arn = batch["streamArn"]
    kinesis = clients("kinesis", arn.split(":")[3])
    try:
        iterator = kinesis.get_shard_iterator(
            StreamARN=arn,
            ShardId=batch["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            StartingSequenceNumber=batch["startSequenceNumber"],
        )["ShardIterator"]
    except ClientError as error:
        if error.response["Error"]["Code"] in LOST:
            return
        raise
    last, left = int(batch["endSequenceNumber"]), batch["batchSize"]
    while iterator and left > 0:
        answer = kinesis.get_records(ShardIterator=iterator, Limit=min(left, 1000))
        if not answer["Records"] and not answer.get("MillisBehindLatest"):
            return
        for record in answer["Records"]:
            if int(record["SequenceNumber"]) > last:
                return
            left -= 1
            yield Record(
                id=record["SequenceNumber"], key=record["PartitionKey"], data=record["Data"]
            )
        iterator = answer.get("NextShardIterator")


def _only(queue: DeadLetterQueue) -> str:
    """Return where messages come from, if there is but one place."""
    return queue.sources[0] if len(queue.sources) == 1 else ""


def _sent(message: Mapping[str, Any]) -> float:
    sent = message["Attributes"].get("SentTimestamp", "0")
    return sent.timestamp() if isinstance(sent, datetime) else int(sent) / 1000


def _readable(data: bytes) -> dict[str, Any]:
    try:
        return {"json": json.loads(data)}
    except ValueError:
        pass
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}
