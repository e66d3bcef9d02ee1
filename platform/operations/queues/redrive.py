"""Send dead letters back to where they came from; delete each only once it is accepted there."""

import base64
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from platformctl.errors import InvocationError
from platformctl.operations.queues.find import DeadLetterQueue
from platformctl.operations.queues.letters import (
    Clients,
    Letter,
    Record,
    letters,
    release,
)

MOST = 100_000
"""Messages of one round; more than a queue may hold in flight are read in turns."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
"""Seconds before what was not accepted is sent again; the pause doubles."""
SENDINGS = 8
BUSY = frozenset(
    {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestThrottled"}
)
Corrections = Mapping[str, bytes]


@dataclass
class Outcome:
    """What came of a redrive.

    Attributes:
        redriven: Messages whose records were accepted where they came from, and were deleted.
        kept: Messages that stay, by id, with the reason.
    """

    redriven: int = 0
    kept: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"redriven": self.redriven, "kept": dict(self.kept)}


class NotAcceptedError(Exception):
    """A record was not accepted where it came from; the message says why."""


@dataclass(frozen=True)
class Redrive:
    """Sends dead letters back.

    Attributes:
        clients: Makes boto3 clients: (service, region).
        queue: The dead-letter queue.
        corrections: Record's id → what it shall hold instead.
        pause: Waits for some seconds.
    """

    clients: Clients
    queue: DeadLetterQueue
    corrections: Corrections = field(default_factory=dict)
    pause: Callable[[float], None] = time.sleep

    def run(self) -> Outcome:
        """Send everything back that is in the queue now.

        A message that comes back meanwhile is not sent again: that would go on for ever.
        """
        outcome, started = Outcome(), time.time()
        sqs = self.clients("sqs", self.queue.region)
        kept: list[str] = []
        for letter in letters(self.clients, self.queue, MOST):
            if letter.sent > started or letter.id in outcome.kept:
                kept.append(letter.receipt)
                break
            try:
                self._send(letter)
            except NotAcceptedError as error:
                outcome.kept[letter.id] = str(error)
                kept.append(letter.receipt)
            else:
                sqs.delete_message(QueueUrl=self.queue.url, ReceiptHandle=letter.receipt)
                outcome.redriven += 1
        release(sqs, self.queue, kept)
        return outcome

    def _send(self, letter: Letter) -> None:
        if not letter.records:
            raise NotAcceptedError("the stream does not keep its records any more")
        service = letter.source.split(":")[2] if letter.source else ""
        if service == "kinesis":
            self._to_stream(letter)
        elif service == "sqs":
            self._to_queue(letter)
        else:
            raise NotAcceptedError("it is not known where it came from")

    def _corrected(self, record: Record) -> bytes:
        return self.corrections.get(record.id, record.data)

    def _to_stream(self, letter: Letter) -> None:
        """Put records on their stream again, those that were not accepted again and again."""
        client = self.clients("kinesis", letter.source.split(":")[3])
        waiting = [
            {"Data": self._corrected(record), "PartitionKey": record.key}
            for record in letter.records
        ]
        reason = ""
        for pause in _pauses():
            some = waiting[:500]
            try:
                answers = client.put_records(StreamARN=letter.source, Records=some)["Records"]
            except ClientError as error:
                _raise_unless_busy(error)
                reason = str(error)
                answers = [{"ErrorCode": "Throttled"}] * len(some)
            refused = [
                record
                for record, answer in zip(some, answers, strict=True)
                if answer.get("ErrorCode")
            ]
            waiting = [*refused, *waiting[500:]]
            if not waiting:
                return
            if refused:
                self.pause(pause)
        raise NotAcceptedError(f"the stream did not accept all records: {reason or 'throttled'}")

    def _to_queue(self, letter: Letter) -> None:
        """Send a message to its queue again."""
        region, name = letter.source.split(":")[3], letter.source.rpartition(":")[2]
        client = self.clients("sqs", region)
        reason = ""
        for pause in _pauses():
            try:
                url = client.get_queue_url(QueueName=name)["QueueUrl"]
                for record in letter.records:
                    body = self._corrected(record).decode()
                    client.send_message(QueueUrl=url, MessageBody=body)
            except ClientError as error:
                _raise_unless_busy(error)
                reason = str(error)
                self.pause(pause)
            else:
                return
        raise NotAcceptedError(reason)


def _pauses() -> Iterator[float]:
    """Yield how long to wait after each of the sendings there may be."""
    for number in range(SENDINGS):
        yield min(FIRST_PAUSE * 2**number, LONGEST_PAUSE)


def _raise_unless_busy(error: ClientError) -> None:
    if error.response["Error"]["Code"] not in BUSY:
        raise NotAcceptedError(str(error)) from error


def corrections(documents: Iterable[Mapping[str, Any]]) -> Corrections:
    """Read what records shall hold instead, from messages as `dlq show --json` prints them.

    Raises:
        InvocationError: A message is not as it was printed.
    """
    found: dict[str, bytes] = {}
    for document in documents:
        for record in document.get("records") or ():
            try:
                found[record["id"]] = _data(record)
            except (KeyError, TypeError, ValueError) as error:
                raise InvocationError(
                    "the corrections cannot be read",
                    why=f"a record has no id, or none of json, text and base64: {error!r}",
                    remedy="start from what platformctl dlq show ENV --json prints",
                ) from error
    return found


def _data(record: Mapping[str, Any]) -> bytes:
    if "json" in record:
        return json.dumps(record["json"]).encode()
    if "text" in record:
        return record["text"].encode()
    return base64.b64decode(record["base64"], validate=True)


def purge(clients: Clients, queue: DeadLetterQueue) -> None:
    """Delete everything in a dead-letter queue."""
    clients("sqs", queue.region).purge_queue(QueueUrl=queue.url)
