"""Deploys with the official engine: the CLI and its plugins, through the Automation API.

The state is in the backend that `PULUMI_BACKEND_URL` or `Pulumi.yaml` names (an S3 bucket, made by
`platformctl bootstrap`), secrets in it are sealed with the stack file's `secretsprovider` (a KMS
key). A stack that the backend does not know yet is made by the first operation that changes it.
"""

import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation.events import EngineEvent

from platformctl.config.loader import NAMESPACE, load_file
from platformctl.deployment.interface import DeploymentOptions, OnEvent, Outcome
from platformctl.deployment.project import Project
from platformctl.deployment.pulumi.command import Command
from platformctl.deployment.pulumi.steps import step_of
from platformctl.errors import ResourceError, StackNotFoundError, StateError

MASKED = "[secret]"
STACK_TYPE = "pulumi:pulumi:Stack"


class PulumiDeployer:
    """One environment under the official engine.

    Args:
        project: The Pulumi project.
        stack: The environment's name.

    Raises:
        StackNotFoundError: There is no such environment.
        PulumiError: The CLI is missing or does not fit.
    """

    def __init__(self, project: Project, stack: str) -> None:
        project.stack_file(stack)  # says so when there is none
        self.project = project
        self.name = stack
        self._command = Command(stack)

    def preview(self, options: DeploymentOptions, on_event: OnEvent) -> Outcome:
        """Show what `up` would do."""
        self._judge()
        stack = self._stack()
        return self._run(stack.preview, options, on_event, refresh=options.refresh or None)

    def up(self, options: DeploymentOptions, on_event: OnEvent) -> Outcome:
        """Deploy; makes the stack in the backend if it is not there yet."""
        self._judge()
        self.create()
        options.before_change()
        outcome = self._run(
            self._stack().up,
            options,
            on_event,
            refresh=options.refresh or None,
            show_secrets=False,
        )
        return replace(outcome, outputs=self.outputs())

    def refresh(self, options: DeploymentOptions, on_event: OnEvent) -> Outcome:
        """Take over into the state what the resources really are."""
        return self._run(
            self._stack().refresh, _without_policies(options), on_event, show_secrets=False
        )

    def destroy(self, options: DeploymentOptions, on_event: OnEvent) -> Outcome:
        """Delete every resource; the stack and its history stay in the backend."""
        options.before_change()
        return self._run(
            self._stack().destroy, _without_policies(options), on_event, show_secrets=False
        )

    def outputs(self, *, show_secrets: bool = False) -> Mapping[str, Any]:
        """Return the stack's outputs as of the last operation."""
        shown = ["--show-secrets"] if show_secrets else []
        return self._json("stack", "output", "--json", *shown)

    def history(self) -> Sequence[Mapping[str, Any]]:
        """Return past operations, newest first."""
        return [_with_user(record) for record in self._json("stack", "history", "--json")]

    def export(self) -> dict[str, Any]:
        """Return the checkpoint as `pulumi stack export` prints it; secrets stay sealed."""
        return self._json("stack", "export")

    def import_(self, document: Mapping[str, Any]) -> None:
        """Replace the checkpoint by one that `pulumi stack export` printed."""
        with tempfile.TemporaryDirectory(prefix="platformctl-") as folder:
            file = Path(folder) / "checkpoint.json"
            file.touch(mode=0o600)
            file.write_text(json.dumps(document))
            self._pulumi("stack", "import", "--file", str(file))

    def cancel(self) -> None:
        """Release the lock of an operation that is no longer running."""
        self._pulumi("cancel", "--yes")

    @property
    def exists(self) -> bool:
        """Whether the backend knows the stack."""
        try:
            self._stack()
        except StackNotFoundError:
            return False
        return True

    def create(self) -> None:
        """Make the stack in the backend, its secrets sealed with the stack file's provider."""
        if not self.exists:
            self._workspace.create_stack(self.name)

    @cached_property
    def _workspace(self) -> automation.LocalWorkspace:
        settings = self.project.stack_settings(self.name)
        return automation.LocalWorkspace(
            work_dir=str(self.project.root),
            pulumi_command=self._command,
            secrets_provider=settings.get("secretsprovider"),
        )

    def _stack(self) -> automation.Stack:
        return automation.Stack.select(self.name, self._workspace)

    def _judge(self) -> None:
        """Judge a stack file that is about a platform before anything starts."""
        if self.project.name == NAMESPACE:
            load_file(self.project.stack_file(self.name))

    def _run(
        self,
        verb: Callable[..., Any],
        options: DeploymentOptions,
        on_event: OnEvent,
        **more: Any,
    ) -> Outcome:
        """Run one verb of the Automation API, and tell its events and its end in our terms."""
        began = time.monotonic()
        log = _EventLog(on_event, self._command.diagnostics)
        chosen: dict[str, Any] = {**more, "on_event": log}
        if options.message:
            chosen["message"] = options.message
        if options.parallel:
            chosen["parallel"] = options.parallel
        if options.targets:
            chosen["target"] = list(options.targets)
        if options.policy_packs:
            chosen["policy_packs"] = list(options.policy_packs)
        try:
            verb(**chosen)
        except ResourceError as error:
            error.remedy = error.remedy or f"platformctl up {self.name}   goes on where it stopped"
            raise
        return Outcome(
            changes=log.changes,
            outputs=log.outputs,
            duration=time.monotonic() - began,
            steps=tuple(log.steps.values()),
        )

    def _pulumi(self, *arguments: str) -> str:
        result = self._command.run([*arguments, "--stack", self.name], str(self.project.root), {})
        return result.stdout

    def _json(self, *arguments: str) -> Any:
        text = self._pulumi(*arguments)
        try:
            return json.loads(text)
        except ValueError as error:
            raise StateError(
                f"cannot read the state of {self.name}",
                why=f"pulumi {' '.join(arguments)} did not print JSON: {text[:200]!r}",
            ) from error


