"""The consumer as a service: its loop in a thread, its health and metrics over HTTP."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from confluent_kafka import Consumer
from fastapi import FastAPI
from telemetry.application import create_application

from consumer.deadletter import DeadLetters
from consumer.intake import Intake
from consumer.lag import LagReporter
from consumer.settings import Settings
from consumer.standby import Standby
from consumer.store import Store
from consumer.worker import Worker, group_consumer

log = structlog.get_logger()

STUCK_SECONDS = 120.0
"""A loop that has not turned for so long hangs; one statement may take 30 s."""
STANDBY_SECONDS = 2.0
"""Between two checks of a side that stands by."""


class Consumption:
    """Stands by or consumes, as its side's intake says, and tells how it is.

    Args:
        settings: The consumer's settings.

    Attributes:
        on_failure: Called when the loop has ended by an error, so that the process ends too.
    """

    def __init__(self, settings: Settings) -> None:
        self.on_failure: Callable[[], None] = lambda: None
        self._settings = settings
        self._intake = Intake(settings.intake)
        self._store = Store(settings.database)
        self._dead_letters = DeadLetters(settings.kafka)
        self._worker: Worker | None = None
        self._unready = {"consumer": "not checked yet"}
        self._thread = threading.Thread(target=self._run, name="worker")

    @property
    def release(self) -> str:
        """The release this task belongs to."""
        return self._settings.server.release

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Take part while the application is served; at the end finish the batch under way."""
        self._intake.start()
        self._thread.start()
        try:
            yield
        finally:
            self._intake.end()
            await asyncio.to_thread(self._thread.join)
            await asyncio.to_thread(self._intake.join)

    def problems(self) -> dict[str, str]:
        """Tell why nothing can be stored now, or could not after a take-over."""
        worker = self._worker
        if worker is not None:
            return {"database": worker.trouble} if worker.trouble else {}
        if self._intake.state == "unknown":
            return {"intake": self._intake.trouble}
        return self._unready

    def broken(self) -> str:
        """Tell whether the loop hangs, or a side that stands by would fail if it took over.

        A release that cannot work has to be seen before it takes over, so a task that stands by is
        healthy only while its checks succeed; one that consumes waits for what is away.
        """
        worker = self._worker
        if worker is None and self._intake.state == "active":
            return ""
        if worker is None:
            return "; ".join(f"{name}: {text}" for name, text in self.problems().items())
        silent = time.monotonic() - worker.heartbeat
        return f"the consumer has hung for {silent:.0f} s" if silent > STUCK_SECONDS else ""

    def facts(self) -> dict[str, str]:
        """Tell which side this is and whether it takes messages in."""
        return {"side": self._intake.side, "intake": self._intake.state}

    def _run(self) -> None:
        try:
            while not self._intake.ended:
                self._take_part()
        except Exception:  # whatever it was, the process must end and be restarted
            log.exception("the consumer cannot go on")
            self.on_failure()

    def _take_part(self) -> None:
        """Stand by until messages are ours to take, then take them until they are not."""
        consumer = group_consumer(self._settings.kafka)
        try:
            self._stand_by(consumer)
            if not self._intake.given_up.is_set():
                self._consume(consumer)
        finally:
            self._worker = None
            # Leaves the group at once: the others need not wait for a member that is gone.
            consumer.close()
            self._store.close()

    def _stand_by(self, consumer: Consumer) -> None:
        standby = Standby(consumer, self._store, topic=self._settings.kafka.topic)
        while not self._intake.taken.is_set():
            found = standby.problems()
            if found and found != self._unready:
                log.warning("could not take over", **found)
            elif self._unready and not found:
                log.info("ready to take over")
            self._unready = found
            self._intake.taken.wait(STANDBY_SECONDS)

    def _consume(self, consumer: Consumer) -> None:
        settings = self._settings
        self._worker = worker = Worker(
            consumer,
            self._store,
            self._dead_letters,
            topic=settings.kafka.topic,
            batch_events=settings.batch_events,
            until=self._intake.given_up,
        )
        lag = LagReporter(
            settings.kafka,
            partitions=worker.partitions,
            topic=settings.kafka.topic,
            namespace=settings.metrics_namespace,
            region=settings.region,
            seconds=settings.metrics_seconds,
        )
        lag.start()
        try:
            self._worker.run()
        finally:
            lag.stop()
            # What has just consumed could do it again, until a check says otherwise.
            self._unready = {}


def create_consumer(consumption: Consumption) -> FastAPI:
    """Return the application of the service."""
    return create_application(
        "Analytics consumer",
        "Moves events from Kafka into PostgreSQL.",
        consumption,
        consumption.lifespan,
        release=consumption.release,
    )
