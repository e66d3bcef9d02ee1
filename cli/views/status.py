"""How the status of an environment looks."""

from collections import Counter

from rich.table import Table

from platformctl.cli.views.terminal import data, human_duration, print_json
from platformctl.operations.status.parts import Health, StatusReport

MARKS = {
    Health.HEALTHY: ("✓", "green"),
    Health.IDLE: ("○", "dim"),
    Health.CHANGING: ("…", "yellow"),
    Health.UNHEALTHY: ("✗", "red"),
    Health.FAILED: ("✗", "red"),
    Health.UNKNOWN: ("?", "magenta"),
}


def show_status(report: StatusReport, *, as_json: bool) -> None:
    """Print every part with its health."""
    if as_json:
        print_json(report.document())
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("", "part", "name", "state", "address"):
        table.add_column(column, overflow="fold")
    for part in report.parts:
        mark, colour = MARKS[part.health]
        state = f"[{colour}]{part.health}[/] {part.detail}"
        table.add_row(f"[{colour}]{mark}[/]", part.kind, part.name, state, part.address)
    data().print(table)
    counts = Counter(part.health for part in report.parts)
    well = f"{counts[Health.HEALTHY]} of {len(report.parts)} parts healthy"
    if counts[Health.IDLE]:
        well += f", {counts[Health.IDLE]} idle"
    data().print(
        f"{report.environment}: {well} ({human_duration(report.seconds)})"
        if report.parts
        else f"{report.environment}: nothing is deployed; platformctl up {report.environment}"
    )
