"""How feature flags look."""

from collections.abc import Sequence

from rich.table import Table

from platformctl.cli.views.terminal import data, print_json, talk
from platformctl.operations.flags.change import Change
from platformctl.operations.flags.model import Flag
from platformctl.operations.flags.store import Situation

VERSION = 1


def describe(flag: Flag | None) -> str:
    """Return for whom a flag is on."""
    if flag is None:
        return "not set"
    if not flag.enabled:
        return "off"
    if flag.percentage >= 100:
        return "on for everybody"
    parts = [f"{flag.percentage:g} % of the users"] if flag.percentage else []
    parts += [", ".join(flag.audience)] if flag.audience else []
    return f"on for {' and '.join(parts) or 'nobody'}"


def show_flags(environment: str, found: Sequence[Situation], *, as_json: bool) -> None:
    """Print the flags of products."""
    if as_json:
        print_json({"version": VERSION, "products": [each.document() for each in found]})
        return
    if not any(each.flags.flags for each in found):
        talk().print(f"no flag is set in {environment}: each has the default in its code")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("product", "flag", "is"):
        table.add_column(column, overflow="fold")
    for each in found:
        for name, flag in sorted(each.flags.flags.items()):
            table.add_row(each.product, name, describe(flag))
    data().print(table)
    for each in found:
        for region in each.behind:
            talk().print(
                f"[yellow]services of {each.product} in {region} do not know this yet[/]; "
                "setting a flag again publishes all of them"
            )


def show_change(product: str, change: Change, *, as_json: bool) -> None:
    """Print what became of a flag."""
    if as_json:
        before = change.before.document() if change.before else None
        document = {"product": product, "flag": change.after.name, "revision": change.revision}
        after = change.after.document()
        print_json({"version": VERSION, **document, "before": before, "after": after})
        return
    name = change.after.name
    talk().print(
        f"{name} of {product}: {describe(change.after)} (it was "
        f"{describe(change.before)}); services follow within ten seconds"
    )
    if change.before is None:
        talk().print(f"  it is new: code that asks for another name than {name} does not see it")
