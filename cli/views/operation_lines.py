"""An operation as JSON lines, for programs that look on."""

import json
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from platformctl.cli.views.view import View
from platformctl.operations.kernel.events import (
    Event,
    Sampled,
    StepChanged,
    Stopping,
    Told,
    Waiting,
)
from platformctl.operations.kernel.operation import Operation
from platformctl.operations.report.redaction import redacted

VERSION = 1
"""Of the lines."""


class JsonLinesView(View):
    """One JSON document a line for each event on standard output; the last one is the operation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def on_event(self, event: Event) -> None:
        """Print one event."""
        self._print(event_document(event))

    def finish(self, operation: Operation, report: Path | None = None, *, well: bool) -> None:
        """Print the operation."""
        self._print(
            {
                "version": VERSION,
                "event": "finished",
                "well": well,
                "operation": operation.document(),
                "report": None if report is None else str(report),
            }
        )

    def _print(self, document: Mapping[str, Any]) -> None:
        with self._lock:
            sys.stdout.write(json.dumps(redacted(document), default=str) + "\n")
            sys.stdout.flush()


def event_document(event: Event) -> dict[str, Any]:
    """Return an event as JSON has it."""
    operation = event.operation
    document: dict[str, Any] = {"version": VERSION, "operation": operation.id}
    if isinstance(event, StepChanged):
        return document | {"event": "step", "step": asdict(event.step)}
    if isinstance(event, Waiting):
        waits = {"step": event.step, "for": event.what, "seconds": round(event.seconds, 3)}
        return document | {"event": "waiting", **waits}
    if isinstance(event, Sampled):
        return document | {
            "event": "sample",
            "step": event.step,
            "at": event.at,
            "numbers": dict(event.numbers),
        }
    if isinstance(event, Stopping):
        return document | {"event": "stopping", "undoing": event.undoing}
    if isinstance(event, Told):
        return document | {"event": "told", "text": event.text, "details": list(event.details)}
    return document | {
        "event": "operation",
        "kind": operation.plan.kind,
        "target": operation.plan.target,
        "state": str(operation.state),
        "outcome": operation.outcome,
    }
