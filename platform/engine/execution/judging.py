"""What is asked about a resource before anything is done: check, policies, difference."""

import os
from collections.abc import Sequence
from dataclasses import replace

from platformctl.engine.execution import boundary
from platformctl.engine.execution.context import Context
from platformctl.engine.execution.events import Events
from platformctl.engine.execution.gate import Gate
from platformctl.engine.execution.steps import Steps
from platformctl.engine.planning.decision import Operation
from platformctl.engine.planning.goal import Goal
from platformctl.engine.policy.interface import Policies, Subject, Violation
from platformctl.engine.state.ledger import Ledger
from platformctl.engine.state.resource import Resource
from platformctl.engine.urn import is_provider
from platformctl.errors import PolicyViolationError
from platformctl.plugin.provider import DiffResult, Provider

SEED_SIZE = 32


class Judging:
    """Checks inputs, asks policies, compares with the record."""

    def __init__(
        self,
        context: Context,
        ledger: Ledger,
        events: Events,
        gate: Gate,
        policies: Policies,
        steps: Steps,
    ) -> None:
        self._context = context
        self._ledger = ledger
        self._events = events
        self._gate = gate
        self._policies = policies
        self._steps = steps
        self._delayed: list[Violation] = []

    def corrected(
        self, provider: Provider, goal: Goal, new: Resource, old: Resource | None
    ) -> Resource:
        """Check the inputs and let the policies correct them.

        Args:
            provider: Who manages the resource.
            goal: What the program asks for.
            new: The record to be.
            old: The record whose automatic names are to be kept, or None for new ones.

        Raises:
            StepError: The inputs are wrong.
        """
        new = self._checked(provider, new, old)
        if is_provider(new.type):
            return new
        inputs = self._policies.remediate(self._subject(goal, new))
        return new if inputs is None else self._checked(provider, replace(new, inputs=inputs), old)

    def _checked(self, provider: Provider, new: Resource, old: Resource | None) -> Resource:
        sent = boundary.plain(new.inputs, self._context.program)
        before = boundary.plain(old.inputs, self._context.program) if old else {}
        result = provider.check(self._steps.call(new), before, sent, os.urandom(SEED_SIZE))
        if result.failures:
            reasons = [
                f"{failure.property}: {failure.reason}" if failure.property else failure.reason
                for failure in result.failures
            ]
            operation = Operation.UPDATE if old else Operation.CREATE
            raise self._steps.failed(operation, old, new, "; ".join(reasons))
        return replace(new, inputs=boundary.restored(result.inputs, new.inputs))

    def judge(self, goal: Goal, new: Resource) -> None:
        """Let the policies judge a resource.

        Raises:
            PolicyViolationError: A mandatory policy said no. In a preview that is raised at the
                end, so that all violations are seen at once.
        """
        if not is_provider(new.type):
            self._report(self._policies.analyze(self._subject(goal, new)))

    def judge_stack(self) -> None:
        """Let the policies judge the stack as a whole.

        Raises:
            PolicyViolationError: A mandatory policy said no, now or earlier in a preview.
        """
        if self._policies.packs:
            live = [entry.resource for entry in self._ledger.entries() if not entry.resource.delete]
            unreached = {entry.resource.urn for entry in self._ledger.unreached()}
            subjects = [
                Subject(resource, self._provider(resource))
                for resource in live
                if resource.urn not in unreached and not is_provider(resource.type)
            ]
            self._report(self._policies.analyze_stack(subjects))
        if self._delayed:
            raise _refusal(self._delayed)

    def difference(self, provider: Provider, old: Resource, new: Resource) -> DiffResult:
        """Ask the provider what changing the record would mean."""
        base = self._context.program
        return provider.diff(
            self._steps.call(new),
            old.id,
            boundary.plain(old.inputs, base),
            boundary.plain(old.outputs, base),
            boundary.plain(new.inputs, base),
            list(new.ignore_changes),
        )

    def _subject(self, goal: Goal, new: Resource) -> Subject:
        former = tuple(alias.urn for alias in goal.aliases if alias.urn)
        return Subject(new, self._provider(new), goal.delete_before_replace, former)

    def _provider(self, resource: Resource) -> Resource | None:
        entry = self._ledger.live(resource.provider_urn)
        return entry.resource if entry else None

    def _report(self, violations: Sequence[Violation]) -> None:
        for violation in violations:
            self._events.violated(violation)
        blocking = [violation for violation in violations if violation.blocks]
        if not blocking:
            return
        self._delayed.extend(blocking)
        if not self._context.preview:
            raise _refusal(blocking)


def _refusal(violations: Sequence[Violation]) -> PolicyViolationError:
    names = ", ".join(dict.fromkeys(each.policy for each in violations))
    count = "a mandatory policy is" if len(violations) == 1 else "mandatory policies are"
    return PolicyViolationError(
        f"{count} violated",
        why=names,
        remedy="change what the policy names, or have it waived",
    )
