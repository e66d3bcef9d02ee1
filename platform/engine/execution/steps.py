"""The steps that change something: each calls a provider and records what came of it.

A step is recorded twice: that it begins, before the provider is called, and how it ended. A process
that is killed in between leaves a pending operation, which `recovery` settles in the next run.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from platformctl.engine.execution import boundary
from platformctl.engine.execution.context import Context
from platformctl.engine.execution.events import Events
from platformctl.engine.execution.gate import Gate, StoppedError
from platformctl.engine.execution.hooks import HookError, Hooks
from platformctl.engine.planning.decision import Decision, Operation
from platformctl.engine.state.changes import Change, Drop, Keep, Put, Set
from platformctl.engine.state.ledger import Entry, Ledger
from platformctl.engine.state.resource import Resource
from platformctl.errors import PlatformError
from platformctl.plugin.provider import Call, Provider, ResourceOperationError, ResourceState
from platformctl.plugin.values import Properties

Operate = Callable[[Call], ResourceState]
# The changes of the ledger that record a resource once it is there.
Placement = Callable[[Resource], Sequence[Change]]


_VERBS = {"creating": "create", "updating": "update", "deleting": "delete"}


class StepError(Exception):
    """A step failed; it is recorded and reported already."""

    def __init__(self, resource: Resource, operation: Operation, reason: str) -> None:
        super().__init__(reason)
        self.resource = resource
        self.operation = operation
        self.reason = reason


class Steps:
    """Carries out steps one at a time, from any thread."""

    def __init__(
        self, context: Context, ledger: Ledger, events: Events, gate: Gate, hooks: Hooks
    ) -> None:
        self._context = context
        self._ledger = ledger
        self._events = events
        self._gate = gate
        self._hooks = hooks
        self._lock = threading.Lock()
        self._permission = threading.Lock()
        self._open: dict[str, tuple[Decision, Resource | None, Resource]] = {}

    def same(self, old: Entry, new: Resource) -> Resource:
        """Nothing changes but what the program says about the resource."""
        unchanged = new == old.resource
        self._events.started(Operation.SAME, old.resource, new)
        self._ledger.record(Keep(old.slot) if unchanged else Put(new, old.slot))
        self._events.done(Operation.SAME, old.resource, new)
        return new

    def create(
        self,
        provider: Provider,
        new: Resource,
        place: Placement,
        *,
        old: Resource | None = None,
        operation: Operation = Operation.CREATE,
        decision: Decision | None = None,
    ) -> Resource:
        """Create a resource."""
        causes, changes = (decision.causes, decision.changes) if decision else ((), {})
        with self._gate.place():
            self._events.started(operation, old, new, causes, changes)
            inputs = self._plain(new.inputs)
            new = replace(new, created=_now(), modified=_now())
            recorded = self._changing(
                operation, "creating", old, new, lambda call: provider.create(call, inputs), place
            )
            self._events.done(operation, old, recorded, causes, changes)
        return recorded

    def update(self, provider: Provider, old: Entry, new: Resource, decision: Decision) -> Resource:
        """Change a resource in place."""
        before = old.resource
        old_inputs, old_outputs = self._plain(before.inputs), self._plain(before.outputs)
        inputs = self._plain(new.inputs)
        new = replace(new, modified=_now())

        def operate(call: Call) -> ResourceState:
            return provider.update(
                call, before.id, old_inputs, old_outputs, inputs, list(new.ignore_changes)
            )

        def place(resource: Resource) -> Sequence[Change]:
            return [Put(resource, old.slot)]

        with self._gate.place():
            self._events.started(Operation.UPDATE, before, new, changes=decision.changes)
            recorded = self._changing(Operation.UPDATE, "updating", before, new, operate, place)
            self._events.done(Operation.UPDATE, before, recorded, changes=decision.changes)
        return recorded

    def component(self, old: Entry | None, new: Resource, decision: Decision) -> Resource:
        """Record a component; no provider has a part in it.

        The step is only done when the program has given the component's outputs.
        """
        before = old.resource if old else None
        self._events.started(decision.operation, before, new, changes=decision.changes)
        if old and decision.operation is Operation.SAME:
            new = replace(new, outputs=old.resource.outputs)
            unchanged = new == old.resource
            self._ledger.record(Keep(old.slot) if unchanged else Put(new, old.slot))
        else:
            self._ledger.record(Put(new, old.slot if old else None), safe=True)
        with self._lock:
            self._open[new.urn] = (decision, before, new)
        return new

    def component_done(self, component: Resource) -> None:
        """The program has given a component's outputs."""
        with self._lock:
            opened = self._open.pop(component.urn, None)
        if opened:
            decision, before, _ = opened
            self._events.done(decision.operation, before, component, changes=decision.changes)

    def components_done(self) -> None:
        """The program has ended; no more outputs will come."""
        with self._lock:
            left = [component for _, _, component in self._open.values()]
        for component in left:
            self.component_done(component)

    def replaced(self, old: Resource, new: Resource, decision: Decision) -> None:
        """Tell that a replacement is complete as far as the program is concerned."""
        causes, changes = decision.causes, decision.changes
        self._events.started(Operation.REPLACE, old, new, causes, changes)
        self._events.done(Operation.REPLACE, old, new, causes, changes)

    def delete(
        self, provider: Provider, doomed: Entry, operation: Operation, *, call_provider: bool
    ) -> None:
        """Delete a resource and forget it."""
        self._remove(provider, doomed, operation, [Drop(doomed.slot)], call_provider=call_provider)

    def delete_to_replace(self, provider: Provider, doomed: Entry) -> Entry:
        """Delete a resource whose replacement comes later; it stays recorded until then."""
        awaiting = replace(doomed.resource, pending_replacement=True)
        changes = [Set(doomed.slot, awaiting)]
        operation = Operation.DELETE_REPLACED
        call_provider = not doomed.resource.retain_on_delete
        self._remove(provider, doomed, operation, changes, call_provider=call_provider)
        return Entry(doomed.slot, awaiting)

    def _remove(
        self,
        provider: Provider,
        doomed: Entry,
        operation: Operation,
        changes: Sequence[Change],
        *,
        call_provider: bool,
    ) -> None:
        resource = doomed.resource
        inputs, outputs = self._plain(resource.inputs), self._plain(resource.outputs)

        def operate(call: Call) -> ResourceState:
            if not call.preview:
                provider.delete(call, resource.id, inputs, outputs)
            return ResourceState(resource.id, {}, {})

        with self._gate.place():
            self._events.started(operation, resource, None)
            if call_provider:
                self._changing(operation, "deleting", resource, None, operate, lambda _: changes)
            else:
                self._ledger.record(*changes, safe=True)
            self._events.done(operation, resource, None)

    def _changing(
        self,
        operation: Operation,
        pending: str,
        old: Resource | None,
        new: Resource | None,
        operate: Operate,
        place: Placement,
    ) -> Resource:
        """Run hooks, operation and hooks; report what fails."""
        resource = new or old
        if resource is None:
            raise ValueError("a step is about an old or a new resource")
        verb = _VERBS[pending]
        kind = verb.capitalize()
        try:
            self._hooks.run(f"Before{kind}", resource.hooks, old, new)
            recorded = self._recorded(verb, pending, old, resource, operate, place)
            after = recorded if new else None
            self._hooks.run(f"After{kind}", resource.hooks, old, after)
        except HookError as error:
            raise self._failed(operation, old, new, str(error)) from error
        except ResourceOperationError as error:
            raise self._failed(operation, old, new, error.reason) from error
        return recorded

    def _recorded(
        self,
        verb: str,
        pending: str,
        old: Resource | None,
        resource: Resource,
        operate: Operate,
        place: Placement,
    ) -> Resource:
        """Call the provider, again if an error hook wants it, and record the outcome."""
        call = self.call(resource, verb)
        errors: list[str] = []
        while True:
            if self._context.preview:
                recorded = _with(resource, operate(call))
                self._ledger.record(*place(recorded))
                return recorded
            self._permit()
            number = self._ledger.begin(pending, resource)
            try:
                recorded = _with(resource, operate(call))
            except ResourceOperationError as error:
                if pending == "deleting":
                    self._ledger.end(number)
                else:
                    self._record_failure(number, resource, error, place)
                failure = error
            except Exception as error:
                # Nobody knows what was done: the operation stays pending for the next run.
                reason = f"unexpected {type(error).__name__}: {error}"
                raise ResourceOperationError(reason) from error
            else:
                self._ledger.end(number, *place(recorded))
                return recorded
            errors.insert(0, failure.reason)
            new = None if pending == "deleting" else resource
            again = failure.partial is None and self._hooks.wants_retry(
                resource.hooks, old, new, verb, errors
            )
            if not again:
                raise failure

    def _permit(self) -> None:
        """Ask whoever called the engine whether anything may be changed; nothing starts after a no.

        Raises:
            StoppedError: It may not.
        """
        with self._permission:
            self._gate.check()
            try:
                self._context.before_change()
            except PlatformError as refusal:
                self._gate.fail(refusal)
                raise StoppedError from refusal

    def _record_failure(
        self, number: int, resource: Resource, error: ResourceOperationError, place: Placement
    ) -> None:
        """Record a failed operation, and what it left behind."""
        if error.partial is None or not error.partial.id:
            self._ledger.end(number)
        else:
            left = replace(_with(resource, error.partial), init_errors=[error.reason])
            self._ledger.end(number, *place(left))

    def failed(
        self, operation: Operation, old: Resource | None, new: Resource, reason: str
    ) -> StepError:
        """Report a failure before anything was done."""
        return self._failed(operation, old, new, reason)

    def _failed(
        self, operation: Operation, old: Resource | None, new: Resource | None, reason: str
    ) -> StepError:
        self._events.failed(operation, old, new, reason)
        resource = new or old
        if resource is None:
            raise ValueError("a step is about an old or a new resource")
        return StepError(resource, operation, self._events.masking.clean(reason))

    def call(self, resource: Resource, verb: str = "") -> Call:
        """Compose what a provider is told about a resource."""
        return Call(
            urn=resource.urn,
            type=resource.type,
            name=resource.name,
            preview=self._context.preview,
            timeout=resource.custom_timeouts.get(verb) or None,
        )

    def _plain(self, properties: Properties) -> Properties:
        return boundary.plain(properties, self._context.program)


def _with(resource: Resource, state: ResourceState) -> Resource:
    """Return the resource as the provider says it now is."""
    secret_names = resource.additional_secret_outputs
    outputs = boundary.outputs_of(state.outputs, resource.inputs, secret_names)
    return replace(resource, id=state.id, outputs=outputs, init_errors=())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
