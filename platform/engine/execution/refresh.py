"""Takes over into the state what the resources really are."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from platformctl.engine import urn as urns
from platformctl.engine.execution import boundary
from platformctl.engine.execution.context import Context
from platformctl.engine.execution.events import Events
from platformctl.engine.execution.gate import Gate, StoppedError
from platformctl.engine.execution.providers import Providers
from platformctl.engine.execution.steps import Steps
from platformctl.engine.planning.decision import Operation, differences
from platformctl.engine.planning.targets import Targets
from platformctl.engine.state.changes import Drop, Set
from platformctl.engine.state.ledger import Entry, Ledger
from platformctl.engine.state.resource import Resource
from platformctl.errors import PlatformError, ResourceError
from platformctl.plugin.provider import ResourceOperationError, ResourceState


class Refresh:
    """Reads every recorded resource anew."""

    def __init__(
        self,
        context: Context,
        ledger: Ledger,
        events: Events,
        gate: Gate,
        providers: Providers,
        steps: Steps,
    ) -> None:
        self._context = context
        self._ledger = ledger
        self._events = events
        self._gate = gate
        self._providers = providers
        self._steps = steps

    def run(self, targets: Targets) -> None:
        """Read everything that is targeted.

        Raises:
            StoppedError: Something could not be read, or the operation was cancelled.
        """
        entries = [entry for entry in self._ledger.entries() if _readable(entry.resource, targets)]
        pool = ThreadPoolExecutor(max_workers=self._context.parallel)
        with pool, self._gate.interruptible():
            for future in [pool.submit(self._refresh, entry) for entry in entries]:
                future.result()
        self._gate.check()

    def _refresh(self, entry: Entry) -> None:
        old = entry.resource
        try:
            with self._gate.place():
                self._events.started(Operation.REFRESH, old, old)
                state = self._read(old)
                if not state.id:
                    self._ledger.record(Drop(entry.slot), safe=True)
                    self._events.done(Operation.DELETE, old, None)
                    return
                new = refreshed(old, state)
                # What only AWS decides (a restorable time, a list of replicas) is news, not drift.
                changes = differences(old.inputs, new.inputs)
                if new != old:
                    self._ledger.record(Set(entry.slot, new), safe=True)
                operation = Operation.UPDATE if changes else Operation.SAME
                self._events.done(operation, old, new, changes=changes)
        except ResourceOperationError as error:
            self._events.failed(Operation.REFRESH, old, old, error.reason)
            self._gate.fail(ResourceError(f"refresh of {old.name} failed", why=error.reason))
        except PlatformError as error:
            self._gate.fail(error)
        except StoppedError:
            return

    def _read(self, old: Resource) -> ResourceState:
        base = self._context.program
        provider = self._providers.of_record(old)
        inputs, outputs = boundary.plain(old.inputs, base), boundary.plain(old.outputs, base)
        return provider.read(self._steps.call(old, "read"), old.id, inputs, outputs)


def refreshed(old: Resource, state: ResourceState) -> Resource:
    """Return the record as the provider says the resource really is."""
    inputs = boundary.restored(state.inputs, old.inputs) if state.inputs else old.inputs
    outputs = boundary.outputs_of(
        boundary.restored(state.outputs, old.outputs), inputs, old.additional_secret_outputs
    )
    return replace(old, id=state.id, inputs=inputs, outputs=outputs, init_errors=[])


def _readable(resource: Resource, targets: Targets) -> bool:
    awaiting = resource.pending_replacement or not resource.id
    if not resource.custom or awaiting or urns.is_provider(resource.type):
        return False
    return resource.urn in targets
