"""Which kind of step brings a recorded resource to what the program asks for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from platformctl.engine.planning import paths
from platformctl.engine.planning.goal import Goal
from platformctl.engine.state.resource import Resource
from platformctl.plugin.provider import DiffKind, DiffResult
from platformctl.plugin.values import Properties, reveal


class Operation(StrEnum):
    """The kinds of step; the values are Pulumi's."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    REFRESH = "refresh"
    DISCARD = "discard"
    DISCARD_REPLACED = "discard-replaced"
    REMOVE_PENDING_REPLACE = "remove-pending-replace"
    IMPORT = "import"
    IMPORT_REPLACEMENT = "import-replacement"


@dataclass(frozen=True)
class Decision:
    """What is to be done with one resource.

    Attributes:
        operation: `SAME`, `CREATE`, `UPDATE` or `REPLACE`.
        delete_first: For a replacement: delete the old one before creating the new one.
        causes: Paths whose change needs the replacement.
        changes: Everything that differs.
    """

    operation: Operation
    delete_first: bool = False
    causes: Sequence[str] = ()
    changes: Mapping[str, DiffKind] = field(default_factory=dict)


def decide(
    old: Resource | None, goal: Goal, new: Resource, diff: DiffResult, forced: Sequence[str] = ()
) -> Decision:
    """Decide what to do with a resource that a provider manages.

    Args:
        old: The record, or None.
        goal: What the program asks for.
        new: The record it is to become.
        diff: What the provider says about the difference; empty if it was not asked.
        forced: Reasons to replace it that the provider knows nothing of.
    """
    if old is None:
        return Decision(Operation.CREATE)
    if old.pending_replacement:
        return Decision(Operation.CREATE_REPLACEMENT)
    causes = [*forced, *diff.replaces, *_replaced_on(old, new, diff, goal.replace_on_changes)]
    if causes:
        first = goal.delete_before_replace
        delete_first = diff.delete_before_replace if first is None else first
        return Decision(
            Operation.REPLACE,
            delete_first=delete_first and not old.external,
            causes=list(dict.fromkeys(causes)),
            changes=_marked(diff.changes, causes),
        )
    if diff.changes or old.init_errors:
        return Decision(Operation.UPDATE, changes=diff.changes)
    return Decision(Operation.SAME)


def forced_replacement(
    old: Resource | None, new: Resource, *, provider_changed: bool, replaced: Collection[str]
) -> list[str]:
    """Return the reasons to replace a resource that have nothing to do with its inputs.

    Args:
        old: The record, or None.
        new: The record it is to become.
        provider_changed: Another provider is to manage it than the one that made it.
        replaced: URNs that were replaced in this run.
    """
    if old is None:
        return []
    reasons = {
        "provider": provider_changed,
        "external": old.external,
        "taint": old.taint,
        "custom": not old.custom,
        "id": bool(new.import_id) and new.import_id not in (old.import_id, old.id),
        "replaceWith": any(urn in replaced for urn in new.replace_with),
        "replacementTrigger": _triggered(old, new),
    }
    return [reason for reason, applies in reasons.items() if applies]


def component_decision(old: Resource | None, new: Resource) -> Decision:
    """Decide what to do with a component, which no provider manages."""
    if old is None:
        return Decision(Operation.CREATE)
    changes = differences(old.inputs, new.inputs)
    return Decision(Operation.UPDATE if changes else Operation.SAME, changes=changes)


def differences(old: Properties, new: Properties) -> dict[str, DiffKind]:
    """Return which properties differ, secret or not."""
    before: Properties = reveal(old)
    now: Properties = reveal(new)
    return {
        key: _kind(key, before, now)
        for key in sorted(before.keys() | now.keys())
        if before.get(key) != now.get(key)
    }


def _kind(key: str, before: Mapping[str, object], now: Mapping[str, object]) -> DiffKind:
    if key not in before:
        return DiffKind.ADD
    return DiffKind.UPDATE if key in now else DiffKind.DELETE


def _triggered(old: Resource, new: Resource) -> bool:
    trigger = new.replacement_trigger
    return trigger is not None and reveal(trigger) != reveal(old.replacement_trigger)


def _replaced_on(
    old: Resource, new: Resource, diff: DiffResult, patterns: Sequence[str]
) -> list[str]:
    return [
        path
        for path in diff.changes
        if any(paths.touches(pattern, path, old.inputs, new.inputs) for pattern in patterns)
    ]


def _marked(changes: Mapping[str, DiffKind], causes: Sequence[str]) -> dict[str, DiffKind]:
    """Return the changes with those marked that need the replacement."""
    return {
        path: DiffKind(f"{kind.value.removesuffix('-replace')}-replace") if path in causes else kind
        for path, kind in changes.items()
    }
