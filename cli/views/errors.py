"""How an error reads: what happened: why, then the command that helps."""

from rich.markup import escape

from platformctl.cli.views.terminal import talk
from platformctl.errors import PlatformError


def print_error(error: PlatformError) -> None:
    """Print an error on standard error."""
    console = talk()
    what, why = escape(error.what), escape(error.why)
    console.print(f"[bold red]Error:[/] {what}" + (f": {why}" if why else ""))
    if error.remedy:
        console.print(f"  → {escape(error.remedy)}", style="cyan", highlight=False)
