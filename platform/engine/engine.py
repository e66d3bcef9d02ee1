"""The face of the engine: preview, up, refresh and destroy of one stack."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from platformctl.engine.execution.context import Context
from platformctl.engine.execution.events import OnEvent
from platformctl.engine.planning.targets import Targets
from platformctl.engine.run import Result, Run
from platformctl.engine.state.history import Update
from platformctl.engine.state.stack import Stack
from platformctl.plugin.provider import ProviderFactory

PARALLEL = 16


class Engine:
    """Deploys one stack.

    Args:
        stack: Where the state is kept; `Backend(root).stack(name)`.
        project: Name of the Pulumi project.
        program: The folder of the Pulumi program, with its `__main__.py`.
        configuration: Values by full key (`aws:region`); objects as JSON text.
        secret_keys: Keys whose values are secret.
        providers: Makes providers by package.
        policy_packs: Folders of CrossGuard policy packs.
        parallel: How many provider calls may run at once.
        on_event: Takes engine events of Pulumi's Automation API; called from several threads,
            never from two at once.
        root: The folder of the project file; by default the nearest one above the program that
            has a `Pulumi.yaml`.
        before_change: Called before anything is changed, from any thread; may refuse by raising.
    """

    def __init__(  # noqa: PLR0913  # each is something that only the caller can decide
        self,
        stack: Stack,
        project: str,
        program: Path,
        providers: ProviderFactory,
        *,
        configuration: Mapping[str, str] | None = None,
        secret_keys: Sequence[str] = (),
        policy_packs: Sequence[Path | str] = (),
        parallel: int = PARALLEL,
        on_event: OnEvent | None = None,
        root: Path | None = None,
        before_change: Callable[[], None] = lambda: None,
    ) -> None:
        program = Path(program).resolve()
        self._stack = stack
        self._providers = providers
        self._policy_packs = [Path(pack) for pack in policy_packs]
        self._on_event = on_event
        self._context = Context(
            stack=stack.name,
            project=project,
            root=(root or _root_of(program)).resolve(),
            program=program,
            configuration=dict(configuration or {}),
            secret_keys=tuple(secret_keys),
            parallel=parallel,
            before_change=before_change,
        )

    def preview(self, *, targets: Sequence[str] = (), refresh: bool = False) -> Result:
        """Tell what `up` would do; changes nothing.

        Args:
            targets: URNs to restrict it to, with wildcards; empty for everything.
            refresh: Read every resource from its provider first.

        Raises:
            PlatformError: Something would fail; what, is told by events, too.
        """
        context = replace(self._context, preview=True)
        run = Run(context, self._stack, self._stack.scratch(), self._providers, self._on_event)
        with run.reported(None):
            run.update(self._policy_packs, Targets(targets), refresh=refresh)
        return run.result()

    def up(
        self, *, targets: Sequence[str] = (), message: str = "", refresh: bool = False
    ) -> Result:
        """Make the resources what the program describes.

        Args:
            targets: URNs to restrict it to, with wildcards; empty for everything.
            message: Why, kept in the history.
            refresh: Read every resource from its provider first.

        Raises:
            PlatformError: Something failed; what was done until then is recorded.
        """
        with self._recorded("up", "update", message) as run:
            run.update(self._policy_packs, Targets(targets), refresh=refresh)
        return run.result()

    def refresh(self, *, targets: Sequence[str] = (), message: str = "") -> Result:
        """Take over into the state what the resources really are; see `up` for the arguments."""
        with self._recorded("refresh", "refresh", message) as run:
            run.refresh(Targets(targets))
        return run.result()

    def destroy(self, *, targets: Sequence[str] = (), message: str = "") -> Result:
        """Delete what is recorded; see `up` for the arguments."""
        with self._recorded("destroy", "destroy", message) as run:
            run.destroy(Targets(targets))
        return run.result()

    @contextlib.contextmanager
    def _recorded(self, what: str, kind: str, message: str) -> Iterator["Run"]:
        """Lock the stack, keep its state and history."""

        def remember(update: Update) -> None:
            self._stack.remember(replace(update, kind=kind, message=message))

        with self._stack.session(what) as session:
            run = Run(self._context, self._stack, session.ledger, self._providers, self._on_event)
            with run.reported(remember):
                yield run


def _root_of(program: Path) -> Path:
    for folder in (program, *program.parents):
        if (folder / "Pulumi.yaml").is_file():
            return folder
    return program
