"""Deletes what is no longer wanted, whatever needs something before what it needs."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from graphlib import TopologicalSorter
from queue import SimpleQueue

from platformctl.engine.execution.context import Context
from platformctl.engine.execution.gate import Gate, StoppedError
from platformctl.engine.execution.providers import Providers
from platformctl.engine.execution.steps import StepError, Steps
from platformctl.engine.planning import graph
from platformctl.engine.planning.decision import Operation
from platformctl.engine.state.ledger import Entry, Ledger
from platformctl.engine.state.resource import Resource
from platformctl.errors import PlatformError, ResourceError


class Deletion:
    """Deletes recorded resources."""

    def __init__(
        self,
        context: Context,
        ledger: Ledger,
        providers: Providers,
        steps: Steps,
        gate: Gate,
    ) -> None:
        self._context = context
        self._ledger = ledger
        self._providers = providers
        self._steps = steps
        self._gate = gate

    def delete(self, doomed: Sequence[Entry]) -> None:
        """Delete resources, as many at once as their order and the bound allow.

        Raises:
            ResourceError: One is protected, or something that stays needs it; nothing was deleted.
            StoppedError: A deletion failed, or the operation was cancelled.
        """
        self._require_allowed(doomed)
        entries = {entry.slot: entry for entry in doomed}
        going = {entry.resource.urn for entry in doomed}
        order = TopologicalSorter(graph.deletion_order(doomed))
        order.prepare()
        running: dict[Future[None], int] = {}
        ended: SimpleQueue[Future[None]] = SimpleQueue()
        pool = ThreadPoolExecutor(max_workers=self._context.parallel)
        with pool, self._gate.interruptible():
            while order.is_active() and not self._gate.closed:
                for slot in order.get_ready():
                    future = pool.submit(self._delete_one, entries[slot], going)
                    running[future] = slot
                    future.add_done_callback(ended.put)
                future = ended.get()
                future.result()
                order.done(running.pop(future))
        self._gate.check()

    def _require_allowed(self, doomed: Sequence[Entry]) -> None:
        slots = {entry.slot for entry in doomed}
        problems = [
            f"{entry.resource.urn} is protected" for entry in doomed if _protected(entry.resource)
        ]
        problems += [
            f"{needed.urn} is still needed by {resource.urn}"
            for resource, needed in graph.survivors_in_need(self._ledger.entries(), slots)
        ]
        if problems:
            raise ResourceError(
                "nothing was deleted",
                why="; ".join(problems),
                remedy="remove the protection in the program and deploy that first",
            )

    def _delete_one(self, entry: Entry, going: set[str]) -> None:
        resource = entry.resource
        operation = _operation(resource)
        calls = operation in (Operation.DELETE, Operation.DELETE_REPLACED)
        calls = calls and resource.custom and not resource.retain_on_delete
        if resource.deleted_with in going:
            calls = False  # it goes with the other one
        try:
            provider = self._providers.of_record(resource)
            self._steps.delete(provider, entry, operation, call_provider=calls)
        except StepError as error:
            self._gate.fail(ResourceError(f"delete of {resource.name} failed", why=error.reason))
        except StoppedError:
            return
        except PlatformError as error:
            self._gate.fail(error)


def _protected(resource: Resource) -> bool:
    return resource.protect and not resource.delete and not resource.pending_replacement


def _operation(resource: Resource) -> Operation:
    if resource.pending_replacement:
        return Operation.REMOVE_PENDING_REPLACE
    if resource.external:
        return Operation.DISCARD_REPLACED if resource.delete else Operation.DISCARD
    return Operation.DELETE_REPLACED if resource.delete else Operation.DELETE
