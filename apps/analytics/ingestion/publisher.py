"""The way into Kafka: messages of one request go in together and are acknowledged together.

The producer is served from the event loop itself: no thread competes for the interpreter, and
the acknowledgements of thousands of messages are taken at once. A request waits for one future,
whatever the number of its messages.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from prometheus_client import Counter, Gauge, Histogram
from stream.event import CORRELATION_HEADER
from stream.kafka import KafkaSettings
from telemetry.errors import ServiceUnavailable

log = structlog.get_logger()

IN_FLIGHT = Gauge("kafka_events_in_flight", "Events that wait for Kafka's acknowledgement.")
FAILURES = Counter("kafka_delivery_failures_total", "Events Kafka did not take.", ["error"])
ACKNOWLEDGEMENT = Histogram(
    "kafka_acknowledgement_seconds",
    "Time until Kafka has acknowledged all events of a request.",
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

BUSY_PAUSE_SECONDS = 0.001
IDLE_PAUSE_SECONDS = 0.25
PROBE_SECONDS = 2.0


class _Delivery:
    """Counts the acknowledgements of one request's messages."""

    __slots__ = ("error", "future", "remaining")

    def __init__(self, count: int) -> None:
        self.remaining = count
        self.error: KafkaError | None = None
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def __call__(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self.error = error
        self.remaining -= 1
        if self.remaining == 0 and not self.future.done():
            self.future.set_result(None)


class Publisher:
    """Publishes events and knows whether Kafka is there.

    Use it as an asynchronous context manager; leaving it waits for what is under way.
    """

    def __init__(self, settings: KafkaSettings, *, in_flight: int, delivery_seconds: int) -> None:
        self._topic = settings.topic
        self._limit = in_flight
        self._delivery_seconds = delivery_seconds
        self._in_flight = 0
        self._trouble = "not connected yet"
        self._broken = ""
        self._suspected = asyncio.Event()
        self._wake = asyncio.Event()
        self._landed_all = asyncio.Event()
        self._landed_all.set()
        self._producer = Producer(
            settings.client("ingestion")
            | {
                "acks": "all",
                "enable.idempotence": True,
                "compression.type": "lz4",
                "linger.ms": 5,
                "delivery.timeout.ms": delivery_seconds * 1000,
                "queue.buffering.max.messages": in_flight * 2,
                "queue.buffering.max.kbytes": 64 * 1024,
                # What Java clients use: the same user goes to the same partition for everyone.
                "partitioner": "murmur2_random",
                "error_cb": self._on_error,
            }
        )

    @property
    def trouble(self) -> str:
        """Why Kafka cannot be used just now; "" while it can."""
        return self._broken or self._trouble

    @property
    def broken(self) -> str:
        """Why only a new process would help; "" while that is not so."""
        return self._broken

    async def __aenter__(self) -> "Publisher":
        self._suspected.set()
        self._tasks = [asyncio.create_task(self._serve()), asyncio.create_task(self._watch())]
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._delivery_seconds + 1):
                await self._landed_all.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        lost = await asyncio.to_thread(self._producer.flush, 1.0)
        log.info("publisher closed", unacknowledged=lost)

    async def publish(self, messages: Sequence[tuple[str, bytes]], correlation_id: str) -> None:
        """Write messages to the topic and wait until Kafka has acknowledged every one.

        Args:
            messages: Key and value of each.
            correlation_id: Goes along as a header.

        Raises:
            ServiceUnavailable: Kafka is away, or too much waits for it already. Some of the
                messages may have been written all the same.
        """
        if self.trouble:
            raise ServiceUnavailable("kafka_unavailable", "Kafka cannot be reached", retry_after=2)
        if self._in_flight + len(messages) > self._limit:
            raise ServiceUnavailable("busy", "too many events wait for Kafka already")
        started = time.perf_counter()
        delivery = self._produce(messages, correlation_id)
        self._wake.set()
        try:
            await delivery.future
        finally:
            ACKNOWLEDGEMENT.observe(time.perf_counter() - started)
        if delivery.error is not None:
            self._refused(delivery.error)

    def _produce(self, messages: Sequence[tuple[str, bytes]], correlation_id: str) -> _Delivery:
        delivery = _Delivery(len(messages))
        headers: list[tuple[str, str | bytes | None]] = [(CORRELATION_HEADER, correlation_id)]
        produce, topic = self._producer.produce, self._topic
        queued = 0
        try:
            for key, value in messages:
                produce(topic, value, key, headers=headers, on_delivery=delivery)
                queued += 1
        except (BufferError, KafkaException) as error:
            raise ServiceUnavailable("busy", f"Kafka's queue takes no more: {error}") from error
        finally:
            self._count(queued)
            delivery.future.add_done_callback(lambda _: self._count(-queued))
            # The messages that never got into the queue are never acknowledged.
            delivery.remaining -= len(messages) - queued
            if delivery.remaining == 0:
                delivery.future.set_result(None)
        return delivery

    def _count(self, change: int) -> None:
        self._in_flight += change
        IN_FLIGHT.set(self._in_flight)
        if self._in_flight:
            self._landed_all.clear()
        else:
            self._landed_all.set()

    def _refused(self, error: KafkaError) -> None:
        FAILURES.labels(error.name()).inc()
        log.error("kafka did not take events", error=error.str())
        self._suspected.set()
        raise ServiceUnavailable(
            "kafka_unavailable", "Kafka did not acknowledge the events", retry_after=2
        )

    def _on_error(self, error: KafkaError) -> None:
        """Take an error of the client as a whole; most of them pass by themselves."""
        log.warning("kafka client error", error=error.str(), fatal=error.fatal())
        if error.fatal():
            self._broken = f"the producer cannot go on: {error.str()}"
        elif error.code() == KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001  # confluent's spelling
            self._suspected.set()

    async def _serve(self) -> None:
        """Take acknowledgements and errors from the producer, often while any are awaited."""
        while True:
            self._producer.poll(0)
            if self._in_flight:
                await asyncio.sleep(BUSY_PAUSE_SECONDS)
                continue
            self._wake.clear()
            try:
                async with asyncio.timeout(IDLE_PAUSE_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _watch(self) -> None:
        """Whenever Kafka is suspected to be away, ask it, until it answers again."""
        while True:
            await self._suspected.wait()
            try:
                await asyncio.to_thread(
                    self._producer.list_topics, self._topic, timeout=PROBE_SECONDS
                )
            except KafkaException as error:
                reason = error.args[0].str()
                if reason != self._trouble:
                    log.warning("kafka is away", error=reason)
                self._trouble = reason
                await asyncio.sleep(0.5)
            else:
                if self._trouble:
                    log.info("kafka is there")
                self._trouble = ""
                self._suspected.clear()
