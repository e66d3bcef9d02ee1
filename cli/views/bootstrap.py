"""How a bootstrap looks: the plan, what was mended, where everything is."""

from collections.abc import Sequence
from typing import Any, Protocol

from platformctl.cli.views.terminal import print_json, talk
from platformctl.operations.bootstrap.part import Difference
from platformctl.operations.bootstrap.target import Target

SYMBOLS = {"create": ("+", "green"), "repair": ("~", "yellow")}
SCHEMA = "platformctl/bootstrap/v1"


class BootstrapView(Protocol):
    """Is told the plan, each thing that was mended, and the end."""

    def show_plan(self, differences: Sequence[Difference]) -> None:
        """Show what is missing or has drifted."""
        ...

    def on_mended(self, difference: Difference) -> None:
        """Show that something was put right."""
        ...

    def finish(self, done: Sequence[Difference]) -> None:
        """Show what was done and where everything is."""
        ...


def bootstrap_view(target: Target, *, as_json: bool) -> BootstrapView:
    """Choose the view once."""
    return _Json(target) if as_json else _Human(target)


class _Human:
    def __init__(self, target: Target) -> None:
        self._target = target

    def show_plan(self, differences: Sequence[Difference]) -> None:
        where = f"account {self._target.account}, {self._target.region}"
        if not differences:
            talk().print(f"[green]✓[/] {where}: everything is as it must be")
        else:
            talk().print(f"[bold]{self._target.environment}[/] in {where}:")
        for difference in differences:
            symbol, colour = SYMBOLS[difference.action]
            talk().print(f"  [{colour}]{symbol}[/] {difference.part}: {difference.detail}")
        if self._target.repository is None:
            talk().print(
                "  no deploy role: no GitHub repository is known (--repository owner/name)",
                style="dim",
            )

    def on_mended(self, difference: Difference) -> None:
        talk().print(f"[green]✓[/] {difference.part}: {difference.detail}")

    def finish(self, done: Sequence[Difference]) -> None:
        if done:
            talk().print(f"  → platformctl preview {self._target.environment}", style="cyan")


class _Json:
    def __init__(self, target: Target) -> None:
        self._target = target
        self._plan: list[dict[str, str]] = []

    def show_plan(self, differences: Sequence[Difference]) -> None:
        self._plan = [_record(each) for each in differences]

    def on_mended(self, difference: Difference) -> None:
        """Nothing: the document comes at the end."""

    def finish(self, done: Sequence[Difference]) -> None:
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "environment": self._target.environment,
            "backend": self._target.backend_url,
            "secretsProvider": self._target.secrets_provider,
            "plan": self._plan,
            "done": [_record(each) for each in done],
        }
        if self._target.repository is not None:
            role = self._target.arn("iam", f"role/{self._target.role}", region=False)
            document["deployRole"] = role
        print_json(document)


def _record(difference: Difference) -> dict[str, str]:
    return {
        "part": difference.part,
        "action": difference.action.value,
        "detail": difference.detail,
    }
