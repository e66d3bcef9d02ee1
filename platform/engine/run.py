"""One operation from beginning to end: what is started, in which order, and how it ends."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
from platformctl.engine.remote.host import Host
from platformctl.engine.state.checkpoint import Checkpoint
from platformctl.engine.state.history import Update
from platformctl.engine.state.ledger import Ledger
from platformctl.engine.state.stack import Stack, plain_outputs
from platformctl.errors import CancelledError, PlatformError, ResourceError
from platformctl.plugin.provider import ProviderFactory
from platformctl.plugin.values import Properties, Secret

# How often the end of the program is looked for, in seconds; only matters when it crashes.
GLANCE = 0.02


@dataclass(frozen=True)
class Result:
    """How an operation ended.

    Attributes:
        changes: Number of resources per kind of step (`create`, `update`, `same`, …).
        outputs: The stack's outputs, secrets masked; not known ones carry Pulumi's sentinel.
        duration: Seconds.
        steps: What was done, or would be, as `pulumi preview --json` prints it.
    """

    changes: Mapping[str, int] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    duration: float = 0.0
    steps: Sequence[Mapping[str, Any]] = ()


class Run:
    """One operation from beginning to end.

    Args:
        context: What it is about.
        stack: Where the state is kept; other stacks of its backend can be referred to.
        ledger: The recorded resources.
        factory: Makes providers by package.
        on_event: Takes engine events.
    """

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
        for entry in ledger.entries():
            masking.learn(entry.resource.inputs)
            masking.learn(entry.resource.outputs)
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
        return Result(dict(self._events.changes), outputs, self._duration, self._events.steps)

    def update(self, policy_packs: Sequence[Path], targets: Targets, *, refresh: bool) -> None:
        """Run the program and bring the resources to what it describes."""
        callbacks = Callbacks()
        shutdown = Shutdown()
        with (
            contextlib.closing(callbacks),
            contextlib.closing(Host(self._context)) as host,
            analyzer.running(policy_packs, self._context) as policies,
        ):
            self._packs = policies.packs
            deployment = self._deployment(policies, targets)
            self._settle(deployment)
            if refresh:
                self._refresh(deployment, targets)
            invoking = Invoking(self._context, deployment.providers, self._gate)
            monitor = ResourceMonitor(
                self._context, deployment, invoking, callbacks, shutdown, host
            )
            log = EngineLog(self._events, self._gate)
            with (
                serving(monitor, log, self._context.parallel) as host.address,
                process.running(self._context, host.address, self._line(deployment)) as program,
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
