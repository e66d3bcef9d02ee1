"""The consumer's loop: read a batch, store it, only then tell Kafka that it is done.

1. Messages are read in batches; Kafka may hand them out again at any time, so nothing counts
   as done before step 4.
2. Messages that can never be stored go to the dead-letter topic.
3. The others are inserted in one transaction; events that are there already are skipped.
4. The offsets are committed.

A crash anywhere repeats the batch, which changes nothing. When the database or the dead-letter
topic is away, the batch is put back and reading is paused until they answer; the consumer stays
in its group meanwhile.

Partitions are assigned cooperatively: when a consumer joins or leaves, the others go on with
the partitions they keep. Between two batches nothing is half done, so a partition can be taken
away at any call without further ado.
"""

import threading
import time
from collections.abc import Iterable, Sequence
from typing import cast

import structlog
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from prometheus_client import Counter, Histogram
from stream.kafka import KafkaSettings

from consumer.deadletter import DeadLetters, DeadLetterUnavailable
from consumer.records import Poison, Record, read_records
from consumer.store import Store, StoreUnavailable, UnstorableEvent

log = structlog.get_logger()

STORED = Counter("consumer_events_stored_total", "Events written to the database.")
DUPLICATES = Counter("consumer_events_duplicate_total", "Events that were there already.")
DEAD_LETTERS = Counter("consumer_dead_letters_total", "Messages sent to the dead-letter topic.")
SUSPENSIONS = Counter("consumer_suspensions_total", "Times reading was paused for an outage.")
BATCH_SECONDS = Histogram(
    "consumer_batch_seconds",
    "Time to store a batch and commit its offsets.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)

BATCH_WAIT_SECONDS = 0.05
LONGEST_BACK_OFF_SECONDS = 5.0


def group_consumer(settings: KafkaSettings) -> Consumer:
    """Return a member of the consumer group that commits only when told to."""
    return Consumer(
        settings.client("consumer")
        | {
            "group.id": settings.group_id,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "partition.assignment.strategy": "cooperative-sticky",
            "session.timeout.ms": 6_000,
            "heartbeat.interval.ms": 2_000,
            "max.poll.interval.ms": 120_000,
            "fetch.wait.max.ms": 50,
            "queued.max.messages.kbytes": 32 * 1024,
        }
    )


class Worker:
    """Runs the loop; `run` belongs in a thread of its own.

    Args:
        consumer: The member of the group.
        store: Where the events go.
        dead_letters: Where the messages go that can never be stored.
        topic: The topic to read.
        batch_events: Most events written in one transaction.
        until: Makes `run` return, once it is set, after the batch that is under way.

    Attributes:
        trouble: Why nothing can be stored now; "" while it can.
        heartbeat: When the loop last turned, by the monotonic clock.
    """

    def __init__(
        self,
        consumer: Consumer,
        store: Store,
        dead_letters: DeadLetters,
        *,
        topic: str,
        batch_events: int,
        until: threading.Event,
    ) -> None:
        self._consumer = consumer
        self._store = store
        self._dead_letters = dead_letters
        self._topic = topic
        self._batch_events = batch_events
        self._until = until
        self._suspended = False
        self._partitions: frozenset[int] = frozenset()
        self.trouble = "not started yet"
        self.heartbeat = time.monotonic()

    def run(self) -> None:
        """Consume until the time has come; whoever closes the consumer then leaves the group."""
        self._await_store()
        self._consumer.subscribe(
            [self._topic],
            on_assign=self._assigned,
            on_revoke=self._revoked,
            on_lost=self._revoked,
        )
        while not self._until.is_set():
            self.heartbeat = time.monotonic()
            messages = self._consumer.consume(self._batch_events, BATCH_WAIT_SECONDS)
            batch = [message for message in messages if self._is_event(message)]
            if batch:
                self._process(batch)

    def partitions(self) -> frozenset[int]:
        """Return the partitions that this member has now."""
        return self._partitions

    def _is_event(self, message: Message) -> bool:
        error = message.error()
        if error is None:
            return True
        if error.fatal():
            raise KafkaException(error)
        log.warning("kafka client error", error=error.str())
        return False

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        log.info("partitions assigned", partitions=sorted(item.partition for item in partitions))
        self._partitions |= {item.partition for item in partitions}
        consumer.incremental_assign(partitions)
        if self._suspended:
            consumer.pause(partitions)

    def _revoked(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._partitions -= {item.partition for item in partitions}
        consumer.incremental_unassign(partitions)

    def _await_store(self) -> None:
        for pause in _back_off():
            if self._until.is_set() or self._store_answers():
                return
            self._until.wait(pause)

    def _store_answers(self) -> bool:
        self.heartbeat = time.monotonic()
        try:
            self._store.require_schema()
        except StoreUnavailable as error:
            self._note_trouble(str(error))
            return False
        self._note_trouble("")
        return True

    def _note_trouble(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            log.warning("cannot store events", error=trouble)
        elif self.trouble and not trouble:
            log.info("storing events")
        self.trouble = trouble

    def _process(self, batch: list[Message]) -> None:
        started = time.perf_counter()
        try:
            records, poison = read_records(batch)
            poison += self._insert(records)
            if poison:
                self._bury(poison)
        except (StoreUnavailable, DeadLetterUnavailable) as error:
            self._note_trouble(str(error))
            self._suspend(batch)
            return
        self._commit(batch)
        BATCH_SECONDS.observe(time.perf_counter() - started)

    def _insert(self, records: Sequence[Record]) -> list[Poison]:
        """Insert records; return those the database refuses, found by halving the batch."""
        if not records:
            return []
        try:
            stored = self._store.insert([record.row for record in records])
        except UnstorableEvent as error:
            if len(records) == 1:
                return [Poison(records[0].message, str(error))]
            middle = len(records) // 2
            return self._insert(records[:middle]) + self._insert(records[middle:])
        STORED.inc(stored)
        DUPLICATES.inc(len(records) - stored)
        return []

    def _bury(self, poison: Sequence[Poison]) -> None:
        self._dead_letters.write(poison)
        DEAD_LETTERS.inc(len(poison))
        for item in poison:
            log.warning(
                "message cannot be stored",
                reason=item.reason,
                partition=item.message.partition(),
                offset=item.message.offset(),
            )

    def _commit(self, batch: Iterable[Message]) -> None:
        offsets = _ends(batch)
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            # Somebody else may have these partitions by now; the events come again and are
            # recognised.
            log.warning("offsets not committed", error=error.args[0].str())

    def _suspend(self, batch: Iterable[Message]) -> None:
        """Put a batch back and read nothing until the database answers.

        The consumer keeps being polled: a member that does not is expelled from its group.
        """
        SUSPENSIONS.inc()
        self._suspended = True
        self._put_back(batch)
        self._consumer.pause(self._consumer.assignment())
        for pause in _back_off():
            until = time.monotonic() + pause
            while time.monotonic() < until and not self._until.is_set():
                self._put_back(self._consumer.consume(1, min(0.2, pause)))
            if self._until.is_set() or self._store_answers():
                break
        self._suspended = False
        self._consumer.resume(self._consumer.assignment())

    def _put_back(self, messages: Iterable[Message]) -> None:
        mine = {(item.topic, item.partition) for item in self._consumer.assignment()}
        for start in _starts(messages):
            if (start.topic, start.partition) in mine:
                self._consumer.seek(start)


def _back_off() -> Iterable[float]:
    """Yield ever longer pauses, in seconds."""
    pause = 0.25
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_BACK_OFF_SECONDS)


def _ends(batch: Iterable[Message]) -> list[TopicPartition]:
    """Return where reading goes on after a batch, for each of its partitions."""
    ends: dict[tuple[str, int], int] = {}
    for message in batch:
        place = _place(message)
        ends[place] = max(ends.get(place, 0), _offset(message) + 1)
    return [TopicPartition(*place, offset) for place, offset in ends.items()]


def _starts(batch: Iterable[Message]) -> list[TopicPartition]:
    """Return where a batch begins, for each of its partitions."""
    starts: dict[tuple[str, int], int] = {}
    for message in batch:
        if message.error() is None:
            place = _place(message)
            starts[place] = min(starts.get(place, _offset(message)), _offset(message))
    return [TopicPartition(*place, offset) for place, offset in starts.items()]


def _place(message: Message) -> tuple[str, int]:
    """Return topic and partition of a message that came from a broker, so that both are there."""
    return cast("str", message.topic()), cast("int", message.partition())


def _offset(message: Message) -> int:
    return cast("int", message.offset())
