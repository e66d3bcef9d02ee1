"""Check inputs: names known, all that is required there, types right, defaults set, rules kept."""

import difflib
import hashlib
import re
from typing import Any

from platformctl.plugin.provider import CheckFailure, CheckResult
from platformctl.plugin.values import UNKNOWN, Properties
from platformctl.provider import schema, validation
from platformctl.provider.spec import Name, ResourceSpec
from platformctl.provider.translate import coerce

SCALARS = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}
META = frozenset({"__defaults"})


def check(
    spec: ResourceSpec, logical: str, old: Properties, new: Properties, random_seed: bytes
) -> CheckResult:
    """Return the completed inputs of a resource, and every mistake in them.

    Args:
        spec: The row.
        logical: Logical name of the resource.
        old: Inputs as recorded, empty for a new resource.
        new: Inputs as the program gives them.
        random_seed: Makes the automatic name.
    """
    known = schema.resource(spec.type)
    inputs: Properties = {}
    failures: list[CheckFailure] = []
    for key, value in new.items():
        if key in META or value is None:
            continue
        if key not in known.inputs:
            failures.append(unknown(key, key, known.inputs))
            continue
        inputs[key], found = _value(value, known.inputs[key], key)
        failures.extend(found)
    for key, default in spec.defaults.items():
        inputs.setdefault(key, default)
    if spec.name is not None:
        _name(spec.name, logical, old, inputs, random_seed)
    failures.extend(
        CheckFailure(key, f"{key} is missing: {spec.type} cannot be created without it")
        for key in known.required
        if key not in inputs
    )
    judged = _as_given(spec.name, new, inputs)
    failures.extend(_values(spec.type, judged, {failure.property for failure in failures}))
    return CheckResult(inputs, failures)


def _as_given(name: Name | None, new: Properties, inputs: Properties) -> Properties:
    """Leave a name out that was made from the prefix beside it: the two are not given together."""
    if name is None or new.get(name.property) is not None:
        return inputs
    if inputs.get(f"{name.property}Prefix") is None:
        return inputs
    return {key: value for key, value in inputs.items() if key != name.property}


def _values(token: str, inputs: Properties, told: set[str]) -> list[CheckFailure]:
    """Return what is wrong with values; a property of the wrong type is not judged once more."""
    wrong = {re.split(r"[.\[]", place)[0] for place in told}
    judged = {key: UNKNOWN if key in wrong else value for key, value in inputs.items()}
    return [each for each in validation.judge(token, judged) if each.property not in told]


def unknown(path: str, key: str, known: Any) -> CheckFailure:
    """Return the failure for an input that does not exist, with the nearest that does."""
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    return CheckFailure(path, f"there is no input {key}{hint}")


def _value(value: Any, kind: schema.Type, path: str) -> tuple[Any, list[CheckFailure]]:
    """Return a value as its type wants it, and what is wrong with it."""
    if value is None or value is UNKNOWN or kind == "any":
        return value, []
    if schema.is_a(kind, "list"):
        return _items(value, kind, path)
    if schema.is_a(kind, "map"):
        return _entries(value, kind, path)
    if schema.is_a(kind, "object"):
        return _object(value, kind, path)
    return _scalar(value, kind, path)


def _items(value: Any, kind: schema.Type, path: str) -> tuple[Any, list[CheckFailure]]:
    if not isinstance(value, list):
        return value, [CheckFailure(path, f"{path} must be a list, not {_said(value)}")]
    checked = [
        _value(item, schema.element(kind), f"{path}[{index}]") for index, item in enumerate(value)
    ]
    return [item for item, _ in checked], [each for _, found in checked for each in found]


def _entries(value: Any, kind: schema.Type, path: str) -> tuple[Any, list[CheckFailure]]:
    if not isinstance(value, dict):
        return value, [CheckFailure(path, f"{path} must be a map, not {_said(value)}")]
    checked = {
        key: _value(item, schema.element(kind), f"{path}.{key}") for key, item in value.items()
    }
    failures = [each for _, found in checked.values() for each in found]
    return {key: item for key, (item, _) in checked.items()}, failures


def _object(value: Any, kind: schema.Type, path: str) -> tuple[Any, list[CheckFailure]]:
    if not isinstance(value, dict):
        return value, [CheckFailure(path, f"{path} must be an object, not {_said(value)}")]
    known = schema.nested(kind[1])
    result: Properties = {}
    failures: list[CheckFailure] = []
    for key, item in value.items():
        if key in META:
            continue
        if key not in known.properties:
            failures.append(unknown(f"{path}.{key}", key, known.properties))
            continue
        result[key], found = _value(item, known.properties[key], f"{path}.{key}")
        failures.extend(found)
    failures.extend(
        CheckFailure(f"{path}.{key}", f"{path}.{key} is missing")
        for key in known.required
        if value.get(key) is None
    )
    return result, failures


def _scalar(value: Any, kind: schema.Type, path: str) -> tuple[Any, list[CheckFailure]]:
    try:
        coerced = coerce(value, kind)
    except ValueError:
        coerced = value
    fitting = isinstance(coerced, SCALARS.get(kind, (object,)))
    if fitting and not (isinstance(coerced, bool) and kind in ("integer", "number")):
        return coerced, []
    return value, [CheckFailure(path, f"{path} must be a {kind}, not {_said(value)}")]


def _said(value: Any) -> str:
    return f"{value!r}" if isinstance(value, str | int | float | bool) else type(value).__name__


def _name(
    name: Name, logical: str, old: Properties, inputs: Properties, random_seed: bytes
) -> None:
    """Set the automatic name: the one it has, else a new one."""
    if inputs.get(name.property) is not None:
        return
    prefix = inputs.get(f"{name.property}Prefix")
    recorded = old.get(name.property)
    if recorded and prefix in (None, old.get(f"{name.property}Prefix")):
        inputs[name.property] = recorded
        return
    inputs[name.property] = automatic(name, logical, prefix, random_seed)


def automatic(name: Name, logical: str, prefix: Any, random_seed: bytes) -> Any:
    """Return an automatic name within the service's limit; unknown where its prefix is."""
    if prefix is UNKNOWN:
        return UNKNOWN
    start = prefix or f"{logical}-"
    suffix = hashlib.sha256(random_seed).hexdigest()[:7]
    text = start[: name.limit - len(suffix)] + suffix
    return text.lower() if name.lower else text
