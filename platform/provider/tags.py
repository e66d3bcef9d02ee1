"""Tags: given on creation, changed afterwards, read back; one form for each service's habit."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.spec import Ask, Tagging
from platformctl.provider.templates import fill

RESERVED = "aws:"
"""Tags that begin like this are AWS's own and never in a program."""


def on_create(context: Context) -> dict[str, Any]:
    """Return the part of the create call that carries tags; empty where there are none."""
    tagging = context.spec.tags
    if tagging is None or not tagging.member or not context.tags:
        return {}
    return {tagging.member: _form(tagging, context.tags)}


def _form(tagging: Tagging, tags: Mapping[str, str]) -> Any:
    if tagging.form == "map":
        return dict(tags)
    items = [{tagging.key: key, tagging.value: value} for key, value in tags.items()]
    if tagging.form == "specification":
        return [{"ResourceType": tagging.kind, "Tags": items}]
    return {"Items": items} if tagging.form == "items" else items


def change(context: Context, before: Mapping[str, str]) -> None:
    """Make the tags of an existing resource what they should be."""
    tagging = context.spec.tags
    if tagging is None:
        return
    if not isinstance(tagging.add, str):
        if before != context.tags:
            tagging.add(context)
        return
    resource = fill(tagging.resource, context.values)
    dropped = [key for key in before if key not in context.tags]
    added = {key: value for key, value in context.tags.items() if before.get(key) != value}
    if dropped:
        keys: Any = dropped
        if tagging.form == "items":
            keys = {"Items": dropped}
        if tagging.keys_member == "Tags":  # EC2 removes tags by the same structure as it adds
            keys = [{"Key": key} for key in dropped]
        context.call(tagging.remove, **resource, **{tagging.keys_member: keys})
    if added:
        flat = "list" if tagging.form == "specification" else tagging.form
        form = _form(replace(tagging, form=flat), added)
        context.call(tagging.add, **resource, **{tagging.tags_member: form})


def read(context: Context, description: Any) -> dict[str, str] | None:
    """Return the tags a resource has, None where its type has none."""
    tagging = context.spec.tags
    if tagging is None:
        return None
    if isinstance(tagging.read, Ask):
        found = context.find(tagging.read)
    else:
        found = description.get(tagging.read) if isinstance(description, dict) else None
    if isinstance(found, dict):
        found = found.get("Items", found)
    if isinstance(found, dict):
        return {key: value for key, value in found.items() if not key.startswith(RESERVED)}
    pairs = ((item[tagging.key], item.get(tagging.value, "")) for item in found or ())
    return {key: value for key, value in pairs if not key.startswith(RESERVED)}
