"""Replacing a resource: the new one first, or the old one's removal first.

Normally the new one is created, dependents move over to it, and the old one goes at the end. Where
both cannot exist at once the old one is deleted first; what needs it and could not simply be
updated goes before it, stays recorded as awaiting its replacement, and is created again when the
program registers it.
"""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from platformctl.engine.execution import boundary
from platformctl.engine.execution.context import Context
from platformctl.engine.execution.providers import Providers
from platformctl.engine.execution.steps import Steps
from platformctl.engine.planning import graph
from platformctl.engine.planning.decision import Decision, Operation
from platformctl.engine.state.changes import Change, Put, Set
from platformctl.engine.state.ledger import Entry, Ledger
from platformctl.engine.state.resource import Resource
from platformctl.plugin.provider import Provider
from platformctl.plugin.values import Properties


class Replacement:
    """Replaces resources, and remembers which."""

    def __init__(
        self, context: Context, ledger: Ledger, providers: Providers, steps: Steps
    ) -> None:
        self._context = context
        self._ledger = ledger
        self._providers = providers
        self._steps = steps
        self._lock = threading.Lock()
        self._going: dict[str, threading.Event] = {}
        self._replaced: set[str] = set()

    @property
    def replaced(self) -> Collection[str]:
        """URNs of what was replaced so far."""
        with self._lock:
            return set(self._replaced)

    def wait_for(self, urn: str) -> None:
        """Wait while a resource is being deleted along with another."""
        with self._lock:
            going = self._going.get(urn)
        if going:
            going.wait()

    def replace(
        self,
        provider: Provider,
        decision: Decision,
        old: Entry,
        new: Resource,
        unclaimed: Callable[[str], bool],
    ) -> Resource:
        """Replace a resource.

        Args:
            provider: Who manages it.
            decision: Why, and in which order.
            old: The record; awaiting its replacement if it is deleted already.
            new: The record to be.
            unclaimed: Tells whether the program has not registered a URN yet.

        Raises:
            StepError: It is protected, or a step failed.
        """
        with self._lock:
            self._replaced.add(new.urn)
        if decision.operation is Operation.REPLACE:
            self._require_unprotected(old, new)
        if decision.operation is Operation.REPLACE and decision.delete_first:
            old = self._delete_first(provider, old, unclaimed)
        create = Operation.CREATE_REPLACEMENT
        recorded = self._steps.create(
            provider,
            new,
            _placement(old),
            old=old.resource,
            operation=create,
            decision=decision,
        )
        self._steps.replaced(old.resource, recorded, decision)
        return recorded

    def _require_unprotected(self, old: Entry, new: Resource) -> None:
        if old.resource.protect:
            reason = "it must be replaced but is protected; remove `protect` and deploy that first"
            raise self._steps.failed(Operation.REPLACE, old.resource, new, reason)

    def _delete_first(
        self, provider: Provider, old: Entry, unclaimed: Callable[[str], bool]
    ) -> Entry:
        """Delete the old resource, and before it what cannot live without it."""
        candidates = [
            entry
            for entry in self._ledger.unreached()
            if unclaimed(entry.resource.urn) and not entry.resource.delete
        ]
        along = graph.cascade(old.resource.urn, candidates, self._replaces)
        for each in along:
            self._require_unprotected(each.entry, each.entry.resource)
        gone = threading.Event()
        with self._lock:
            self._going.update(dict.fromkeys((each.entry.resource.urn for each in along), gone))
        try:
            for each in reversed(along):
                resource = each.entry.resource
                if not resource.pending_replacement:
                    owner = self._providers.of_record(resource)
                    self._steps.delete_to_replace(owner, each.entry)
        finally:
            gone.set()
        return self._steps.delete_to_replace(provider, old)

    def _replaces(self, resource: Resource, inputs: Properties) -> Sequence[str]:
        """Ask a provider which properties force a replacement, given inputs not all known."""
        base = self._context.program
        diff = self._providers.of_record(resource).diff(
            self._steps.call(resource),
            resource.id,
            boundary.plain(resource.inputs, base),
            boundary.plain(resource.outputs, base),
            boundary.plain(inputs, base),
            list(resource.ignore_changes),
        )
        return list(diff.replaces)


def _placement(old: Entry) -> Callable[[Resource], Sequence[Change]]:
    """Return how the new resource is recorded in relation to the old one."""
    if old.resource.pending_replacement or old.resource.external:
        return lambda made: [Put(made, old.slot)]
    superseded = replace(old.resource, delete=True)
    return lambda made: [Set(old.slot, superseded), Put(made)]
