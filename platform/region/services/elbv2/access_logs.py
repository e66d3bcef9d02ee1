"""Access logs: entries in AWS's format, gathered into files, put into the bucket asked for."""

import gzip
import random
import string
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

BATCH_SECONDS = 5.0
"""Seconds between two files; AWS waits five minutes, which is long for trying things out."""
MOST_ENTRIES = 100_000
"""Entries kept while the bucket cannot be written; the oldest go first."""


def line(entry: Mapping[str, Any], balancer: str) -> str:
    """Return one entry in the format of application load balancers."""
    moment = datetime.fromtimestamp(entry["time"], UTC).isoformat(timespec="microseconds")
    moment = moment.replace("+00:00", "Z")
    fields = [
        entry["type"],
        moment,
        balancer,
        entry["client"],
        entry["target"],
        *(
            _seconds(entry[key])
            for key in ("request_seconds", "target_seconds", "response_seconds")
        ),
        str(entry["status"]),
        str(entry["target_status"]),
        str(entry["received"]),
        str(entry["sent"]),
        _quoted(entry["request"]),
        _quoted(entry["agent"]),
        "-",
        "-",
        entry["group"],
        _quoted(entry["trace"]),
        '"-"',
        '"-"',
        entry["priority"],
        moment,
        _quoted(entry["action"]),
        '"-"',
        '"-"',
        _quoted(entry["target"]),
        _quoted(str(entry["target_status"])),
        '"-"',
        '"-"',
        "-",
    ]
    return " ".join(fields)


def _seconds(value: float) -> str:
    return "-1" if value < 0 else f"{value:.3f}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def file(
    entries: Sequence[str], prefix: str, account: str, region: str, balancer: str, now: float
) -> tuple[str, bytes]:
    """Return the key and the content of one log file."""
    moment = datetime.fromtimestamp(now, UTC)
    suffix = "".join(random.choices(string.ascii_lowercase + string.digits, k=8))
    name = (
        f"{account}_elasticloadbalancing_{region}_{balancer.replace('/', '.')}"
        f"_{moment:%Y%m%dT%H%MZ}_127.0.0.1_{suffix}.log.gz"
    )
    folder = f"AWSLogs/{account}/elasticloadbalancing/{region}/{moment:%Y/%m/%d}/"
    start = f"{prefix}/" if prefix else ""
    return start + folder + name, gzip.compress("\n".join([*entries, ""]).encode())
