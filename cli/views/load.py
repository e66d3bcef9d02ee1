"""How load looks while it runs, and what it came to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rich.bar import Bar
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from platformctl.cli.views.terminal import data, human_duration, print_json, talk
from platformctl.operations.load.run import LoadResult, SampleResult
from platformctl.operations.load.traffic import Tally
from platformctl.operations.load.waiting import Figure

BAR_WIDTH = 32


class LoadProgress:
    """A bar on a terminal while events are sent and come out; nothing elsewhere."""

    def __init__(self, events: float) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f}/{task.total:,.0f} events"),
            TextColumn("[red]{task.fields[errors]}[/]"),
            TimeElapsedColumn(),
            console=talk(),
            transient=True,
        )
        self.sending = self.progress.add_task("sending", total=events, errors="")
        self.arriving = self.progress.add_task("arriving", total=events, errors="")

    def on_progress(self, tally: Tally) -> None:
        """Show how much was sent."""
        failed = sum(tally.errors.values())
        errors = f"{failed} requests failed" if failed else ""
        self.progress.update(self.sending, completed=tally.sent, errors=errors)

    def on_settling(self, counted: int, accepted: int) -> None:
        """Show how much has come out."""
        self.progress.update(self.sending, completed=accepted)
        self.progress.update(self.arriving, completed=counted, total=accepted)


def show_result(result: LoadResult, waiting: Sequence[Figure], *, as_json: bool) -> None:
    """Print throughput, latencies, errors, and whether what was accepted came out.

    Args:
        result: How the load went.
        waiting: What the places on the way say of events that did not come out.
        as_json: Whether to print it for programs.
    """
    if as_json:
        places = [asdict(figure) for figure in waiting]
        print_json({"version": 1, **asdict(result), "lost": result.lost, "waiting": places})
        return
    table = Table.grid(padding=(0, 2))
    rate = result.accepted / result.seconds
    latency = "  ".join(f"{name} {value:.1f} ms" for name, value in result.latency.items())
    table.add_row("sent", f"{result.sent:,} events in {human_duration(result.seconds)}")
    table.add_row("accepted", f"{result.accepted:,} events, {rate:,.0f} per second")
    table.add_row("latency", latency)
    table.add_row("errors", _errors(result.errors))
    mark = _mark(result.lost)
    settled = human_duration(result.settled)
    table.add_row("came out", f"{result.counted:,} events {mark}, {settled} after the last answer")
    data().print(table)


def show_sample(product: str, result: SampleResult) -> None:
    """Print what the sample events look like at the other end."""
    talk().print(
        f"[green]✓[/] {result.accepted} sample events of {product} went in at the load balancer "
        "and came out of the API:",
        highlight=False,
    )
    largest = max((count for _, count in result.groups), default=1)
    table = Table.grid(padding=(0, 1))
    for name, count in result.groups:
        bar = Bar(largest, 0, count, width=BAR_WIDTH, color="cyan")
        table.add_row("   ", name, bar, f"{count:,}")
    talk().print(table)


def _mark(lost: int) -> str:
    if lost < 0:
        return f"[yellow]? {-lost:,} of them somebody else's[/]"
    return f"[red]✗ {lost:,} missing[/]" if lost else "[green]✓ all of them[/]"


def _errors(errors: Mapping[str, int]) -> str:
    if not errors:
        return "[green]none[/]"
    return "[red]" + ", ".join(f"{count} × {kind}" for kind, count in errors.items()) + "[/]"
