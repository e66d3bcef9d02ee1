"""Numbered events through Kafka into PostgreSQL, while the consumer between them is cut over."""

import json
import shutil
import threading
import time
import uuid

import httpx
from confluent_kafka import Producer
from support.analytics import APPS, event
from support.databases import PASSWORD
from support.ecs import Stage, wait_for
from support.migrating import Shop
from support.operations import create_table
from support.press import SIDES, Press
from support.streams import make_cluster, make_topic

from platformctl.aws.clients import local_clients
from platformctl.config.app import load_app
from platformctl.operations.cutover.version import Version
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.migration.steps import UP
from platformctl.operations.services.model import Service, Side

EVENTS, DEAD = "events", "dead"
PORT = 8081
PARTS = ("consumer", "telemetry", "stream", "database")


class Pipeline(Press):
    """The analytics consumer with two sides, its topic and its database.

    Args:
        region: The region.
    """

    def __init__(self, region):
        self.region = region
        self.clients = local_clients(region.endpoint)
        self.name = f"ledger-{uuid.uuid4().hex[:6]}"
        self.shop = Shop(region, BackupRetentionPeriod=0)
        migrated = self.shop.run(UP)
        assert migrated.state.is_final, migrated.outcome
        self.kafka = make_cluster(region, self.name)
        for topic in (EVENTS, DEAD):
            make_topic(region, self.kafka, topic)
        self.stage = Stage(region, cluster=self.name)
        self.image = self._add_app()
        self.parameter = f"/shop/{self.name}/intake"
        self.ssm = region.client("ssm")
        self.ssm.put_parameter(Name=self.parameter, Value="blue", Type="String")
        dynamodb = region.client("dynamodb")
        create_table(dynamodb, f"{self.name}-operations")
        self.table = OperationsTable(dynamodb, f"{self.name}-operations")
        self.journal = Journal(self.table)
        self.observers = []
        self.first = self.release("r1", "blue")
        for side, count in zip(SIDES, (1, 0), strict=True):
            self.stage.serve(f"{self.name}-{side}", self.first.task_definition, count)
        self.service = Service(
            name=self.name,
            product="shop",
            kind="consumer",
            region="us-east-1",
            cluster=self.name,
            sides={
                side: Side(key=side, name=f"{self.name}-{side}", minimum_tasks=1, maximum_tasks=1)
                for side in SIDES
            },
            intake_parameter=self.parameter,
            container="consumer",
        )

    def release(self, name, side, **_):
        """Record a release for a side."""
        endpoint = self.shop.instance["Endpoint"]
        variables = {
            "SIDE": side,
            "RELEASE": name,
            "INTAKE_PARAMETER": self.parameter,
            "KAFKA_BROKERS": self.kafka["bootstrap"],
            "KAFKA_TOPIC": EVENTS,
            "KAFKA_DEAD_LETTER_TOPIC": DEAD,
            "KAFKA_GROUP_ID": self.name,
            "DB_HOST": endpoint["Address"],
            "DB_PORT": str(endpoint["Port"]),
            "DB_NAME": "shop",
            "DB_USER": "owner",
            "DB_PASSWORD": PASSWORD,
            "DB_SSLMODE": "require",
        }
        container = self.stage.container(
            name="consumer",
            image=self.image,
            variables=variables,
            portMappings=[{"containerPort": PORT}],
            stopTimeout=60,
            healthCheck={
                "command": ["CMD", "python", "-m", "telemetry.healthcheck"],
                "interval": 5,
                "retries": 3,
                "startPeriod": 60,
            },
        )
        definition = self.stage.define(container, family=f"{self.name}-consumer", memory="1024")
        return Version(release=name, version=name, task_definition=definition)

    def count(self):
        """Return how many events arrived, and how many different ones."""
        with self.shop.connect() as connection:
            query = "SELECT count(*), count(DISTINCT event_id) FROM events"
            return connection.execute(query).fetchone()

    def duplicates(self, side):
        """Return how many events the tasks of a side were given that were stored already."""
        found = 0.0
        for task in self.side(side).tasks():
            details = {one["name"]: one["value"] for one in task["attachments"][0]["details"]}
            url = f"http://{details['privateIPv4Address']}:{PORT}/metrics"
            for line in httpx.get(url, timeout=10).text.splitlines():
                if line.startswith("consumer_events_duplicate_total "):
                    found += float(line.rpartition(" ")[2])
        return found

    def await_side(self, side):
        """Wait until every task of a side is well."""
        wait_for(
            lambda: [task.get("healthStatus") for task in self.side(side).tasks()] == ["HEALTHY"],
            seconds=120,
            what=f"a well task of {side}",
        )

    def close(self):
        self.stage.clear()
        self.shop.close()

    def _add_app(self):
        folder = self.region.project / "apps" / "analytics"
        left_out = shutil.ignore_patterns("__pycache__")
        for name in PARTS:
            if not (folder / name).exists():
                shutil.copytree(APPS / name, folder / name, ignore=left_out)
        digest = load_app(folder / "consumer" / "app.yaml").digest
        return f"000000000000.dkr.ecr.us-east-1.amazonaws.com/analytics-consumer:{digest}"


class Feed:
    """Numbered events at a steady rate, until the end of the block.

    Args:
        pipeline: Where they go.
        rate: Events per second.

    Attributes:
        sent: How many Kafka has acknowledged.
    """

    def __init__(self, pipeline, rate):
        self.sent = 0
        self.failures = []
        self._rate = rate
        self._producer = Producer(
            {
                "bootstrap.servers": pipeline.kafka["bootstrap"],
                "enable.idempotence": True,
                "linger.ms": 5,
            }
        )
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join(30)
        assert self._producer.flush(60) == 0

    def _run(self):
        began, number = time.monotonic(), 0
        while not self._ended.wait(0.02):
            due = int((time.monotonic() - began) * self._rate)
            while number < due:
                said = event(
                    eventId=str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))),
                    userId=f"user-{number % 97}",
                    properties={"number": number, "path": "/"},
                )
                self._producer.produce(
                    EVENTS, json.dumps(said).encode(), said["userId"], on_delivery=self._delivered
                )
                number += 1
            self._producer.poll(0)

    def _delivered(self, error, _):
        if error is not None:
            self.failures.append(str(error))
        else:
            self.sent += 1
