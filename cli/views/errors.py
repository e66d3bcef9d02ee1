"""How an error reads: what happened: why, then the command that helps."""

from rich.markup import escape

from platformctl.cli.views.terminal import talk
from platformctl.errors import ConfigurationError, PlatformError


def print_error(error: PlatformError) -> None:
    """Print an error on standard error; several mistakes of a file stand in a line each."""
    console = talk()
    what, why = escape(error.what), escape(error.why)
    listed = error.mistakes if isinstance(error, ConfigurationError) else ()
    if len(listed) > 1:
        console.print(f"[bold red]Error:[/] {what}")
        for mistake in listed:
            console.print(f"  • {mistake}", markup=False, highlight=False)
    else:
        console.print(f"[bold red]Error:[/] {what}" + (f": {why}" if why else ""))
    if error.remedy:
        console.print(f"  → {escape(error.remedy)}", style="cyan", highlight=False)
