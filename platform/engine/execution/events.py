"""Tells what happens, as the engine events of Pulumi's Automation API."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pulumi.automation import events as api

from platformctl.engine import urn as urns
from platformctl.engine.execution import digest
from platformctl.engine.execution.masking import MASK, Masking, shown
from platformctl.engine.planning.decision import Operation
from platformctl.engine.policy.interface import Violation
from platformctl.engine.state.resource import Resource
from platformctl.plugin.provider import DiffKind

OnEvent = Callable[[api.EngineEvent], None]


class Events:
    """Composes events, hands them on one at a time, and counts the steps.

    Args:
        on_event: Takes the events; called from several threads, never from two at once.
        planning: It is a preview.
    """

    def __init__(self, on_event: OnEvent | None, *, planning: bool, masking: Masking) -> None:
        self._on_event = on_event
        self._planning = planning
        self._lock = threading.Lock()
        self._sequence = 0
        self.masking = masking
        self.changes: Counter[str] = Counter()
        self.steps: list[dict[str, Any]] = []

    def prelude(self, configuration: Mapping[str, str], secret_keys: Sequence[str]) -> None:
        """The operation starts, with this configuration."""
        visible = {
            key: MASK if key in secret_keys else value for key, value in configuration.items()
        }
        self._send(prelude_event=api.PreludeEvent(visible))

    def started(
        self,
        operation: Operation,
        old: Resource | None,
        new: Resource | None,
        causes: Sequence[str] = (),
        changes: Mapping[str, DiffKind] | None = None,
    ) -> None:
        """A step starts."""
        if _hidden(new or old):
            return
        step = digest.step(operation, old, new, causes, changes or {})
        with self._lock:
            self.steps.append(step)
        if self._on_event is None:
            return
        metadata = _metadata(operation, old, new, causes, changes or {})
        self._send(resource_pre_event=api.ResourcePreEvent(metadata, self._planning))

    def done(
        self,
        operation: Operation,
        old: Resource | None,
        new: Resource | None,
        causes: Sequence[str] = (),
        changes: Mapping[str, DiffKind] | None = None,
    ) -> None:
        """A step ended well."""
        if _hidden(new or old):
            return
        with self._lock:
            self.changes[operation.value] += 1
            if operation in (Operation.UPDATE, Operation.DELETE):
                self._found(digest.step(operation, old, new, causes, changes or {}))
        if self._on_event is None:
            return
        metadata = _metadata(operation, old, new, causes, changes or {})
        self._send(res_outputs_event=api.ResOutputsEvent(metadata, self._planning))

    def _found(self, step: dict[str, Any]) -> None:
        """Put what a refresh found in the place of the refresh."""
        for index, planned in enumerate(self.steps):
            if planned["urn"] == step["urn"] and planned["op"] == Operation.REFRESH.value:
                self.steps[index] = step

    def failed(
        self, operation: Operation, old: Resource | None, new: Resource | None, reason: str
    ) -> None:
        """A step failed."""
        resource = new or old
        self.diagnose("error", reason, resource.urn if resource else "")
        if self._on_event is not None:
            metadata = _metadata(operation, old, new, (), {})
            self._send(res_op_failed_event=api.ResOpFailedEvent(metadata, status=0, steps=1))

    def diagnose(self, severity: str, message: str, urn: str = "", *, stream: int = 0) -> None:
        """Something worth a message.

        Args:
            severity: `debug`, `info`, `info#err`, `warning` or `error`.
            message: The text; known secrets are taken out.
            urn: The resource it is about, or "".
            stream: Number of the stream that the message is a part of.
        """
        text = self.masking.clean(message)
        if not text.endswith("\n"):
            text += "\n"
        event = api.DiagnosticEvent(
            text, "never", severity, stream_id=stream, ephemeral=False, urn=urn or None
        )
        self._send(diagnostic_event=event)

    def violated(self, violation: Violation) -> None:
        """A policy is violated."""
        event = api.PolicyEvent(
            message=self.masking.clean(violation.message),
            color="never",
            policy_name=violation.policy,
            policy_pack_name=violation.pack,
            policy_pack_version=violation.pack_version,
            policy_pack_version_tag=violation.pack_version,
            enforcement_level=violation.level,
            resource_urn=violation.urn or None,
        )
        self._send(policy_event=event)

    def summary(self, seconds: float, policy_packs: Mapping[str, str]) -> None:
        """The operation ended; these are the numbers."""
        changes = {api.OpType(operation): count for operation, count in self.changes.items()}
        event = api.SummaryEvent(
            maybe_corrupt=False,
            duration_seconds=round(seconds),
            resource_changes=changes,
            policy_packs=policy_packs,
        )
        self._send(summary_event=event)

    def cancelled(self) -> None:
        """No more events follow."""
        self._send(cancel_event=api.CancelEvent())

    def _send(self, **kinds: api.BaseEvent) -> None:
        if self._on_event is None:
            return
        with self._lock:
            self._sequence += 1
            now = int(datetime.now(UTC).timestamp())
            # The constructor takes one argument per kind of event.
            event = api.EngineEvent(self._sequence, now, **kinds)  # pyright: ignore[reportArgumentType]
            self._on_event(event)


def _hidden(resource: Resource | None) -> bool:
    """Tell whether it is one of the engine's own resources, which nobody asked for."""
    return resource is not None and urns.is_default_provider(resource.urn)


def _metadata(
    operation: Operation,
    old: Resource | None,
    new: Resource | None,
    causes: Sequence[str],
    changes: Mapping[str, DiffKind],
) -> api.StepEventMetadata:
    resource = new or old
    if resource is None:
        raise ValueError("a step is about an old or a new resource")
    detailed = {
        path: api.PropertyDiff(api.DiffKind(kind.value), input_diff=True)
        for path, kind in changes.items()
    }
    return api.StepEventMetadata(
        op=api.OpType(operation.value),
        urn=resource.urn,
        type=resource.type,
        provider=resource.provider,
        old=_state(old),
        new=_state(new),
        keys=list(causes),
        diffs=digest.changed_properties(changes),
        detailed_diff=detailed,
        logical=operation is Operation.REPLACE,
    )


def _state(resource: Resource | None) -> api.StepEventStateMetadata | None:
    if resource is None:
        return None
    return api.StepEventStateMetadata(
        type=resource.type,
        urn=resource.urn,
        id=resource.id,
        parent=resource.parent,
        provider=resource.provider,
        custom=resource.custom,
        delete=resource.delete,
        protect=resource.protect,
        retain_on_delete=resource.retain_on_delete,
        inputs=shown(resource.inputs),
        outputs=shown(resource.outputs),
        init_errors=list(resource.init_errors),
        taint=resource.taint,
    )
