"""What no group has read yet, saved while the brokers are down: one JSON object per line."""

import base64
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

from platformctl.errors import RegionError
from platformctl.region.servers.kafka.ledger import Ledger

_SECONDS = 15.0
_BATCH = 1000
_POLL = 0.05


def save(path: Path, bootstrap: str, ledger: Ledger, topics: list[str]) -> int:
    """Write what is unread of some topics; return how many messages.

    The file appears only when it is complete.

    Raises:
        RegionError: The brokers do not give the messages out.
    """
    ledger.read()
    starts = {
        (name, number): (ledger.unread(name, number), partition.end)
        for name in topics
        if name in ledger.topics
        for number, partition in ledger.topics[name].partitions.items()
    }
    wanted = {place: span for place, span in starts.items() if span[0] < span[1]}
    temporary = path.with_name(path.name + ".new")
    count = 0
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        for message in _messages(bootstrap, wanted):
            file.write(json.dumps(_described(message)) + "\n")
            count += 1
    temporary.replace(path)
    return count


def restore(path: Path, bootstrap: str) -> int:
    """Put saved messages back into their partitions and remove the file; return how many.

    Raises:
        RegionError: The brokers do not take them.
    """
    if not path.exists():
        return 0
    failures: list[str] = []

    def delivered(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failures.append(error.str())

    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "compression.type": "lz4"})
    count = 0
    with path.open() as file:
        for line in file:
            row = json.loads(line)
            producer.produce(
                row["topic"],
                value=_bytes(row["value"]),
                key=_bytes(row["key"]),
                partition=row["partition"],
                timestamp=row["timestamp"],
                headers=[(name, _bytes(value)) for name, value in row["headers"]],
                on_delivery=delivered,
            )
            count += 1
            if count % _BATCH == 0:
                producer.flush(_SECONDS)
    left = producer.flush(_SECONDS)
    if left or failures:
        raise RegionError(
            f"{left + len(failures)} of {count} saved messages could not be put back",
            why=failures[0] if failures else "the brokers do not answer",
        )
    path.unlink()
    return count


def _messages(bootstrap: str, wanted: dict[tuple[str, int], tuple[int, int]]) -> Iterator[Message]:
    """Yield the messages of some spans of partitions."""
    left = dict(wanted)
    if not left:
        return
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            # Assigned by hand and never committed: this is no group that anybody sees.
            "group.id": "platformctl-backlog",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "check.crcs": False,
            # Markers of transactions have offsets too, and no message: the end has to be told.
            "enable.partition.eof": True,
        }
    )
    try:
        consumer.assign(
            [TopicPartition(name, number, span[0]) for (name, number), span in left.items()]
        )
        deadline = time.monotonic() + _SECONDS
        while left:
            messages = consumer.consume(_BATCH, _POLL)
            if messages:
                deadline = time.monotonic() + _SECONDS
            elif time.monotonic() > deadline:
                raise RegionError(
                    "the unread messages cannot be saved", why="the brokers do not answer"
                )
            for message in messages:
                place = (message.topic() or "", message.partition() or 0)
                error = message.error()
                if error is not None and error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  # public in all but name
                    left.pop(place, None)
                if error is not None or place not in left:
                    continue
                offset = message.offset() or 0
                if offset < left[place][1]:
                    yield message
                if offset + 1 >= left[place][1]:
                    del left[place]
    finally:
        consumer.close()


def _described(message: Message) -> dict[str, Any]:
    return {
        "topic": message.topic(),
        "partition": message.partition(),
        "key": _text(message.key()),
        "value": _text(message.value()),
        "timestamp": message.timestamp()[1],
        "headers": [[name, _text(value)] for name, value in message.headers() or []],
    }


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return base64.b64encode(value if isinstance(value, bytes) else str(value).encode()).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
