"""How lists of operations, locks and audit lines look."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from rich.table import Table
from rich.text import Text

from platformctl.cli.views.operation_progress import GOOD, change, show_command
from platformctl.cli.views.terminal import data, human_duration, print_json, talk
from platformctl.operations.kernel.audit import Entry
from platformctl.operations.kernel.lease import Holder, Tenure
from platformctl.operations.kernel.operation import Operation
from platformctl.operations.kernel.states import State
from platformctl.operations.report.redaction import redacted, redacted_text

VERSION = 1
WIDE = 110
"""Columns from which there is room for what an id says, too."""
AT_ONCE = timedelta(seconds=1)
"""Time within which an operation's states share a line of the audit log."""


def show_operations(
    environment: str,
    operations: Sequence[Operation],
    *,
    as_json: bool,
    open_only: bool = False,
    rehearsed: bool = False,
) -> None:
    """Print operations, newest first.

    Args:
        environment: Where they are.
        operations: The operations.
        as_json: Whether to print JSON.
        open_only: Whether those that have ended were left out.
        rehearsed: Whether they are a rehearsal's, which commands have to say.
    """
    if as_json:
        documents = redacted([each.document() for each in operations])
        print_json({"version": VERSION, "operations": documents})
        return
    if not operations:
        talk().print(f"{environment} has no {'open ' if open_only else ''}operations")
        return
    # An id says when, what and of what, and is what every other command asks for: never folded.
    wide = data().width >= WIDE
    table = _table("operation", "releases", "state", "took", "who", *(("started",) if wide else ()))
    table.columns[0].no_wrap = True
    for each in operations:
        table.add_row(
            each.id,
            Text(change(each)),
            _state(each.state),
            _took(each),
            Text(each.actor.user),
            *((_when(each.created),) if wide else ()),
        )
    data().print(table)
    waiting = [each for each in operations if not each.state.is_final]
    if waiting:
        talk().print(f"  → {show_command(waiting[0], rehearsed=rehearsed)}")


def show_locks(environment: str, tenures: Sequence[Tenure], *, as_json: bool) -> None:
    """Print what is held."""
    if as_json:
        print_json({"version": VERSION, "locks": [asdict(each) for each in tenures]})
        return
    if not tenures:
        talk().print(f"nothing is held in {environment}")
        return
    table = _table("operation", "target", "held by", "since")
    table.columns[0].no_wrap = True
    for each in tenures:
        holder = each.holder
        table.add_row(
            each.operation or "",
            each.target,
            Text(_held_by(holder)) if holder else "nobody: it waits to be taken up",
            _when(holder.since) if holder else "",
        )
    data().print(table)


def _held_by(holder: Holder) -> str:
    gone = " (gone)" if holder.is_gone() else ""
    return f"{holder.actor.user}@{holder.actor.host}, process {holder.pid}{gone}"


def show_audit(environment: str, entries: Sequence[Entry], *, as_json: bool) -> None:
    """Print lines of the audit log, newest first."""
    if as_json:
        print_json({"version": VERSION, "entries": redacted([asdict(each) for each in entries])})
        return
    if not entries:
        talk().print(f"nothing was done to {environment} yet")
        return
    table = _table("when", "who", "what", "to", "outcome", "why")
    for group in _folded(entries):
        each = group[0]
        why = each.reason or each.details.get("outcome") or each.details.get("why") or ""
        table.add_row(
            _when(each.at),
            Text(each.actor.user),
            each.action,
            each.target,
            " → ".join(entry.outcome.replace("_", " ") for entry in reversed(group)),
            Text(redacted_text(str(why))),
        )
    data().print(table)


def _folded(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Put together what one person did to one operation within a moment, newest first."""
    groups: list[list[Entry]] = []
    for each in entries:
        if groups and _at_once(groups[-1][0], each):
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def _at_once(newer: Entry, older: Entry) -> bool:
    operation = newer.details.get("operation")
    if not operation or operation != older.details.get("operation"):
        return False
    return newer.actor == older.actor and _moment(newer.at) - _moment(older.at) < AT_ONCE


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _when(moment: str) -> str:
    """Return a moment in this machine's time."""
    return f"{_moment(moment).astimezone():%Y-%m-%d %H:%M:%S}"


def _took(operation: Operation) -> str:
    ended = _moment(operation.ended) if operation.ended else datetime.now(UTC)
    return human_duration((ended - _moment(operation.created)).total_seconds())


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _state(state: State) -> str:
    words = state.words
    if state in GOOD:
        return f"[green]{words}[/]"
    return f"[red]{words}[/]" if state.is_final else f"[yellow]{words}[/]"
