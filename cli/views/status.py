"""How the status of an environment looks."""

from rich.table import Table

from platformctl.cli.views.terminal import data, human_duration, print_json
from platformctl.operations.status.report import Health, StatusReport

MARKS = {
    Health.HEALTHY: ("✓", "green"),
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
    well = sum(part.health is Health.HEALTHY for part in report.parts)
    data().print(
        f"{report.environment}: {well} of {len(report.parts)} parts healthy "
        f"({human_duration(report.seconds)})"
        if report.parts
        else f"{report.environment}: nothing is deployed; platformctl up {report.environment}"
    )
