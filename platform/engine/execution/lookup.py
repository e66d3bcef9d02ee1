"""Resources that exist already: read by the program, or imported."""

from collections.abc import Sequence
from dataclasses import replace

from platformctl.engine.execution import boundary
from platformctl.engine.execution.context import Context
from platformctl.engine.execution.events import Events
from platformctl.engine.execution.gate import Gate
from platformctl.engine.execution.steps import StepError, Steps
from platformctl.engine.planning.decision import Operation
from platformctl.engine.state.changes import Change, Put, Set
from platformctl.engine.state.ledger import Entry, Ledger
from platformctl.engine.state.resource import Resource
from platformctl.plugin.provider import Provider, ResourceOperationError, ResourceState


class Lookup:
    """Reads and imports resources."""

    def __init__(
        self, context: Context, ledger: Ledger, events: Events, gate: Gate, steps: Steps
    ) -> None:
        self._context = context
        self._ledger = ledger
        self._events = events
        self._gate = gate
        self._steps = steps

    def read(self, provider: Provider, old: Entry | None, new: Resource) -> Resource:
        """Read a resource that somebody else manages.

        Args:
            provider: Who can read it.
            old: The record under the same URN, if there is one.
            new: The record to be; its id says which resource, its inputs what is known of it.
        """
        before = old.resource if old else None
        supersedes = before is not None and not before.external
        operation = Operation.READ_REPLACEMENT if supersedes else Operation.READ
        with self._gate.place():
            self._events.started(operation, before, new)
            state = self._state(provider, operation, before, new)
            secret_names = new.additional_secret_outputs
            outputs = boundary.outputs_of(state.outputs, new.inputs, secret_names)
            recorded = replace(new, id=state.id, outputs=outputs, external=True)
            self._ledger.record(*_placed(old, recorded, keep_old=supersedes), safe=True)
            self._events.done(operation, before, recorded)
        return recorded

    def adopt(self, provider: Provider, old: Entry | None, new: Resource) -> Resource:
        """Import an existing resource, which is ours from now on.

        Args:
            provider: Who manages it from now on.
            old: The record under the same URN, if there is one; it is superseded.
            new: The record to be; its `import_id` says which resource.
        """
        before = old.resource if old else None
        operation = Operation.IMPORT_REPLACEMENT if before else Operation.IMPORT
        with self._gate.place():
            wanted = replace(new, id=new.import_id)
            self._events.started(operation, before, wanted)
            state = self._state(provider, operation, before, wanted)
            self._require_match(provider, operation, before, wanted, state)
            secret_names = new.additional_secret_outputs
            outputs = boundary.outputs_of(state.outputs, new.inputs, secret_names)
            recorded = replace(wanted, id=state.id, outputs=outputs)
            self._ledger.record(*_placed(old, recorded, keep_old=True), safe=True)
            self._events.done(operation, before, recorded)
        return recorded

    def _state(
        self, provider: Provider, operation: Operation, old: Resource | None, new: Resource
    ) -> ResourceState:
        known = boundary.plain(new.inputs, self._context.program)
        importing = operation in (Operation.IMPORT, Operation.IMPORT_REPLACEMENT)
        call = self._steps.call(new, "read")
        try:
            state = provider.read(call, new.id, {}, {} if importing else known)
        except ResourceOperationError as error:
            raise self._steps.failed(operation, old, new, error.reason) from error
        if not state.id:
            raise self._missing(operation, old, new)
        return state

    def _missing(self, operation: Operation, old: Resource | None, new: Resource) -> StepError:
        reason = f"there is no {new.type} with the id {new.id!r}"
        return self._steps.failed(operation, old, new, reason)

    def _require_match(
        self,
        provider: Provider,
        operation: Operation,
        old: Resource | None,
        new: Resource,
        state: ResourceState,
    ) -> None:
        """Fail if the program describes the imported resource otherwise than it is."""
        inputs = boundary.plain(new.inputs, self._context.program)
        call = self._steps.call(new)
        diff = provider.diff(
            call, state.id, state.inputs, state.outputs, inputs, list(new.ignore_changes)
        )
        if not diff.changes:
            return
        differing = ", ".join(sorted(diff.changes))
        reason = f"the program describes it otherwise than it is: {differing}"
        if not self._context.preview:
            raise self._steps.failed(operation, old, new, reason)
        self._events.diagnose("warning", f"the import will fail: {reason}", new.urn)


def _placed(old: Entry | None, new: Resource, *, keep_old: bool) -> Sequence[Change]:
    """Return the changes that record a resource in place of another, or beside it."""
    if old is None:
        return [Put(new)]
    if not keep_old:
        return [Put(new, old.slot)]
    return [Set(old.slot, replace(old.resource, delete=True)), Put(new)]
