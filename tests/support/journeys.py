"""Tables, events and the event processor for tests."""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.functions import make_queue, make_role, make_stream, unique
from support.region import RunningRegion

from platformctl.config.app import files, load_app

MANIFEST = Path(__file__).parents[2] / "apps" / "journey" / "event-processor" / "app.yaml"
MOMENT = 1_734_134_400_000
"""2024-12-14T00:00:00Z in milliseconds."""
DAY = "2024-12-14"
TYPES = ("page_view", "click", "purchase")
TABLES = {
    "EVENTS_TABLE": (("userId", "S"), ("timestamp", "N")),
    "SESSIONS_TABLE": (("sessionId", "S"), ("userId", "S")),
    "SUMMARY_TABLE": (("date", "S"), ("metricType", "S")),
}


def make_tables(region: RunningRegion) -> dict[str, str]:
    """Make the three tables; return the processor's variables that name them."""
    made = {}
    for variable, keys in TABLES.items():
        made[variable] = unique(variable.lower().replace("_", "-"))
        region.client("dynamodb").create_table(
            TableName=made[variable],
            AttributeDefinitions=[{"AttributeName": k, "AttributeType": t} for k, t in keys],
            KeySchema=[
                {"AttributeName": name, "KeyType": kind}
                for (name, _), kind in zip(keys, ("HASH", "RANGE"), strict=True)
            ],
            BillingMode="PAY_PER_REQUEST",
        )
    return made


def event(number: int, **change: Any) -> dict[str, Any]:
    """Return the event of a number: ten of a session, three kinds, one every 10 ms."""
    return {
        "userId": f"user-{number // 10 % 50}",
        "sessionId": f"session-{number // 10}",
        "eventType": TYPES[number % len(TYPES)],
        "timestamp": MOMENT + number * 10,
        "properties": {"number": number, "ratio": 0.5},
        "metadata": {"eventId": f"event-{number}"},
        **change,
    }


@dataclass(frozen=True)
class Pipeline:
    """A stream with the processor behind it.

    Attributes:
        region: Where it is.
        stream: ARN of the stream.
        tables: The processor's variables that name the tables.
        dead_url: URL of the dead-letter queue.
        mapping: UUID of the event source mapping.
    """

    region: RunningRegion
    stream: str
    tables: dict[str, str]
    dead_url: str
    mapping: str

    def put(self, events: list[Any]) -> None:
        """Put events on the stream, those of a user in their order."""
        client = self.region.client("kinesis")
        for start in range(0, len(events), 500):
            answer = client.put_records(
                StreamARN=self.stream,
                Records=[
                    {
                        "Data": json.dumps(each).encode(),
                        "PartitionKey": str(each.get("userId", "nobody")),
                    }
                    for each in events[start : start + 500]
                ],
            )
            assert answer["FailedRecordCount"] == 0

    def items(self, variable: str) -> list[dict[str, Any]]:
        """Return everything that a table holds."""
        pages = self.region.client("dynamodb").get_paginator("scan")
        found = pages.paginate(TableName=self.tables[variable], ConsistentRead=True)
        return [item for page in found for item in page["Items"]]

    def stored(self) -> list[int]:
        """Return the numbers of the events in the table, in order."""
        numbers = (item["properties"]["M"]["number"]["N"] for item in self.items("EVENTS_TABLE"))
        return sorted(map(int, numbers))

    def figures(self) -> dict[str, int]:
        """Return the figures of the day."""
        return {
            item["metricType"]["S"]: int(item["value"]["N"])
            for item in self.items("SUMMARY_TABLE")
            if item["date"]["S"] == DAY
        }

    def dead(self) -> int:
        """Return how many messages are in the dead-letter queue."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        client = self.region.client("sqs")
        answer = client.get_queue_attributes(QueueUrl=self.dead_url, AttributeNames=names)
        return sum(map(int, answer["Attributes"].values()))


def make_pipeline(region: RunningRegion, shards: int = 4, **settings: Any) -> Pipeline:
    """Make stream, tables, dead-letter queue and processor, and connect them."""
    tables, stream = make_tables(region), make_stream(region, shards)
    url, dead = make_queue(region)
    client = region.client("lambda")
    function = client.create_function(
        FunctionName=unique("event-processor"),
        Role=make_role(region),
        Runtime="python3.13",
        Handler="processor.handler.handle",
        Code={"ZipFile": code()},
        Timeout=60,
        MemorySize=512,
        Environment={"Variables": {**tables, "EVENT_DAYS": "3650"}},
    )
    client.get_waiter("function_active_v2").wait(
        FunctionName=function["FunctionName"], WaiterConfig={"Delay": 1}
    )
    mapping = client.create_event_source_mapping(
        EventSourceArn=stream,
        FunctionName=function["FunctionArn"],
        **{
            "StartingPosition": "TRIM_HORIZON",
            "BatchSize": 100,
            "ParallelizationFactor": 2,
            "BisectBatchOnFunctionError": True,
            "MaximumRetryAttempts": 0,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "DestinationConfig": {"OnFailure": {"Destination": dead}},
            **settings,
        },
    )
    return Pipeline(region, stream, tables, url, mapping["UUID"])


def code() -> bytes:
    """Return the processor's code as its `app.yaml` says it is."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, path in files(load_app(MANIFEST)).items():
            file.write(path, name)
    return packed.getvalue()