class _EventLog:
    """Hands events on, and keeps what the end of an operation needs of them.

    Args:
        on_event: Takes each event.
        diagnostics: Gets the engine's error messages.
    """

    def __init__(self, on_event: OnEvent, diagnostics: list[str]) -> None:
        self._on_event = on_event
        self._diagnostics = diagnostics
        self.changes: dict[str, int] = {}
        self.outputs: dict[str, Any] = {}
        self.steps: dict[str, dict[str, Any]] = {}

    def __call__(self, event: EngineEvent) -> None:
        """Take one event."""
        if event.diagnostic_event and event.diagnostic_event.severity == "error":
            self._diagnostics.append(event.diagnostic_event.message)
        if event.policy_event and event.policy_event.enforcement_level == "mandatory":
            violated = event.policy_event
            self._diagnostics.append(f"{violated.policy_name}: {violated.message}")
        if event.resource_pre_event:
            self._step(event.resource_pre_event.metadata)
        if event.summary_event:
            counts = event.summary_event.resource_changes
            self.changes = {str(getattr(kind, "value", kind)): n for kind, n in counts.items()}
        if event.res_outputs_event and event.res_outputs_event.metadata.type == STACK_TYPE:
            state = event.res_outputs_event.metadata.new
            self.outputs = dict(state.outputs or {}) if state else {}
        self._on_event(event)

    def _step(self, metadata: Any) -> None:
        """Keep a step; of a replacement's parts, the replacement as a whole."""
        step = step_of(metadata)
        if step["op"] != "replace" and self.steps.get(step["urn"], {}).get("op") == "replace":
            return
        self.steps[step["urn"]] = step


def _without_policies(options: DeploymentOptions) -> DeploymentOptions:
    """Policies judge what a program wants; what no program says has none."""
    return replace(options, policy_packs=())


def _with_user(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Name who did it, in the place where the embedded engine does."""
    environment = record.get("environment") or {}
    user = environment.get("user") or environment.get("git.author") or "unknown"
    return {**record, "environment": {**environment, "user": user}}
