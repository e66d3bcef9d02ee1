"""Sees the program's registrations through, one at a time from any number of threads.

A registration goes through these stages, in this order:

1. *claim*: its URN, which nothing else in this run may have; alone here two threads could meet;
2. *previous*: the record it means, under its URN or a former one;
3. *check*: the provider completes and validates the inputs, policies judge them;
4. *decide*: the provider compares, `planning.decision` names the kind of step;
5. *step*: the provider changes something, and the ledger is told before and after.

After the program has ended, `finish` deletes what it did not register.
"""

import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from platformctl.engine import urn as urns
from platformctl.engine.execution import boundary
from platformctl.engine.execution.context import Context
from platformctl.engine.execution.deletion import Deletion
from platformctl.engine.execution.events import Events
from platformctl.engine.execution.gate import Gate, StoppedError
from platformctl.engine.execution.hooks import Hooks
from platformctl.engine.execution.judging import Judging
from platformctl.engine.execution.lookup import Lookup
from platformctl.engine.execution.providers import Providers, Registered
from platformctl.engine.execution.replacement import Replacement
from platformctl.engine.execution.steps import StepError, Steps
from platformctl.engine.planning import aliases, paths
from platformctl.engine.planning.decision import (
    Decision,
    Operation,
    component_decision,
    decide,
    forced_replacement,
)
from platformctl.engine.planning.goal import Goal
from platformctl.engine.planning.targets import Targets
from platformctl.engine.policy.interface import Policies
from platformctl.engine.state.changes import Put, Rename, Set
from platformctl.engine.state.ledger import Entry, Ledger
from platformctl.engine.state.resource import Resource
from platformctl.engine.wire import STACK_TYPE
from platformctl.errors import PlatformError, ResourceError
from platformctl.plugin.provider import DiffResult, Provider, ProviderFactory
from platformctl.plugin.values import Properties, Unknown, contains

Construction = TypeVar("Construction")


