"""Settles what a killed run had begun.

What was being created may or may not exist, and nobody knows its id: the provider is asked to find
it by its natural identity, and what it finds is adopted. What was being updated or deleted is read.
So the next steps start from what is really there, and nothing is made twice or forgotten.
"""

from dataclasses import replace

from platformctl.engine.execution import boundary
from platformctl.engine.execution.context import Context
from platformctl.engine.execution.events import Events
from platformctl.engine.execution.providers import Providers
from platformctl.engine.execution.refresh import refreshed
from platformctl.engine.execution.steps import Steps
from platformctl.engine.state.changes import Change, Drop, Put, Rewind, Set
from platformctl.engine.state.ledger import Entry, Ledger
from platformctl.engine.state.resource import PendingOperation, Resource
from platformctl.errors import ResourceError
from platformctl.plugin.provider import Finder, ResourceOperationError, ResourceState


class Recovery:
    """Settles pending operations."""

    def __init__(
        self,
        context: Context,
        ledger: Ledger,
        events: Events,
        providers: Providers,
        steps: Steps,
    ) -> None:
        self._context = context
        self._ledger = ledger
        self._events = events
        self._providers = providers
        self._steps = steps

    def run(self) -> None:
        """Settle everything that is pending; afterwards nothing is.

        Raises:
            ResourceError: A provider could not say what is there; the rest stays pending.
        """
        pending = self._ledger.pending()
        for number, operation in pending.items():
            try:
                changes = self._settle(operation)
            except ResourceOperationError as error:
                resource = operation.resource
                raise ResourceError(
                    f"it is not known what became of {resource.name}",
                    why=f"{operation.type} it was interrupted, and reading it: {error.reason}",
                    remedy="run it again when the provider can be reached",
                ) from error
            self._ledger.end(number, *changes)
        if pending:
            self._ledger.record(Rewind())

    def _settle(self, operation: PendingOperation) -> list[Change]:
        resource = operation.resource
        if operation.type == "creating":
            return self._settle_create(resource)
        if operation.type not in ("updating", "deleting"):
            return []
        entry = self._entry(resource)
        if entry is None or not entry.resource.custom:
            return []
        state = self._read(entry.resource)
        if not state.id:
            self._tell(resource, f"{operation.type} it was interrupted; it is gone")
            return [Drop(entry.slot)]
        self._tell(resource, f"{operation.type} it was interrupted; its state was read anew")
        return [Set(entry.slot, refreshed(entry.resource, state))]

    def _settle_create(self, resource: Resource) -> list[Change]:
        provider = self._providers.of_record(resource)
        if not isinstance(provider, Finder):
            self._tell(resource, "creating it was interrupted; if it exists, delete it by hand")
            return []
        inputs = boundary.plain(resource.inputs, self._context.program)
        state = provider.find(self._steps.call(resource), inputs)
        if state is None or not state.id or self._is_recorded(resource, state.id):
            return []
        secret_names = resource.additional_secret_outputs
        outputs = boundary.outputs_of(state.outputs, resource.inputs, secret_names)
        found = replace(resource, id=state.id, outputs=outputs)
        self._tell(resource, f"creating it was interrupted; {state.id} was found and adopted")
        old = self._ledger.live(resource.urn)
        if old is None:
            return [Put(found)]
        if old.resource.pending_replacement or old.resource.external:
            return [Put(found, old.slot)]
        return [Set(old.slot, replace(old.resource, delete=True)), Put(found)]

    def _is_recorded(self, resource: Resource, identifier: str) -> bool:
        return any(
            entry.resource.id == identifier
            and entry.resource.type == resource.type
            and not entry.resource.pending_replacement
            for entry in self._ledger.entries()
        )

    def _entry(self, resource: Resource) -> Entry | None:
        """Return what an operation was about: the same resource with the same id."""
        for entry in self._ledger.entries():
            if entry.resource.urn == resource.urn and entry.resource.id == resource.id:
                return entry
        return None

    def _read(self, resource: Resource) -> ResourceState:
        base = self._context.program
        inputs = boundary.plain(resource.inputs, base)
        outputs = boundary.plain(resource.outputs, base)
        provider = self._providers.of_record(resource)
        return provider.read(self._steps.call(resource, "read"), resource.id, inputs, outputs)

    def _tell(self, resource: Resource, message: str) -> None:
        self._events.diagnose("warning", message, resource.urn)
