"""How outputs and history look."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import typer
from rich.table import Table
from rich.text import Text

from platformctl.cli.views.terminal import data, human_duration, print_json
from platformctl.errors import InvocationError


def show_outputs(values: Mapping[str, Any], *, as_json: bool) -> None:
    """Print all outputs of an environment."""
    if as_json:
        print_json(dict(values))
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("output", style="bold")
    table.add_column("value", overflow="fold")
    for name, value in sorted(values.items()):
        table.add_row(name, Text(str(value)))
    data().print(table)


def show_output(values: Mapping[str, Any], name: str, environment: str, *, as_json: bool) -> None:
    """Print one output, bare, so that a shell can use it.

    Raises:
        InvocationError: There is no such output.
    """
    if name not in values:
        near = get_close_matches(name, values, n=1)
        known = near[0] if near else ", ".join(sorted(values)) or "none"
        raise InvocationError(
            f"{environment} has no output named {name!r}",
            why=f"did you mean {known!r}?" if near else f"its outputs are: {known}",
        )
    if as_json:
        print_json(values[name])
    else:
        typer.echo(values[name])


def show_history(records: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print past operations, newest first."""
    if as_json:
        print_json(list(records))
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("when", "what", "result", "changes", "took", "who", "why"):
        table.add_column(column)
    for record in records:
        changes = record.get("resourceChanges") or {}
        counts = " ".join(f"{count} {kind}" for kind, count in changes.items() if kind != "same")
        began = datetime.fromisoformat(record["startTime"])
        took = (datetime.fromisoformat(record["endTime"]) - began).total_seconds()
        result = str(record.get("result", ""))
        colour = "green" if result == "succeeded" else "red"
        table.add_row(
            began.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
            str(record.get("kind", "")),
            f"[{colour}]{result}[/]",
            counts or "none",
            human_duration(took),
            record["environment"]["user"],
            str(record.get("message", "")),
        )
    data().print(table)
