"""How a new environment looks, and what to do with it next."""

from pathlib import Path

from rich.panel import Panel
from rich.table import Table

from platformctl.cli.views.terminal import print_json, talk
from platformctl.config.environment import EnvironmentConfig

LOCAL_STEPS = (("platformctl up {env}", "run it on this machine"),)
ACCOUNT_STEPS = (
    ("platformctl preview {env}", "what it would make, what it costs, what policies say"),
    ("platformctl bootstrap {env}", "make the AWS account ready"),
    ("platformctl up {env}", "make it"),
)


def show_scaffolded(
    environment: str, path: Path, config: EnvironmentConfig, *, as_json: bool
) -> None:
    """Print where the file is, and the next steps."""
    local = config.environment == "local"
    steps = [(line.format(env=environment), why) for line, why in _steps(local=local)]
    if as_json:
        print_json(
            {
                "environment": environment,
                "file": path.name,
                "region": config.region,
                "products": list(config.products),
                "next": [command for command, _ in steps],
            }
        )
        return
    table = Table.grid(padding=(0, 2))
    table.add_row("region", config.region)
    table.add_row("products", ", ".join(config.products))
    if config.edge.domain is not None:
        table.add_row("domain", f"{config.edge.domain} (replace it by your own)")
    table.add_row("", "")
    for command, why in steps:
        table.add_row(why, f"[green]{command}[/]")
    talk().print(Panel(table, title=f"{path.name} is written", border_style="green", expand=False))


def _steps(*, local: bool) -> tuple[tuple[str, str], ...]:
    return LOCAL_STEPS if local else ACCOUNT_STEPS
