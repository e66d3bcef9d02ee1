"""Former names of a resource: its own aliases, combined with those of its parent.

Source: `generateAliases` and `inheritedChildAlias` in `pkg/resource/deploy/step_generator.go`.
"""

from collections.abc import Iterator

from platformctl.engine import urn as urns
from platformctl.engine.planning.goal import Alias, Goal


def former_urns(urn: str, goal: Goal, parent_was: str) -> list[str]:
    """Return the URNs that a resource may have had, most likely first.

    Args:
        urn: Its URN now.
        goal: What the program asks for.
        parent_was: The URN under which the state knew the parent, if that was another; or "".
    """
    found = dict.fromkeys(_former_urns(urn, goal, parent_was))
    found.pop(urn, None)
    return list(found)


def _former_urns(urn: str, goal: Goal, parent_was: str) -> Iterator[str]:
    now = urns.parse(urn)
    for alias in goal.aliases:
        yield alias.urn or _resolve(alias, now, goal.parent)
    if parent_was:
        yield _inherited(now, goal.name, now.type, goal.parent, parent_was)
        for alias in goal.aliases:
            before = urns.parse(alias.urn) if alias.urn else None
            name = before.name if before else alias.name or now.name
            type_ = before.type if before else alias.type or now.type
            yield _inherited(now, name, type_, goal.parent, parent_was)


def _resolve(alias: Alias, now: urns.Urn, parent: str) -> str:
    if alias.no_parent:
        parent = ""
    elif alias.parent:
        parent = alias.parent
    return urns.make(
        alias.stack or now.stack,
        alias.project or now.project,
        parent,
        alias.type or now.type,
        alias.name or now.name,
    )


def _inherited(now: urns.Urn, name: str, type_: str, parent: str, parent_was: str) -> str:
    """Return the URN a child had under its parent's former name.

    A child that is named after its parent (`web` → `web-listener`) was named after it before, too.
    """
    parent_name, former_name = urns.name_of(parent), urns.name_of(parent_was)
    if name.startswith(parent_name):
        name = former_name + name[len(parent_name) :]
    return urns.make(now.stack, now.project, parent_was, type_, name)
