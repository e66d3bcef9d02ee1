"""What to try after a deployment: the URLs, and the commands that go with them."""

from collections.abc import Mapping
from typing import Any

from rich.panel import Panel
from rich.table import Table

from platformctl.cli.runtime import Runtime
from platformctl.cli.views.terminal import talk

URLS = "_url"
LOAD = "platformctl load run {env}"
LOCAL_COMMANDS = (
    ("platformctl status {env}", "how every part is doing"),
    ("platformctl logs {env} --follow", "what the services write"),
    (LOAD, "traffic, counted at the other end"),
    ("platformctl destroy {env}", "stop it and remove everything"),
)


def show_next_steps(runtime: Runtime, environment: str, outputs: Mapping[str, Any]) -> None:
    """Print the environment's URLs and what to do next, how to stop it included."""
    table = Table.grid(padding=(0, 2))
    for name, value in sorted(outputs.items()):
        # A queue's URL is an address for the SQS API, not for a browser.
        if name.endswith(URLS) and not name.endswith(f"_queue{URLS}"):
            table.add_row(name.removesuffix(URLS).replace("_", " "), f"[bold cyan]{value}[/]")
    table.add_row("", "")
    where = runtime.project.arguments(environment)
    for command, purpose in _commands(runtime, environment):
        table.add_row(purpose, f"[green]{command.format(env=where)}[/]")
    talk().print(Panel(table, title=environment, border_style="green", expand=False))


def _commands(runtime: Runtime, environment: str) -> list[tuple[str, str]]:
    """Return what can be done in a local environment; traffic is for products that have some."""
    if not runtime.is_local(environment):
        return []
    loaded = runtime.sampled_products(environment)
    return [line for line in LOCAL_COMMANDS if loaded or line[0] != LOAD]