class Deployment:
    """One run of a program against the recorded resources."""

    def __init__(
        self,
        context: Context,
        ledger: Ledger,
        factory: ProviderFactory,
        builtin: Provider,
        events: Events,
        gate: Gate,
        hooks: Hooks,
        policies: Policies,
        targets: Targets,
    ) -> None:
        self._context = context
        self._ledger = ledger
        self._events = events
        self._gate = gate
        self._targets = targets
        self.hooks = hooks
        self.providers = Providers(factory, builtin, context, ledger, self._register)
        self.steps = Steps(context, ledger, events, gate, hooks)
        self._judging = Judging(context, ledger, events, gate, policies, self.steps)
        self._lookup = Lookup(context, ledger, events, gate, self.steps)
        self._deletion = Deletion(context, ledger, self.providers, self.steps, gate)
        self._replacement = Replacement(context, ledger, self.providers, self.steps)
        self._lock = threading.Lock()
        self._goals: dict[str, Goal] = {}
        self._former: dict[str, str] = {}
        self._left_out: set[str] = set()
        self.root_urn = ""

    def register(self, goal: Goal) -> Registered:
        """Bring one resource to what the program wants.

        Raises:
            StoppedError: It failed, or something else has failed; reported already.
        """
        with self._gate.work():
            try:
                return self._register(goal)
            except StepError as error:
                what = f"{error.operation.value} of {error.resource.name} failed"
                self._gate.fail(ResourceError(what, why=error.reason))
                raise StoppedError from error
            except PlatformError as error:
                self._events.diagnose("error", str(error), self._urn(goal))
                self._gate.fail(error)
                raise StoppedError from error
            except ValueError as error:
                self._events.diagnose("error", str(error), self._urn(goal))
                what = f"{goal.type} {goal.name} cannot be registered"
                self._gate.fail(ResourceError(what, why=str(error)))
                raise StoppedError from error

    def construct(self, work: Callable[[], Construction]) -> Construction:
        """Have a remote component constructed.

        Raises:
            StoppedError: It failed, or something else has failed; reported already.
        """
        with self._gate.work():
            try:
                return work()
            except PlatformError as error:
                if self._gate.closed:  # it failed because one of its children did
                    raise StoppedError from error
                self._events.diagnose("error", str(error), self.root_urn)
                self._gate.fail(error)
                raise StoppedError from error

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Record the outputs of a component."""
        with self._gate.work():
            entry = self._ledger.live(urn)
            if entry is None:
                return  # it was left out, as the operation is not about it
            self._events.masking.learn(outputs)
            resource = replace(entry.resource, outputs=outputs)
            if resource != entry.resource:
                self._ledger.record(Set(entry.slot, resource))
            self.steps.component_done(resource)

    def crashed(self, error: Exception) -> None:
        """Stop because of a mistake in the engine or a provider, and show where it is."""
        self._events.diagnose("error", "".join(traceback.format_exception(error)))
        why = f"{type(error).__name__}: {error}"
        self._gate.fail(PlatformError("the engine failed unexpectedly", why=why))

    def finish(self) -> None:
        """Judge the stack as a whole, then delete what the program did not register."""
        self._gate.check()
        self.steps.components_done()
        self._judging.judge_stack()
        self._gate.check()
        doomed = [entry for entry in self._ledger.unreached() if self._may_delete(entry)]
        self._deletion.delete(doomed)

    def _may_delete(self, entry: Entry) -> bool:
        return entry.resource.delete or entry.resource.urn in self._targets

    def _urn(self, goal: Goal) -> str:
        context = self._context
        return urns.make(context.stack, context.project, goal.parent, goal.type, goal.name)

    def _register(self, goal: Goal) -> Registered:
        urn = self._urn(goal)
        self._events.masking.learn(goal.inputs)
        goal = self._claim(urn, goal)
        self._replacement.wait_for(urn)
        old = self._previous(urn, goal)
        if not self._targeted(urn, goal):
            return self._untouched(urn, old)
        self._require_what_it_needs(urn, goal)
        if not goal.custom:
            new = self._record(urn, goal, old, "")
            decision = component_decision(old.resource if old else None, new)
            return _told(self.steps.component(old, new, decision))
        provider, reference = self.providers.of_goal(goal)
        new = self._record(urn, goal, old, reference)
        if goal.read_id:
            return self._read(provider, goal, old, new)
        return self._managed(provider, goal, old, new)

    def _claim(self, urn: str, goal: Goal) -> Goal:
        """Take the URN, and what the parent decides for its children."""
        with self._lock:
            if urn in self._goals:
                raise ValueError(f"there are two resources with the URN {urn}; names must differ")
            if goal.type == STACK_TYPE:
                self.root_urn = urn
            parent = self._goals.get(goal.parent)
            if parent:
                goal = replace(
                    goal,
                    protect=parent.protect if goal.protect is None else goal.protect,
                    retain_on_delete=parent.retain_on_delete
                    if goal.retain_on_delete is None
                    else goal.retain_on_delete,
                )
            self._goals[urn] = goal
        return goal

    def _previous(self, urn: str, goal: Goal) -> Entry | None:
        """Find the record that a goal means, and give it its present name."""
        entry = self._ledger.live(urn)
        if entry is not None:
            return entry
        parent_was = self._former.get(goal.parent, "")
        for former in aliases.former_urns(urn, goal, parent_was):
            entry = self._ledger.live(former)
            if entry is not None and former not in self._goals:
                self._former[urn] = former
                renamed = replace(entry.resource, urn=urn, type=goal.type)
                self._ledger.record(Set(entry.slot, renamed), Rename(former, urn))
                return Entry(entry.slot, renamed)
        return None

    def _targeted(self, urn: str, goal: Goal) -> bool:
        always = goal.type == STACK_TYPE or urns.is_provider(goal.type)
        return always or urn in self._targets

    def _untouched(self, urn: str, old: Entry | None) -> Registered:
        """Leave a resource alone that the operation is not about."""
        if old is None:
            with self._lock:
                self._left_out.add(urn)
            return Registered(urn, "", {}, unknown=True)
        return _told(self.steps.same(old, old.resource))

    def _require_what_it_needs(self, urn: str, goal: Goal) -> None:
        """Refuse a targeted resource that needs one that does not exist and is not targeted."""
        with self._lock:
            missing = self._left_out.intersection((goal.parent, *goal.dependencies))
        if missing:
            needed = ", ".join(sorted(missing))
            raise ValueError(f"{urn} needs {needed}, which does not exist and is not targeted")

    def _record(self, urn: str, goal: Goal, old: Entry | None, provider: str) -> Resource:
        """Return the record that a goal asks for, with what is known before any step."""
        before = old.resource if old else None
        return Resource(
            urn=urn,
            type=goal.type,
            custom=goal.custom,
            id=before.id if before else "",
            inputs=goal.inputs,
            outputs=before.outputs if before else {},
            parent=goal.parent,
            provider=provider,
            dependencies=list(goal.dependencies),
            property_dependencies={
                key: list(sources) for key, sources in goal.property_dependencies.items()
            },
            protect=bool(goal.protect),
            retain_on_delete=bool(goal.retain_on_delete),
            deleted_with=goal.deleted_with,
            replace_with=list(goal.replace_with),
            replacement_trigger=goal.replacement_trigger,
            import_id=goal.import_id,
            additional_secret_outputs=list(goal.additional_secret_outputs),
            custom_timeouts=dict(goal.custom_timeouts),
            ignore_changes=list(goal.ignore_changes),
            replace_on_changes=list(goal.replace_on_changes),
            hooks={kind: list(names) for kind, names in goal.hooks.items() if names},
            created=before.created if before else "",
            modified=before.modified if before else "",
            source_position=goal.source_position,
        )

    def _read(self, provider: Provider, goal: Goal, old: Entry | None, new: Resource) -> Registered:
        if isinstance(goal.read_id, Unknown):
            return Registered(new.urn, "", {}, unknown=True)
        wanted = replace(new, id=str(goal.read_id))
        recorded = self._lookup.read(provider, old, wanted)
        self._events.masking.learn(recorded.outputs)
        return _told(recorded)

    def _managed(
        self, provider: Provider, goal: Goal, old: Entry | None, new: Resource
    ) -> Registered:
        """See a resource through that a provider manages."""
        if contains(new.inputs, Unknown) and not self._context.preview:
            return self._untouched(new.urn, old)  # it needs something that was left out
        before = old.resource if old else None
        kept = replace(new, inputs=self._kept(goal, old))
        asked = self._judging.corrected(provider, goal, kept, before)
        self._judging.judge(goal, asked)
        forced = forced_replacement(
            before,
            asked,
            provider_changed=bool(before and self.providers.changed(before, asked)),
            replaced=self._replacement.replaced,
        )
        if goal.import_id and (before is None or "id" in forced):
            return _told(self._lookup.adopt(provider, old, asked))
        diff = DiffResult()
        if before and not before.pending_replacement and not before.external:
            diff = self._judging.difference(provider, before, asked)
        decision = decide(before, goal, asked, diff, forced)
        if decision.operation in (Operation.REPLACE, Operation.CREATE_REPLACEMENT):
            # Names that were made up for the old resource are made up afresh for the new one.
            asked = self._judging.corrected(provider, goal, kept, None)
        recorded = self._carry_out(provider, decision, old, asked)
        self._events.masking.learn(recorded.outputs)
        return _told(recorded)

    def _kept(self, goal: Goal, old: Entry | None) -> Properties:
        if old is None:
            return goal.inputs
        return paths.keep_old(goal.inputs, old.resource.inputs, goal.ignore_changes)

    def _carry_out(
        self, provider: Provider, decision: Decision, old: Entry | None, new: Resource
    ) -> Resource:
        if old is None:
            return self.steps.create(provider, new, lambda made: [Put(made)])
        if decision.operation is Operation.SAME:
            secret_names = new.additional_secret_outputs
            outputs = boundary.outputs_of(old.resource.outputs, new.inputs, secret_names)
            return self.steps.same(old, replace(new, outputs=outputs))
        if decision.operation is Operation.UPDATE:
            return self.steps.update(provider, old, new, decision)
        return self._replacement.replace(provider, decision, old, new, self._unclaimed)

    def _unclaimed(self, urn: str) -> bool:
        with self._lock:
            return urn not in self._goals


def _told(resource: Resource) -> Registered:
    return Registered(resource.urn, resource.id, resource.outputs)
