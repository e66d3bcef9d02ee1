"""Who needs whom: the order of deletions, and what is replaced along with something."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from platformctl.engine.state.ledger import Entry
from platformctl.engine.state.resource import Resource
from platformctl.plugin.values import UNKNOWN, Properties


def deletion_order(doomed: Sequence[Entry]) -> dict[int, set[int]]:
    """Return, for each slot to be deleted, the slots that must be deleted before it.

    Args:
        doomed: What is to be deleted, in the order of the ledger.

    A record needs only what stands before it in the ledger. That excludes cycles even when two
    resources have swapped who needs whom and both generations are still there.
    """
    waits: dict[int, set[int]] = {}
    by_urn: dict[str, list[int]] = {}
    for entry in doomed:
        waits[entry.slot] = set()
        for urn in entry.resource.requirements:
            for needed in by_urn.get(urn, ()):
                waits[needed].add(entry.slot)
        by_urn.setdefault(entry.resource.urn, []).append(entry.slot)
    return waits


def survivors_in_need(
    entries: Sequence[Entry], doomed: Collection[int]
) -> list[tuple[Resource, Resource]]:
    """Return pairs (resource, what it needs) where the latter would go and the former stay."""
    going = {entry.resource.urn: entry.resource for entry in entries if entry.slot in doomed}
    staying = {entry.resource.urn for entry in entries if entry.slot not in doomed}
    return [
        (entry.resource, going[urn])
        for entry in entries
        if entry.slot not in doomed and not entry.resource.delete
        for urn in sorted(entry.resource.requirements & going.keys())
        if urn not in staying
    ]


@dataclass(frozen=True)
class Cascade:
    """A resource that must be replaced because one it needs is.

    Attributes:
        causes: Its own properties that will change.
    """

    entry: Entry
    causes: Sequence[str]


def cascade(
    root: str,
    entries: Sequence[Entry],
    replaces: Callable[[Resource, Properties], Sequence[str]],
) -> list[Cascade]:
    """Find what must be replaced along when a resource is deleted before it is replaced.

    Args:
        root: URN of the resource that is replaced.
        entries: Everything recorded, in order.
        replaces: Asks a resource's provider which properties would force a replacement if it had
            the given inputs, in which what is not known yet is `UNKNOWN`.

    Returns:
        The others, in order: those that need a replaced resource through a property whose change
        replaces them, or through their provider.
    """
    replaced = {root}
    found: list[Cascade] = []
    for entry in entries:
        resource = entry.resource
        if resource.urn in replaced or not resource.custom or resource.external:
            continue
        causes = _causes(resource, replaced, replaces)
        if causes:
            replaced.add(resource.urn)
            found.append(Cascade(entry, causes))
    return found


def _causes(
    resource: Resource,
    replaced: Collection[str],
    replaces: Callable[[Resource, Properties], Sequence[str]],
) -> Sequence[str]:
    if resource.provider_urn in replaced:
        return ["provider"]
    affected = [
        key
        for key, sources in resource.property_dependencies.items()
        if key in resource.inputs and any(urn in replaced for urn in sources)
    ]
    if not affected:
        return []
    return replaces(resource, resource.inputs | dict.fromkeys(affected, UNKNOWN))
