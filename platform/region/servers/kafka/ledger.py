"""What the brokers have, kept from what they log: ends of logs, committed offsets, traffic."""

import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

_APPENDED = re.compile(
    rb"Log append (\S+) \[(\d+)\] (\d+) messages, (\d+) bytes at offset (\d+) "
    rb"\(log now (\d+)\.\.(\d+),"
)
_COMMITTED = re.compile(rb"Topic (\S+) \[(\d+)\] committing offset (\d+) for group (.+)$")
_CREATED = re.compile(
    rb'Created topic "(.+)" with (\d+) partition\(s\) and replication-factor (\d+)'
)
_WORTH = (b"Log append", b"committing offset", b"Created topic")


@dataclass
class Partition:
    """One partition.

    Attributes:
        start: Oldest offset that is still there.
        end: Offset of the next message.
        dropped: Messages dropped for want of room before every group had read them, since the last
            report.
    """

    start: int = 0
    end: int = 0
    dropped: int = 0


@dataclass
class Topic:
    """One topic.

    Attributes:
        count: Number of partitions.
        replication: Replication factor.
        partitions: Those with messages, by number.
        messages: Messages that came in since the last report.
        size: Their bytes.
    """

    count: int = 0
    replication: int = 0
    partitions: dict[int, Partition] = field(default_factory=dict)
    messages: int = 0
    size: int = 0


class Ledger:
    """What is known of the brokers' content.

    `note` may be called on any thread; everything else on the program's own.
    """

    def __init__(self) -> None:
        self.topics: dict[str, Topic] = {}
        self.committed: dict[str, dict[str, dict[int, int]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        self._lines: deque[bytes] = deque()

    def note(self, line: bytes) -> None:
        """Take a line that a broker logged."""
        if any(word in line for word in _WORTH):
            self._lines.append(line)

    def read(self) -> None:
        """Take account of the lines that came in."""
        while self._lines:
            self._take(self._lines.popleft())

    def forget(self, topic: str) -> None:
        """Forget a topic that was deleted."""
        self.read()
        self.topics.pop(topic, None)
        for topics in self.committed.values():
            topics.pop(topic, None)

    def unread(self, topic: str, partition: int) -> int:
        """Return the first offset that not every group of the topic has read."""
        positions = [
            topics[topic].get(partition, 0) for topics in self.committed.values() if topic in topics
        ]
        known = self.topics[topic].partitions.get(partition) or Partition()
        return max(min(positions, default=0), known.start)

    def report(self) -> dict[str, Any]:
        """Return everything as JSON values; what is counted starts again at 0."""
        self.read()
        topics = {
            name: {
                "partitions": topic.count,
                "replication": topic.replication,
                "messages": topic.messages,
                "bytes": topic.size,
                "dropped": sum(one.dropped for one in topic.partitions.values()),
            }
            for name, topic in self.topics.items()
        }
        for topic in self.topics.values():
            topic.messages = topic.size = 0
            for partition in topic.partitions.values():
                partition.dropped = 0
        lags = {
            group: {name: self._lags(name, offsets) for name, offsets in positions.items()}
            for group, positions in self.committed.items()
        }
        return {"topics": topics, "lags": lags}

    def _lags(self, name: str, offsets: dict[int, int]) -> list[int]:
        topic = self.topics.get(name) or Topic()
        return [
            max(0, one.end - max(offsets.get(number, 0), one.start))
            for number, one in topic.partitions.items()
        ]

    def _take(self, line: bytes) -> None:
        if match := _APPENDED.search(line):
            name, number, messages, size, _, start, end = match.groups()
            topic = self.topics.setdefault(name.decode(), Topic())
            topic.messages += int(messages)
            topic.size += int(size)
            partition = topic.partitions.setdefault(int(number), Partition())
            read_up_to = self.unread(name.decode(), int(number))
            if int(start) > partition.start:
                partition.dropped += max(0, int(start) - max(read_up_to, partition.start))
            partition.start, partition.end = int(start), int(end)
        elif match := _COMMITTED.search(line):
            topic_name, number, offset, group = match.groups()
            positions = self.committed[group.decode()][topic_name.decode()]
            positions[int(number)] = int(offset)
        elif match := _CREATED.search(line):
            topic = self.topics.setdefault(match[1].decode(), Topic())
            topic.count, topic.replication = int(match[2]), int(match[3])
