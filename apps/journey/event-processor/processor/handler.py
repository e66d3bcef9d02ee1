"""What Lambda calls.

All events of a batch that can be stored are stored; the others are named in
`batchItemFailures`. The event source mapping then tries again from the first of them on, finds by
halving what is wrong, and tells the dead-letter queue. What was stored already is recognised.
"""

import json
import logging
import sys
import time
from functools import cache
from typing import Any

import boto3

from processor.event import Event, PoisonError, parse
from processor.settings import Settings, from_environment
from processor.store import BusyError, Store

_LOG = logging.getLogger("processor")
_LOG.setLevel(logging.INFO)


@cache
def _store() -> tuple[Store, Settings]:
    """Return the store, made once for each process."""
    settings = from_environment()
    return Store(boto3.client("dynamodb"), settings), settings


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Store the events of a batch; name the records that cannot be stored."""
    store, settings = _store()
    return process(event["Records"], store, settings, getattr(context, "aws_request_id", ""))


def process(
    records: list[dict[str, Any]], store: Store, settings: Settings, request_id: str
) -> dict[str, Any]:
    """Store what can be stored and return the answer for Lambda."""
    began = time.monotonic()
    good: dict[str, Event] = {}
    failed: list[str] = []
    for record in records:
        sequence = record["kinesis"]["sequenceNumber"]
        try:
            good[sequence] = parse(record["kinesis"]["data"])
        except PoisonError as error:
            failed.append(sequence)
            log(
                "poison",
                requestId=request_id,
                sequenceNumber=sequence,
                error=str(error),
                eventId=record.get("eventID"),
            )
    stored = 0
    try:
        stored = store.save(list(good.values()))
    except BusyError as error:
        # Nothing is wrong with them: all are tried again.
        failed = [record["kinesis"]["sequenceNumber"] for record in records]
        log("busy", requestId=request_id, error=str(error))
    _measure(settings, records, stored, len(failed), time.monotonic() - began)
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}


def log(what: str, **facts: Any) -> None:
    """Write one line of JSON."""
    _LOG.warning(json.dumps({"event": what, **facts}, default=str))


def _measure(
    settings: Settings, records: list[dict[str, Any]], stored: int, failed: int, seconds: float
) -> None:
    """Write metrics as CloudWatch finds them in logs (embedded metric format)."""
    figures = {
        "EventsStored": stored,
        "EventsFailed": failed,
        "EventsDuplicate": max(len(records) - stored - failed, 0),
        "BatchSeconds": round(seconds, 4),
    }
    units = {"BatchSeconds": "Seconds"}
    metrics = [{"Name": name, "Unit": units.get(name, "Count")} for name in figures]
    directive = {"Namespace": settings.namespace, "Dimensions": [[]], "Metrics": metrics}
    document = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        **figures,
    }
    # CloudWatch takes whole lines of JSON only, without what logging puts before.
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()
