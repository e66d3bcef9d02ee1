"""The face of the engine: preview, up, refresh and destroy of one stack."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from platformctl.engine.execution.builtins import PulumiPackage
from platformctl.engine.execution.context import Context
from platformctl.engine.execution.deletion import Deletion
from platformctl.engine.execution.deployment import Deployment
from platformctl.engine.execution.events import Events, OnEvent
from platformctl.engine.execution.gate import Gate, StoppedError
from platformctl.engine.execution.hooks import Hooks
from platformctl.engine.execution.invoking import Invoking
from platformctl.engine.execution.masking import Masking
from platformctl.engine.execution.recovery import Recovery
from platformctl.engine.execution.refresh import Refresh
from platformctl.engine.monitor.callbacks import Callbacks
from platformctl.engine.monitor.engine_log import EngineLog
from platformctl.engine.monitor.resource_monitor import ResourceMonitor
from platformctl.engine.monitor.server import serving
from platformctl.engine.monitor.shutdown import Shutdown
from platformctl.engine.planning.targets import Targets
from platformctl.engine.policy import analyzer
from platformctl.engine.policy.interface import NoPolicies, Policies
from platformctl.engine.program import process
from platformctl.engine.program.process import ProgramError
from platformctl.engine.state.checkpoint import Checkpoint
from platformctl.engine.state.history import Update
from platformctl.engine.state.ledger import Ledger
from platformctl.engine.state.stack import Stack, plain_outputs
from platformctl.errors import CancelledError, PlatformError, ResourceError
from platformctl.plugin.provider import ProviderFactory
from platformctl.plugin.values import Properties, Secret

PARALLEL = 16
# How often the end of the program is looked for, in seconds; only matters when it crashes.
GLANCE = 0.02


@dataclass(frozen=True)
class Result:
    """How an operation ended.

    Attributes:
        changes: Number of resources per kind of step (`create`, `update`, `same`, …).
        outputs: The stack's outputs, secrets masked; not known ones carry Pulumi's sentinel.
        duration: Seconds.
    """

    changes: Mapping[str, int] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    duration: float = 0.0


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
        run = _Run(context, self._stack, self._stack.scratch(), self._providers, self._on_event)
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
    def _recorded(self, what: str, kind: str, message: str) -> Iterator["_Run"]:
        """Lock the stack, keep its state and history."""

        def remember(update: Update) -> None:
            self._stack.remember(replace(update, kind=kind, message=message))

        with self._stack.session(what) as session:
            run = _Run(self._context, self._stack, session.ledger, self._providers, self._on_event)
            with run.reported(remember):
                yield run


class _Run:
    """One operation from beginning to end."""

    def __init__(
        self,
        context: Context,
        stack: Stack,
        ledger: Ledger,
        factory: ProviderFactory,
        on_event: OnEvent | None,
    ) -> None:
        self._context = context
        self._stack = stack
        self._ledger = ledger
        self._factory = factory
        self._started = time.time()
        self._duration = 0.0
        masking = Masking()
        for key in context.secret_keys:
            masking.learn(Secret(context.configuration.get(key)))
        self._events = Events(on_event, planning=context.preview, masking=masking)
        self._gate = Gate(context.parallel)
        self._packs: Mapping[str, str] = {}
        self._builtin = PulumiPackage(self._other_stack, self._find)

    @contextlib.contextmanager
    def reported(self, remember: Callable[[Update], None] | None) -> Iterator[None]:
        """Tell beginning and end, and turn whatever went wrong into one error."""
        self._events.prelude(self._context.configuration, self._context.secret_keys)
        result = "failed"
        try:
            yield
            result = "succeeded"
        except (StoppedError, KeyboardInterrupt) as stopped:
            if isinstance(stopped, KeyboardInterrupt):
                self._gate.cancel()
            try:
                self._raise_what_happened()
            except CancelledError:
                result = "cancelled"
                raise
        except PlatformError as error:
            self._events.diagnose("error", str(error))
            raise
        finally:
            ended = time.time()
            self._duration = ended - self._started
            if remember:
                changes = dict(self._events.changes)
                remember(
                    Update(
                        kind="",
                        result=result,
                        started=self._started,
                        ended=ended,
                        changes=changes,
                    )
                )
            self._events.summary(self._duration, self._packs)
            self._events.cancelled()

    def result(self) -> Result:
        """Return how it ended."""
        checkpoint = self._ledger.checkpoint()
        outputs = plain_outputs(checkpoint, show_secrets=False)
        return Result(dict(self._events.changes), outputs, self._duration)

    def update(self, policy_packs: Sequence[Path], targets: Targets, *, refresh: bool) -> None:
        """Run the program and bring the resources to what it describes."""
        callbacks = Callbacks()
        shutdown = Shutdown()
        with (
            contextlib.closing(callbacks),
            analyzer.running(policy_packs, self._context) as policies,
        ):
            self._packs = policies.packs
            deployment = self._deployment(policies, targets)
            self._settle(deployment)
            if refresh:
                self._refresh(deployment, targets)
            invoking = Invoking(self._context, deployment.providers, self._gate)
            monitor = ResourceMonitor(self._context, deployment, invoking, callbacks, shutdown)
            log = EngineLog(self._events, self._gate)
            with (
                serving(monitor, log, self._context.parallel) as address,
                process.running(self._context, address, self._line(deployment)) as program,
            ):
                try:
                    self._follow(program, deployment, shutdown, log)
                finally:
                    shutdown.allow()

    def refresh(self, targets: Targets) -> None:
        """Read everything anew."""
        deployment = self._deployment(NoPolicies(), targets)
        self._settle(deployment)
        self._refresh(deployment, targets)

    def destroy(self, targets: Targets) -> None:
        """Delete everything that is targeted."""
        deployment = self._deployment(NoPolicies(), targets)
        self._settle(deployment)
        doomed = [
            entry
            for entry in self._ledger.entries()
            if entry.resource.delete or entry.resource.urn in targets
        ]
        deletion = Deletion(
            self._context, self._ledger, deployment.providers, deployment.steps, self._gate
        )
        deletion.delete(doomed)

    def _deployment(self, policies: Policies, targets: Targets) -> Deployment:
        hooks = Hooks(
            preview=self._context.preview,
            warn=lambda message, urn: self._events.diagnose("warning", message, urn),
        )
        return Deployment(
            self._context,
            self._ledger,
            self._factory,
            self._builtin,
            self._events,
            self._gate,
            hooks,
            policies,
            targets,
        )

    def _settle(self, deployment: Deployment) -> None:
        """Settle what a killed run had begun."""
        providers, steps = deployment.providers, deployment.steps
        Recovery(self._context, self._ledger, self._events, providers, steps).run()

    def _refresh(self, deployment: Deployment, targets: Targets) -> None:
        refresh = Refresh(
            self._context,
            self._ledger,
            self._events,
            self._gate,
            deployment.providers,
            deployment.steps,
        )
        refresh.run(targets)

    def _follow(
        self,
        program: process.Program,
        deployment: Deployment,
        shutdown: Shutdown,
        log: EngineLog,
    ) -> None:
        """Wait for the program, and finish what it began."""
        try:
            while not shutdown.wait_until_done(GLANCE):
                if program.ended:
                    break
        except KeyboardInterrupt:
            self._gate.cancel()
            self._gate.wait_until_idle()
            raise
        self._gate.wait_until_idle()
        self._gate.check()
        if not shutdown.wait_until_done(0):
            raise _program_failure(program.wait(), log)
        deployment.finish()
        shutdown.allow()
        program.wait()

    def _line(self, deployment: Deployment) -> Callable[[str, str], None]:
        def pass_on(severity: str, line: str) -> None:
            self._events.diagnose(severity, line, deployment.root_urn)

        return pass_on

    def _raise_what_happened(self) -> None:
        self._gate.raise_if_cancelled()
        failures = self._gate.failures
        if len(failures) == 1:
            raise failures[0]
        first = failures[0]
        why = "; ".join(str(failure) for failure in failures)
        if all(type(failure) is type(first) for failure in failures):
            raise type(first)(f"{len(failures)} operations failed", why=why, remedy=first.remedy)
        raise ResourceError(f"{len(failures)} operations failed", why=why)

    def _other_stack(self, name: str) -> Checkpoint:
        return self._stack.sibling(name).read()

    def _find(self, urn: str) -> Properties | None:
        entry = self._ledger.live(urn)
        if entry is None:
            return None
        return {**entry.resource.outputs, "id": entry.resource.id}


def _program_failure(status: int, log: EngineLog) -> ProgramError:
    told = log.errors[-1].strip().splitlines() if log.errors else []
    return ProgramError(
        "the program failed",
        why=told[-1] if told else f"it ended with status {status}",
        remedy="its messages above say where",
    )


def _root_of(program: Path) -> Path:
    for folder in (program, *program.parents):
        if (folder / "Pulumi.yaml").is_file():
            return folder
    return program
