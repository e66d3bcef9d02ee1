"""Who says what about an object: sets of fields, and how they are written in `managedFields`.

A field is a path of steps: `f:<member>`, `k:<key of a list item>`, `v:<value in a set>`.
Source: Kubernetes, "Server-Side Apply"; structured-merge-diff, "FieldsV1".
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from platformctl.region.services.eks.api.structure import Part, key_of

Field = tuple[str, ...]
UNMANAGED = frozenset(
    {
        *("apiVersion", "kind"),
        *("metadata.name", "metadata.namespace", "metadata.uid", "metadata.resourceVersion"),
        *("metadata.creationTimestamp", "metadata.generation", "metadata.managedFields"),
        *("metadata.generateName", "metadata.deletionTimestamp"),
    }
)
"""Members that belong to nobody."""


def fields(document: Mapping[str, Any], part: Part) -> set[Field]:
    """Return the fields that a document says something about."""
    return {field for field, _ in leaves(document, part)}


def leaves(document: Mapping[str, Any], part: Part) -> Iterator[tuple[Field, Any]]:
    """Yield every field of a document with its value."""
    for field, value in _walk(document, part, ()):
        names = ".".join(step[2:] for step in field[:2])
        if names not in UNMANAGED and field[0][2:] not in UNMANAGED:
            yield field, value


def _walk(value: Any, part: Part, place: Field) -> Iterator[tuple[Field, Any]]:
    if isinstance(value, dict) and value and not part.whole:
        for name, inner in value.items():
            yield from _walk(inner, part.member(name), (*place, f"f:{name}"))
    elif isinstance(value, list) and part.keys:
        for item in value:
            step = (*place, f"k:{key_of(item, part.keys)}")
            yield step, True
            yield from _walk(item, part.item, step)
    elif isinstance(value, list) and part.is_set:
        for item in value:
            yield (*place, f"v:{json.dumps(item)}"), item
    elif place:
        yield place, value


def value_at(document: Any, field: Field, part: Part) -> Any:
    """Return what a document says about a field, None if nothing."""
    for step in field:
        kind, name = step[:2], step[2:]
        if kind == "f:":
            document = document.get(name) if isinstance(document, dict) else None
            part = part.member(name)
        elif kind == "k:":
            items = document if isinstance(document, list) else []
            document = next((one for one in items if key_of(one, part.keys) == name), None)
            part = part.item
        else:
            value = json.loads(name)
            return value if isinstance(document, list) and value in document else None
        if document is None:
            return None
    # An item is there or not; what it says is said by the fields in it.
    return True if field[-1].startswith("k:") else document


def remove(document: Any, field: Field, part: Part) -> None:
    """Take a field out of a document."""
    *parents, last = field
    holders: list[tuple[Any, Part]] = [(document, part)]
    for step in parents:
        inner, kind = holders[-1]
        if step.startswith("f:"):
            inner = inner.get(step[2:]) if isinstance(inner, dict) else None
            holders.append((inner, kind.member(step[2:])))
        else:
            items = inner if isinstance(inner, list) else []
            inner = next((one for one in items if key_of(one, kind.keys) == step[2:]), None)
            holders.append((inner, kind.item))
        if holders[-1][0] is None:
            return
    holder, kind = holders[-1]
    if last.startswith("f:") and isinstance(holder, dict):
        holder.pop(last[2:], None)
    elif last.startswith("k:") and isinstance(holder, list):
        holder[:] = [one for one in holder if key_of(one, kind.keys) != last[2:]]
    elif isinstance(holder, list):
        holder[:] = [one for one in holder if json.dumps(one) != last[2:]]


def text(field: Field) -> str:
    """Return a field as error messages write it: `.spec.replicas`."""
    return "".join(f".{step[2:]}" if step.startswith("f:") else f"[{step[2:]}]" for step in field)


def written(found: Iterable[Field]) -> dict[str, Any]:
    """Return a set of fields as `fieldsV1`."""
    tree: dict[str, Any] = {}
    for field in sorted(found):
        node = tree
        for step in field:
            node = node.setdefault(step, {})
        if field[-1].startswith("k:"):
            node["."] = {}
    return tree


def read(tree: Mapping[str, Any], place: Field = ()) -> set[Field]:
    """Return the set of fields that `fieldsV1` means."""
    found: set[Field] = set()
    for step, inner in tree.items():
        if step == ".":
            found.add(place)
        elif inner and set(inner) != {"."}:
            found |= read(inner, (*place, step))
        else:
            found.add((*place, step))
    return found
