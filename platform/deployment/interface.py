"""The Deployer: what can be done to an environment, whichever engine does it.

Both implementations report progress as the engine events of Pulumi's Automation API and end with
the same `Outcome`, so the display, the JSON output and the reports are written once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent

    OnEvent = Callable[[EngineEvent], None]
else:
    OnEvent = Callable[[Any], None]


@dataclass(frozen=True, kw_only=True)
class DeploymentOptions:
    """How one operation is to be done.

    Attributes:
        message: Why, kept in the history.
        parallel: Resource operations at once; None for the engine's default.
        targets: URNs to restrict the operation to; empty for everything.
        refresh: Read every resource from the cloud before planning.
        policy_packs: Folders of CrossGuard policy packs to check with.
        before_change: Called before anything is changed; may refuse by raising.
    """

    message: str = ""
    parallel: int | None = None
    targets: Sequence[str] = ()
    refresh: bool = False
    policy_packs: Sequence[str] = ()
    before_change: Callable[[], None] = lambda: None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an operation ended.

    Attributes:
        changes: Number of resources per kind of step (`create`, `update`, `same`, …).
        outputs: The stack's outputs, secrets masked.
        duration: Seconds.
        steps: What was done, or would be, as `pulumi preview --json` prints it; resources that
            stay the same are included.
    """

    changes: Mapping[str, int] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    duration: float = 0.0
    steps: Sequence[Mapping[str, Any]] = ()

    @property
    def changed(self) -> int:
        """Number of resources that were not simply the same."""
        return sum(count for kind, count in self.changes.items() if kind not in ("same", "read"))


class Deployer(Protocol):
    """One environment and the engine that deploys it.

    Every method raises an error from `platformctl.errors` where it cannot do its work.
    """

    def preview(self, options: DeploymentOptions, on_event: OnEvent) -> Outcome:
        """Show what `up` would do; changes nothing."""
        ...

    def up(self, options: DeploymentOptions, on_event: OnEvent) -> Outcome:
        """Make the environment what the program describes."""
        ...

    def refresh(self, options: DeploymentOptions, on_event: OnEvent) -> Outcome:
        """Take over into the state what the resources really are."""
        ...

    def destroy(self, options: DeploymentOptions, on_event: OnEvent) -> Outcome:
        """Delete everything that the environment consists of."""
        ...

    def outputs(self, *, show_secrets: bool = False) -> Mapping[str, Any]:
        """Return the stack's outputs as of the last operation."""
        ...

    def history(self) -> Sequence[Mapping[str, Any]]:
        """Return past operations, newest first."""
        ...

    def export(self) -> dict[str, Any]:
        """Return the checkpoint as `pulumi stack export` prints it."""
        ...

    def import_(self, document: Mapping[str, Any]) -> None:
        """Replace the checkpoint by one that `pulumi stack export` printed."""
        ...

    def cancel(self) -> None:
        """Release the lock of an operation that is no longer running."""
        ...
