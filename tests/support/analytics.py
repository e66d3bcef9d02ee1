"""The services of the analytics product as processes, and the events to send them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path

import httpx
from confluent_kafka import Consumer
from support.platform import eventually
from support.ports import free_port

APPS = Path(__file__).resolve().parents[2] / "apps" / "analytics"


def event(**changes):
    """Return a good event that happened now."""
    return {
        "eventId": str(uuid.uuid4()),
        "userId": "user-ada",
        "sessionId": "session-1",
        "eventType": "page_view",
        "timestamp": datetime.now(UTC).isoformat(),
        "properties": {"path": "/"},
        **changes,
    }


class Service:
    """One service: `python -m NAME` in the product's folder."""

    def __init__(self, name, environment, *, ready=True, apps=APPS):
        self.name = name
        self.port = free_port()
        # A file takes any number of log lines; a pipe that nobody reads would stop the service.
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed by close()
        self._process = subprocess.Popen(
            [sys.executable, "-m", name],
            cwd=apps,
            env={**os.environ, **environment, "HOST": "127.0.0.1", "PORT": str(self.port)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)
        # Three interpreters that start at once on a busy machine need their time.
        eventually(lambda: self._answers(ready=ready), seconds=60)

    def status(self, path):
        """Return the status of a GET; None when nobody listens."""
        assert self._process.poll() is None, self.output()
        try:
            return self.client.get(path).status_code
        except httpx.TransportError:
            return None

    def _answers(self, *, ready):
        return self.status("/ready") == 200 if ready else self.status("/health") is not None

    def get(self, path, **parameters):
        return self.client.get(path, params=parameters)

    def post(self, *events):
        return self.client.post("/v1/events", json={"events": events})

    def metric(self, name):
        """Return a metric's value, summed over its labels."""
        lines = self.client.get("/metrics").text.splitlines()
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in lines
            if line.startswith((f"{name} ", f"{name}{{"))
        )

    def signal(self, number):
        self._process.send_signal(number)

    def kill(self):
        self._process.kill()
        self._process.wait(10)

    def close(self):
        """Kill the service if it still runs and forget everything about it."""
        self.kill()
        self.client.close()
        self._log.close()

    def end(self):
        """Ask the service to stop; return its exit status and its log records."""
        if self._process.poll() is None:
            self.signal(signal.SIGTERM)
        status = self._process.wait(40)
        return status, [json.loads(line) for line in self.output().splitlines()]

    def output(self):
        """Return what it has written to its log so far."""
        self._log.seek(0)
        return self._log.read()


class Product:
    """A topic, a consumer group and a database of one's own, and the services on them."""

    def __init__(self, *, kafka, postgres, redis):
        name = f"t{uuid.uuid4().hex[:12]}"
        self.kafka = kafka
        self.postgres = postgres
        self.redis = redis
        self.name = name
        self._services = []
        if postgres:
            postgres.create(name)

    @property
    def environment(self):
        """What every service is told."""
        return {
            "KAFKA_BROKERS": self.kafka.brokers if self.kafka else "127.0.0.1:1",
            "KAFKA_TOPIC": f"{self.name}-events",
            "KAFKA_DEAD_LETTER_TOPIC": f"{self.name}-dead",
            "KAFKA_GROUP_ID": f"{self.name}-group",
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(self.postgres.port if self.postgres else 1),
            "DB_NAME": self.name,
            "DB_USER": "analytics",
            "DB_PASSWORD": "analytics",
            "DB_SSLMODE": "disable",
            "REDIS_HOST": "127.0.0.1",
            "REDIS_PORT": str(self.redis.port if self.redis else 1),
            "REDIS_TLS": "false",
            "CACHE_TTL_SECONDS": "5",
        }

    def start(self, name, *, ready=True, apps=APPS, **changes):
        """Start a service; it is stopped with the product at the latest.

        Args:
            name: Which one.
            ready: Whether to wait until it is ready, or just until it answers.
            apps: Folder of the product's source, for another version of it.
            changes: Variables that differ.
        """
        service = Service(name, {**self.environment, **changes}, ready=ready, apps=apps)
        self._services.append(service)
        return service

    def close(self):
        for service in self._services:
            service.close()

    def migrate(self):
        """Run the migrations of the source, as a deployment does before its services."""
        run = subprocess.run(
            [sys.executable, "-m", "database", "up"],
            cwd=APPS,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr

    def rows(self, query="SELECT event_id FROM events"):
        """Run a query on the database; no rows while the table is not there."""
        with self.postgres.connect(self.name) as connection:
            if connection.execute("SELECT to_regclass('events')").fetchone()[0] is None:
                return []
            return connection.execute(query).fetchall()

    def stored(self):
        """Return how often each event id is in the database: always once."""
        return {row[0] for row in self.rows()}

    def read(self, topic, count):
        """Read so many messages of a topic of ours, `events` or `dead`, from its begin."""
        consumer = Consumer(
            {
                "bootstrap.servers": self.kafka.brokers,
                "group.id": f"reader-{uuid.uuid4()}",
                "auto.offset.reset": "earliest",
                "log_level": 0,
            }
        )
        consumer.subscribe([f"{self.name}-{topic}"])
        messages = []

        def enough():
            messages.extend(item for item in consumer.consume(count, 0.5) if item.error() is None)
            return len(messages) >= count

        eventually(enough)
        consumer.close()
        return messages
