"""What was done to a stack: one JSON file per operation, newest last by name."""

import getpass
import json
import platform
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformctl.engine.state.files import write_atomically

FORMAT = 1
# Older ones are removed, so that the folder does not grow for ever.
KEPT = 500


@dataclass(frozen=True, kw_only=True)
class Update:
    """One operation that was carried out.

    Attributes:
        kind: `update`, `refresh`, `destroy`, …
        result: `succeeded`, `failed` or `cancelled`.
        started: Seconds since the epoch.
        ended: Seconds since the epoch.
        changes: Number of resources per kind of step.
        message: Why, in the words of who did it.
    """

    kind: str
    result: str
    started: float
    ended: float
    changes: Mapping[str, int]
    message: str = ""


def append(folder: Path, update: Update) -> None:
    """Write an operation down."""
    folder.mkdir(parents=True, exist_ok=True)
    record = {
        "version": FORMAT,
        "kind": update.kind,
        "result": update.result,
        "message": update.message,
        "startTime": _stamp(update.started),
        "endTime": _stamp(update.ended),
        "resourceChanges": dict(update.changes),
        "environment": _environment(),
    }
    name = datetime.fromtimestamp(update.started, UTC).strftime("%Y%m%dT%H%M%S.%f")
    write_atomically(folder / f"{name}.json", json.dumps(record, indent=2).encode())
    for old in sorted(folder.glob("*.json"))[:-KEPT]:
        old.unlink(missing_ok=True)


def read(folder: Path) -> list[dict[str, Any]]:
    """Return what was done, newest first."""
    return [json.loads(file.read_bytes()) for file in sorted(folder.glob("*.json"), reverse=True)]


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _environment() -> dict[str, str]:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    return {"user": user, "host": socket.gethostname(), "system": platform.system()}
