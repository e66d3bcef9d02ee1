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


def log_groups(checkpoint: Mapping[str, Any], service: str = "") -> list[str]:
    """Name the log groups of an environment, or the one of a service.

    Raises:
        InvocationError: No log group belongs to that service.
    """
    names = [
        str((resource.get("outputs") or {}).get("name"))
        for resource in checkpoint["deployment"].get("resources") or ()
        if resource["type"] == LOG_GROUP
    ]
    if not service:
        return names
    chosen = [name for name in names if name.rpartition("/")[2] == service]
    if not chosen:
        known = ", ".join(sorted(name.rpartition("/")[2] for name in names)) or "none"
        raise InvocationError(
            f"there is no log of {service!r}", why=f"the logs of this environment are: {known}"
        )
    return chosen


def read_events(logs: Any, groups: Sequence[str], since: float) -> Iterator[LogEvent]:
    """Yield what the groups hold since a time (seconds since the epoch), oldest first."""
    yield from heapq.merge(*(_group_events(logs, group, since) for group in groups))


def follow_events(
    logs: Any,
    groups: Sequence[str],
    since: float,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[LogEvent]:
    """Yield what is there and then what arrives, for ever; no event twice."""
    seen: dict[str, float] = {}
    newest = since
    while True:
        for event in read_events(logs, groups, max(since, newest - LATE_ARRIVAL)):
            if event.id not in seen:
                seen[event.id] = event.time
                newest = max(newest, event.time)
                yield event
        seen = {key: at for key, at in seen.items() if at >= newest - LATE_ARRIVAL}
        sleep(1.0)


def _group_events(logs: Any, group: str, since: float) -> Iterator[LogEvent]:
    service = group.rpartition("/")[2]
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=int(since * 1000)
    )
    events = [
        LogEvent(
            time=event["timestamp"] / 1000,
            service=service,
            stream=event["logStreamName"],
            message=event["message"].rstrip("\n"),
            id=event.get("eventId") or f"{event['logStreamName']}{event['timestamp']}",
        )
        for page in pages
        for event in page["events"]
    ]
    # CloudWatch interleaves streams only roughly in order.
    yield from sorted(events)
