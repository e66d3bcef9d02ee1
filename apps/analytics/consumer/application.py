"""The consumer as a service: its loop in a thread, its health and metrics over HTTP."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from telemetry.application import create_application

from consumer.deadletter import DeadLetters
from consumer.lag import LagReporter
from consumer.settings import Settings
from consumer.store import Store
from consumer.worker import Worker, group_consumer

log = structlog.get_logger()

STUCK_SECONDS = 120.0
"""A loop that has not turned for so long hangs; one statement may take 30 s."""


class Consumption:
    """Starts and ends the loop and tells how it is.

    Args:
        settings: The consumer's settings.

    Attributes:
        on_failure: Called when the loop has ended by an error, so that the process ends too.
    """

    def __init__(self, settings: Settings) -> None:
        self.on_failure: Callable[[], None] = lambda: None
        topic = settings.kafka.topic
        consumer = group_consumer(settings.kafka)
        self._worker = Worker(
            consumer,
            Store(settings.database),
            DeadLetters(settings.kafka),
            topic=topic,
            batch_events=settings.batch_events,
        )
        self._lag = LagReporter(
            consumer,
            topic=topic,
            namespace=settings.metrics_namespace,
            region=settings.region,
            seconds=settings.metrics_seconds,
        )
        self._thread = threading.Thread(target=self._run, name="worker")

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Consume while the application is served; at the end finish the batch under way."""
        self._thread.start()
        try:
            yield
        finally:
            self._worker.stop()
            await asyncio.to_thread(self._thread.join)

    def problems(self) -> dict[str, str]:
        """Tell why nothing can be stored now."""
        return {"database": self._worker.trouble} if self._worker.trouble else {}

    def broken(self) -> str:
        """Tell whether the loop hangs."""
        silent = time.monotonic() - self._worker.heartbeat
        return f"the consumer has hung for {silent:.0f} s" if silent > STUCK_SECONDS else ""

    def _run(self) -> None:
        self._lag.start()
        try:
            self._worker.run(before_close=self._lag.stop)
        except Exception:  # whatever it was, the process must end and be restarted
            log.exception("the consumer cannot go on")
            self.on_failure()


def create_consumer(consumption: Consumption) -> FastAPI:
    """Return the application of the service."""
    return create_application(
        "Analytics consumer",
        "Moves events from Kafka into PostgreSQL.",
        consumption,
        consumption.lifespan,
    )
