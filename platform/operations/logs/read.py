"""Read and follow the log groups of an environment."""

import heapq
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platformctl.errors import InvocationError

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
LATE_ARRIVAL = 5.0
"""Seconds that an event may take from being written to being readable."""


@dataclass(frozen=True, order=True)
class LogEvent:
    """One line of a log.

    Attributes:
        time: Seconds since the epoch.
        service: Last part of the log group's name.
        stream: Log stream: `<prefix>/<container>/<task id>`.
        message: The line.
        id: CloudWatch's event id.
    """

    time: float
    service: str
    stream: str
    message: str
    id: str = ""


@dataclass(frozen=True)
class LogGroup:
    """Where logs are.

    Attributes:
        region: Its AWS region.
        name: Its name.
    """

    region: str
    name: str

    @property
    def service(self) -> str:
        """Last part of its name."""
        return self.name.rpartition("/")[2]


Clients = Callable[[str], Any]
"""Makes a CloudWatch Logs client for a region."""


def log_groups(checkpoint: Mapping[str, Any], service: str = "") -> list[LogGroup]:
    """Name the log groups of an environment, or those of a service, in every region.

    Raises:
        InvocationError: No log group belongs to that service.
    """
    resources = checkpoint["deployment"].get("resources") or ()
    made = [each["outputs"] for each in resources if each["type"] == LOG_GROUP and each.get("id")]
    groups = [LogGroup(outputs["arn"].split(":")[3], outputs["name"]) for outputs in made]
    if not service:
        return groups
    chosen = [group for group in groups if group.service == service]
    if not chosen:
        known = ", ".join(sorted({group.service for group in groups})) or "none"
        raise InvocationError(
            f"there is no log of {service!r}", why=f"the logs of this environment are: {known}"
        )
    return chosen


def read_events(clients: Clients, groups: Sequence[LogGroup], since: float) -> Iterator[LogEvent]:
    """Yield what the groups hold since a time (seconds since the epoch), oldest first."""
    found = (_group_events(clients(group.region), group, since) for group in groups)
    yield from heapq.merge(*found)


def follow_events(
    clients: Clients,
    groups: Sequence[LogGroup],
    since: float,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[LogEvent]:
    """Yield what is there and then what arrives, for ever; no event twice."""
    seen: dict[str, float] = {}
    newest = since
    while True:
        for event in read_events(clients, groups, max(since, newest - LATE_ARRIVAL)):
            if event.id not in seen:
                seen[event.id] = event.time
                newest = max(newest, event.time)
                yield event
        seen = {key: at for key, at in seen.items() if at >= newest - LATE_ARRIVAL}
        sleep(1.0)


def _group_events(logs: Any, group: LogGroup, since: float) -> Iterator[LogEvent]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group.name, startTime=int(since * 1000)
    )
    events = [
        LogEvent(
            time=event["timestamp"] / 1000,
            service=group.service,
            stream=event["logStreamName"],
            message=event["message"].rstrip("\n"),
            id=event.get("eventId") or f"{event['logStreamName']}{event['timestamp']}",
        )
        for page in pages
        for event in page["events"]
    ]
    # CloudWatch interleaves streams only roughly in order.
    yield from sorted(events)
