"""How the status of an environment looks."""

from collections import Counter
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from platformctl.cli.views.terminal import data, human_duration, print_json
from platformctl.operations.status.parts import Health, Part, StatusReport
from platformctl.operations.status.probes import ALARM_WORDS
from platformctl.operations.status.serving import OpenOperation, ServiceStatus, SideStatus

MARKS = {
    Health.HEALTHY: ("✓", "green"),
    Health.IDLE: ("○", "dim"),
    Health.CHANGING: ("…", "yellow"),
    Health.UNHEALTHY: ("✗", "red"),
    Health.FAILED: ("✗", "red"),
    Health.UNKNOWN: ("?", "magenta"),
}

SHARED = 2
"""Quiet alarms from which they share a line."""


def show_status(report: StatusReport, *, as_json: bool) -> None:
    """Print every part with its health."""
    if as_json:
        print_json(report.document())
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("", "part", "name", "state", "address"):
        table.add_column(column, overflow="fold")
    for part in _shown(report.parts):
        mark, colour = MARKS[part.health]
        state = f"[{colour}]{part.health}[/] {part.detail}"
        table.add_row(f"[{colour}]{mark}[/]", part.kind, part.name, state, part.address)
    data().print(table)
    _show_services(report)
    counts = Counter(part.health for part in report.parts)
    well = f"{counts[Health.HEALTHY]} of {len(report.parts)} parts healthy"
    if counts[Health.IDLE]:
        well += f", {counts[Health.IDLE]} idle"
    data().print(
        f"{report.environment}: {well} ({human_duration(report.seconds)})"
        if report.parts
        else f"{report.environment}: nothing is deployed"
    )


def _shown(parts: Sequence[Part]) -> Sequence[Part]:
    """Return what is worth a line: alarms that are quiet share one, which is the last."""
    quiet = [part for part in parts if part.kind == "alarm" and part.detail == ALARM_WORDS["OK"]]
    if len(quiet) < SHARED:
        return parts
    others = [part for part in parts if part not in quiet]
    return [*others, Part("alarm", f"{len(quiet)} alarms OK", Health.HEALTHY, "")]


def _show_services(report: StatusReport) -> None:
    """Print which side of each service serves, and what is under way."""
    if not report.services:
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("", "service", "serves", "release", "other side", "operation"):
        table.add_column(column, overflow="fold")
    for service in report.services:
        mark, colour = _mark(service)
        serving = service.active or _shares(service.sides) or "nobody"
        others = [side for side in service.sides if side.key != service.active]
        idle = ", ".join(_idle(side) for side in others) if service.active else ""
        under_way = service.operation
        operation = _under_way(under_way) if under_way else ""
        table.add_row(
            f"[{colour}]{mark}[/]", service.name, serving, service.release, idle, operation
        )
        if note := service.trouble or service.degraded or _left(under_way):
            table.add_row("", "", f"[{colour}]{escape(note)}[/]")
    data().print()
    data().print(table)
    if report.trouble:
        data().print(f"[yellow]{escape(report.trouble)}[/]")
    data().print()


def _mark(service: ServiceStatus) -> tuple[str, str]:
    if service.trouble:
        return "?", "magenta"
    if service.operation:
        return "…", "yellow"
    return ("!", "yellow") if service.degraded else ("✓", "green")


def _under_way(operation: OpenOperation) -> str:
    return f"{operation.kind} {operation.state.replace('_', ' ')}: {operation.id}"


def _left(operation: OpenOperation | None) -> str:
    abandoned = operation is not None and operation.abandoned
    return "nobody is at work on it: the process that was is gone" if abandoned else ""


def _shares(sides: Sequence[SideStatus]) -> str:
    return ", ".join(f"{side.key} {side.share:g} %" for side in sides if side.share)


def _idle(side: SideStatus) -> str:
    """Return what the side that does not serve is doing."""
    if side.desired is None:
        return side.key
    tasks = f"warm, {side.running}/{side.desired}" if side.desired else "stopped"
    return f"{side.key}: {tasks}" + (f", {side.release}" if side.release else "")
