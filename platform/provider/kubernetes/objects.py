"""Objects as Pulumi hands them over: their kind, their name, what is wrong, what differs."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from platformctl.errors import ConfigurationError
from platformctl.kubernetes.kinds import Kind, kind_of
from platformctl.kubernetes.quantity import quantity
from platformctl.kubernetes.schemas import Open
from platformctl.kubernetes.validate import mistakes
from platformctl.plugin.provider import CheckFailure, DiffKind, DiffResult
from platformctl.plugin.values import UNKNOWN, Properties, transform

AUTONAMED = "pulumi.com/autonamed"
DEFAULT_NAMESPACE = "default"
IDENTITY = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
IMMUTABLE: Mapping[str, tuple[str, ...]] = {
    "Deployment": ("spec.selector",),
    "ReplicaSet": ("spec.selector",),
    "RoleBinding": ("roleRef",),
    "ClusterRoleBinding": ("roleRef",),
    "Secret": ("type",),
}
"""Kind → paths that no update changes."""


def type_of(token: str) -> tuple[str, str]:
    """Return API version and kind of a type token: `kubernetes:apps/v1:Deployment`."""
    _, module, name = token.split(":")
    return module.removeprefix("core/"), name


def complete(token: str, logical: str, old: Properties, new: Properties, seed: bytes) -> Properties:
    """Return inputs with version, kind and a name."""
    api_version, kind = type_of(token)
    inputs = {key: value for key, value in new.items() if key != "__defaults"}
    inputs = {"apiVersion": api_version, "kind": kind, **inputs}
    metadata = dict(inputs.get("metadata") or {})
    if metadata.get("name") is None and metadata.get("generateName") is None:
        before = old.get("metadata") or {}
        recorded = (before.get("annotations") or {}).get(AUTONAMED) and before.get("name")
        metadata["name"] = recorded or f"{logical}-{hashlib.sha256(seed).hexdigest()[:8]}"
        metadata["annotations"] = {**(metadata.get("annotations") or {}), AUTONAMED: "true"}
    inputs["metadata"] = metadata
    return inputs


def failures(inputs: Properties, version: str) -> list[CheckFailure]:
    """Return what is wrong with an object, each with its path; unknown values are not judged."""
    try:
        kind_of(inputs["apiVersion"], inputs["kind"])
    except ConfigurationError as error:
        return [CheckFailure("", f"{error.what}: {error.why}")]
    name = inputs["metadata"].get("name")
    place = f"{inputs['kind']} {name if isinstance(name, str) else 'of unknown name'}"
    document = transform(inputs, lambda leaf: Open("unknown") if leaf is UNKNOWN else leaf)
    return [
        CheckFailure(problem.path, f"{place}: {problem.path}: {problem.message}")
        for problem in mistakes(_without_empty(document), version)
    ]


def _without_empty(value: Any) -> Any:
    """Leave out members that say nothing, as they are not sent either."""
    if isinstance(value, dict):
        return {key: _without_empty(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value


def manifest(inputs: Properties) -> dict[str, Any]:
    """Return an object as it is sent."""
    return _without_empty(dict(inputs))


def kind(inputs: Mapping[str, Any]) -> Kind:
    """Return the kind of an object."""
    return kind_of(inputs["apiVersion"], inputs["kind"])


def path(inputs: Mapping[str, Any], namespace: str = DEFAULT_NAMESPACE) -> str:
    """Return the URL path of an object."""
    metadata = inputs["metadata"]
    return kind(inputs).path(metadata.get("namespace") or namespace, metadata["name"])


def identity(inputs: Mapping[str, Any], namespace: str = DEFAULT_NAMESPACE) -> str:
    """Return the id of an object: `namespace/name`, or the name where there is no namespace."""
    metadata = inputs["metadata"]
    name = metadata.get("name", "")
    if not kind(inputs).namespaced:
        return name
    return f"{metadata.get('namespace') or namespace}/{name}"


def difference(old: Properties, new: Properties) -> DiffResult:
    """Tell what a change of inputs means."""
    changes: dict[str, DiffKind] = {}
    fixed = (*IDENTITY, *IMMUTABLE.get(new.get("kind", ""), ()))
    replaces: list[str] = []
    for place, before, after in _parts("", old, new):
        replacing = any(place == one or place.startswith((f"{one}.", f"{one}[")) for one in fixed)
        word = "add" if before is None else "delete" if after is None else "update"
        changes[place] = DiffKind(f"{word}-replace" if replacing else word)
        if replacing:
            replaces.append(place)
    same_place = not any(place in changes for place in IDENTITY)
    return DiffResult(changes, replaces, delete_before_replace=bool(replaces) and same_place)


def _parts(place: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the paths that differ, with what was and what is to be."""
    if same(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            step = f".{key}" if key.replace("_", "").isalnum() else f'["{key}"]'
            yield from _parts(f"{place}{step}".lstrip("."), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from _parts(f"{place}[{index}]", left, right)
    else:
        yield place, before, after


def same(left: Any, right: Any) -> bool:
    """Tell whether two values mean the same: `0.5` is `500m`, nothing is the same as empty."""
    if left is UNKNOWN or right is UNKNOWN:
        return left is right
    if left in (None, {}, []) or right in (None, {}, []):
        return left in (None, {}, []) and right in (None, {}, [])
    if isinstance(left, dict) and isinstance(right, dict):
        return all(same(left.get(key), right.get(key)) for key in left.keys() | right.keys())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right or _amount(left) == _amount(right) is not None


def _amount(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return quantity(value)
    except ValueError:
        return None


def seen(inputs: Any, live: Any) -> Any:
    """Return inputs as a live object shows them: the same members, with its values."""
    if isinstance(inputs, dict) and isinstance(live, dict):
        return {key: seen(value, live.get(key)) for key, value in inputs.items()}
    if isinstance(inputs, list) and isinstance(live, list):
        return _seen_items(inputs, live)
    return inputs if same(inputs, live) else live


def _seen_items(inputs: Sequence[Any], live: Sequence[Any]) -> list[Any]:
    if len(inputs) != len(live):
        return list(live)
    by_name = {one["name"]: one for one in live if isinstance(one, dict) and "name" in one}
    return [
        seen(one, by_name.get(one["name"], other) if isinstance(one, dict) and by_name else other)
        if not (isinstance(one, dict) and "name" not in one and by_name)
        else seen(one, other)
        for one, other in zip(inputs, live, strict=True)
    ]
