"""How log lines look."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime

import typer
from rich.text import Text

from platformctl.cli.views.terminal import data
from platformctl.operations.logs.read import LogEvent

COLOURS = ("cyan", "magenta", "yellow", "green", "blue")


def show_events(events: Iterable[LogEvent], *, as_json: bool) -> None:
    """Print lines as they come: one JSON object each, or time, service and message."""
    colours: dict[str, str] = {}
    for event in events:
        if as_json:
            typer.echo(json.dumps(asdict(event)))
            continue
        colour = colours.setdefault(event.service, COLOURS[len(colours) % len(COLOURS)])
        at = datetime.fromtimestamp(event.time, UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]
        task = event.stream.rpartition("/")[2][:8]
        line = Text(f"{at} ", "dim").append(f"{event.service}/{task} ", colour)
        data().print(line.append(event.message))
