"""How estimates look: money by product and service, and everything that was assumed."""

from collections.abc import Sequence
from dataclasses import asdict
from difflib import get_close_matches
from itertools import groupby
from typing import get_args

from rich.table import Table

from platformctl.cli.views.terminal import data, print_json
from platformctl.cost.book import BookName, PriceBook, price_book
from platformctl.cost.difference import Change, Difference
from platformctl.cost.estimate import Estimate, Line
from platformctl.errors import InvocationError

SHOWN_CHANGES = 6


def choose_book(name: str) -> PriceBook:
    """Return a price book by name.

    Raises:
        InvocationError: There is no such book.
    """
    for known in get_args(BookName):
        if name == known:
            return price_book(known)
    near = get_close_matches(name, get_args(BookName), n=1)
    raise InvocationError(
        f"there are no prices named {name!r}",
        why=f"did you mean {near[0]!r}?" if near else f"there are {', '.join(get_args(BookName))}",
    )


def show_estimate(
    environment: str,
    estimate: Estimate,
    book: PriceBook,
    *,
    optimised: bool,
    details: bool,
    as_json: bool,
) -> None:
    """Print an estimate."""
    if as_json:
        print_json(_document(environment, estimate, book, optimised=optimised))
        return
    out = data()
    table = Table(box=None, padding=(0, 2, 0, 0), show_footer=True)
    table.add_column("product", footer="[bold]total[/]")
    table.add_column("service")
    if details:
        table.add_column("what")
        table.add_column("how much", justify="right")
    table.add_column("$ a month", justify="right", footer=f"[bold]{estimate.monthly:,.0f}[/]")
    for product, lines in groupby(estimate.lines, key=lambda line: line.product):
        _add_product(table, product, list(lines), details=details)
    out.print(table)
    out.print(f"\n[dim]{environment}, prices of {book.name}, {book.date} ({book.source})[/]")
    for note in _notes(estimate, book, optimised=optimised):
        out.print(f"[dim]· {note}[/]", highlight=False)


def show_difference(environment: str, difference: Difference, *, as_json: bool) -> None:
    """Print what a change does to the bill."""
    if as_json:
        print_json({"environment": environment, **asdict(difference), "delta": difference.delta})
        return
    for line in difference_lines(difference, shown=len(difference.changes)):
        data().print(line, highlight=False)


def difference_lines(difference: Difference, shown: int = SHOWN_CHANGES) -> Sequence[str]:
    """Return what a change does to the bill, in lines, the largest changes first."""
    if not difference.changes:
        return [f"no change: {_dollars(difference.after)} a month"]
    rest = difference.changes[shown:]
    more = sum(change.after - change.before for change in rest)
    between = f"{_dollars(difference.before)} → {_dollars(difference.after)}"
    return [
        f"{_signed(difference.delta)} a month ({between})",
        *map(_change, difference.changes[:shown]),
        *([f"  {_signed(more):>10}  {len(rest)} more services"] if rest else []),
    ]


def _change(change: Change) -> str:
    return f"  {_signed(change.after - change.before):>10}  {change.product}: {change.service}"


def _dollars(amount: float) -> str:
    return f"${amount:,.0f}"


def _signed(amount: float) -> str:
    return f"{'-' if amount < 0 else '+'}${abs(amount):,.2f}"


def _add_product(table: Table, product: str, lines: Sequence[Line], *, details: bool) -> None:
    between = ["", ""] if details else []
    total = sum(line.monthly for line in lines)
    table.add_row(f"[bold]{product}[/]", "", *between, f"[bold]{total:,.0f}[/]")
    for service, grouped in groupby(lines, key=lambda line: line.service):
        members = list(grouped)
        if not details:
            table.add_row("", service, f"{sum(line.monthly for line in members):,.2f}")
            continue
        for line in members:
            what = line.name or "assumed traffic"
            saving = f" [green]({line.saving})[/]" if line.saving else ""
            much = f"{line.quantity:,.10g} {line.meter}"
            table.add_row("", service, what + saving, much, f"{line.monthly:,.2f}")


def _notes(estimate: Estimate, book: PriceBook, *, optimised: bool) -> Sequence[str]:
    assumed = [line for line in estimate.lines if line.assumed]
    traffic = ", ".join(f"{line.quantity:,.10g} {line.meter} ({line.product})" for line in assumed)
    measures = [
        f"{measure.name}: -{measure.saving:.0%}" + (f" ({measure.note})" if measure.note else "")
        for measure in book.measures
    ]
    missing = ", ".join(sorted(estimate.unpriced))
    return [
        *book.notes,
        *([f"assumed traffic a month: {traffic}"] if traffic else []),
        *([f"without a price there: {missing}"] if missing else []),
        *(measures if optimised else []),
    ]


def _document(
    environment: str, estimate: Estimate, book: PriceBook, *, optimised: bool
) -> dict[str, object]:
    return {
        "version": 1,
        "environment": environment,
        "prices": {"name": book.name, "date": str(book.date), "source": book.source},
        "optimised": optimised,
        "currency": "USD",
        "monthly": round(estimate.monthly, 2),
        "products": {name: round(total, 2) for name, total in estimate.by_product().items()},
        "lines": [asdict(line) for line in estimate.lines],
        "unpriced": dict(estimate.unpriced),
        "notes": list(_notes(estimate, book, optimised=optimised)),
    }
