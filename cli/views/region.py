"""How the local region looks."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from platformctl.cli.views.terminal import data, human_bytes, human_duration, print_json, talk


def say(text: str) -> None:
    """Say that something is done."""
    talk().print(f"[green]✓[/] {text}", highlight=False)


def show_processes(processes: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print the processes of the region."""
    if as_json:
        print_json(list(processes))
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column, side in (
        ("process", "left"),
        ("pid", "right"),
        ("state", "left"),
        ("memory", "right"),
        ("age", "right"),
    ):
        table.add_column(column, justify="right" if side == "right" else "left")
    for process in processes:
        table.add_row(
            process["name"],
            str(process["pid"]),
            process["state"],
            human_bytes(process["memory"]),
            human_duration(time.time() - process["started"]),
        )
    total = sum(process["memory"] for process in processes)
    data().print(table if processes else "The local region is not running.")
    if processes:
        data().print(f"{len(processes)} processes, {human_bytes(total)}")
