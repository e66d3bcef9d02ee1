"""How migrations look."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from platformctl.cli.views.terminal import data, print_json, talk

_STATES = {
    "pending": "[yellow]pending[/]",
    "failed": "[red]failed[/]",
    "ready": "[green]ready[/]",
    "done": "[green]done[/]",
}


def show_migrations(product: str, status: Mapping[str, Any], *, as_json: bool) -> None:
    """Print each migration with its state, then who is connected."""
    if as_json:
        shown = ("version", "head", "migrations", "running", "connections", "replicas")
        print_json({"product": product, **{name: status[name] for name in shown}})
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("number", "name", "phase", "state", "file", "when", "by"):
        table.add_column(column, overflow="fold")
    for each in status["migrations"]:
        table.add_row(
            each["number"],
            each["name"],
            each["phase"],
            _state(each),
            each["checksum"] if each["checksum"] == "ok" else f"[red]{each['checksum']}[/]",
            (each["finished"] or each["started"] or "")[:19].replace("T", " "),
            each["actor"] or "",
        )
    data().print(table)
    for each in status["migrations"]:
        if each["error"]:
            data().print(f"{each['number']}: {each['error']}", markup=False)
    _show_connections(status["connections"])
    if status["running"]:
        talk().print("a run is at work just now")


def show_waiting(environment: str, products: Sequence[str]) -> None:
    """Say whose migrations wait, and how to run them."""
    for product in products:
        talk().print(
            f"migrations of {product} may wait: platformctl migration up {environment} {product}"
        )


def show_migrated(product: str, done: Sequence[str], *, down: bool = False) -> None:
    """Say which migrations ran, or were undone."""
    verb = "were undone" if down else "ran"
    ran = f"migrations {', '.join(done)} {verb}" if done else "there was nothing to do"
    talk().print(f"[green]✓[/] {product}: {ran}", highlight=False)


def _state(migration: Mapping[str, Any]) -> str:
    state = str(migration["state"])
    if state == "backfill":
        return f"backfill: {migration['rows']} rows"
    return _STATES.get(state, state)


def _show_connections(connections: Sequence[Mapping[str, Any]]) -> None:
    for each in connections:
        count = each["connections"]
        noun = "connection" if count == 1 else "connections"
        data().print(
            f"{each['application']} knows {each['head']}: {count} {noun} "
            f"since {str(each['since'])[:19]}",
            markup=False,
        )
