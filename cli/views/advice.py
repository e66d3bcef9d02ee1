"""How advice about a proposed change looks: a heading and its lines, on standard error."""

from collections.abc import Sequence

from rich.markup import escape

from platformctl.cli.views.terminal import talk
from platformctl.deployment.advice import Advice


def show_advice(sections: Sequence[Advice]) -> None:
    """Print the sections; one that refuses is marked."""
    for section in sections:
        mark = "[red]✗[/] " if section.refusal is not None else ""
        talk().print(f"\n{mark}[bold]{escape(section.title)}[/]")
        for line in section.lines:
            talk().print(f"  {line}", markup=False, highlight=False)
