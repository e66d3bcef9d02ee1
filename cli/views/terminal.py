"""The two streams: data on standard output, talk on standard error.

Neither knows emoji by name: an ARN such as `…:secret:orders` is no picture.
"""

import json
import sys
from functools import cache
from typing import Any

from rich.console import Console

from platformctl.operations.report.words import duration

PIPE_WIDTH = 200


@cache
def talk() -> Console:
    """Return the console for everything that is not data (progress, hints, errors)."""
    return Console(stderr=True, soft_wrap=True, emoji=False)


@cache
def data() -> Console:
    """Return the console for data meant for people; a pipe or a file does not fold tables."""
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(soft_wrap=True, width=width, emoji=False)


def print_json(document: Any) -> None:
    """Print a document for programs on standard output."""
    sys.stdout.write(json.dumps(document, indent=2, default=str) + "\n")


def human_duration(seconds: float) -> str:
    """Write a duration as people say it: `0.4s`, `12s`, `3m 05s`."""
    return duration(seconds)


def human_bytes(size: float) -> str:
    """Write a size in binary units: `12.3 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    raise AssertionError("unreachable")
