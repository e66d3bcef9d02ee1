"""How releases look."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from platformctl.cli.views.terminal import data, print_json, talk
from platformctl.operations.cutover.standing import Standing
from platformctl.operations.releases.compare import Difference
from platformctl.operations.releases.definition import container_of, secrets_of, variables_of
from platformctl.operations.releases.model import Release
from platformctl.operations.services.model import Service

VERSION = 1
COMMIT = 10
"""Digits of a commit that tell it apart for people."""


@dataclass(frozen=True)
class Row:
    """A release, and what became of it.

    Attributes:
        release: The release.
        standing: What its service runs; None before its first operation.
    """

    release: Release
    standing: Standing | None

    @property
    def state(self) -> str:
        """Whether it serves, or waits on the other side; "" for neither."""
        name, standing = self.release.name, self.standing
        if standing is None:
            return ""
        if standing.running.release == name:
            return f"serves ({standing.side})"
        if standing.other is not None and standing.other.release == name:
            return "served before"
        return "was meant to serve" if standing.desired == name else ""

    def document(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"name": self.release.name, "state": self.state, **self.release.document()}


def show_releases(where: str, rows: Sequence[Row], *, as_json: bool) -> None:
    """Print releases, newest first; `where` is what a command says to mean their environment."""
    if as_json:
        print_json({"version": VERSION, "releases": [row.document() for row in rows]})
        return
    if not rows:
        talk().print("nothing was released yet")
        talk().print(f"  → platformctl deploy {where} SERVICE", highlight=False)
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("service", "release", "version", "", "commit", "who", "created", "why"):
        table.add_column(column, overflow="fold")
    for row in rows:
        release = row.release
        table.add_row(
            release.service,
            release.name,
            Text(release.version),
            f"[green]{row.state}[/]" if row.state.startswith("serves") else row.state,
            _commit(release),
            Text(release.actor.user),
            release.created[:16].replace("T", " "),
            Text(release.reason),
        )
    data().print(table)


def show_release(service: Service, row: Row, *, as_json: bool) -> None:
    """Print all that is known about a release."""
    if as_json:
        print_json({"version": VERSION, "release": row.document()})
        return
    release = row.release
    facts = {
        "version": release.version,
        "image": release.image,
        "digest": release.digest,
        "configuration": release.configuration,
        "migrations up to": release.migration_head,
        "commit": _commit(release),
        "created": release.created,
        "by": str(release.actor),
        "why": release.reason,
        "now": row.state,
    }
    data().print(f"[bold]{release.service} {release.name}[/]")
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for what, said in facts.items():
        if said:
            table.add_row(what, Text(said))
    for what, said in _variables(service, release).items():
        table.add_row(Text(what), Text(said))
    data().print(table)


def show_differences(
    before: Release, after: Release, differences: Sequence[Difference], *, as_json: bool
) -> None:
    """Print what differs between two releases."""
    if as_json:
        print_json(
            {
                "version": VERSION,
                "before": before.name,
                "after": after.name,
                "differences": [asdict(each) for each in differences],
            }
        )
        return
    if not differences:
        talk().print(f"{before.name} and {after.name} of {before.service} are the same")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("", before.name, after.name):
        table.add_column(column, overflow="fold")
    for each in differences:
        table.add_row(Text(each.what), Text(each.before or "-"), Text(each.after or "-"))
    data().print(table)


def _commit(release: Release) -> str:
    changed = " + changes" if release.dirty else ""
    return f"{release.commit[:COMMIT]}{changed}" if release.commit else ""


def _variables(service: Service, release: Release) -> dict[str, str]:
    """Return the variables of a release; of secrets only where they are."""
    if "containerDefinitions" not in release.definition:
        return {}
    container = container_of(release.definition, service)
    return {
        **{
            name: f"{value} (given with it)" if name in release.overrides else value
            for name, value in variables_of(container).items()
        },
        **{name: f"secret of {reference}" for name, reference in secrets_of(container).items()},
    }
