"""Write `constraints.json`: what botocore's models say about the values of inputs.

Wherever an input has a place in a call of its row, the member's shape limits it: the values of an
enumeration, a pattern, the length of a text or a list, the range of a number. The facts are kept
in a file so that checking an input loads no model. After botocore or the table changed,
`python -m platformctl.provider.validation.derive` writes it again; a test compares.

A path is a property's, with `[]` for the items of a list and `{}` for the values of a map:
`defaultActions[].targetGroupArn`.
"""

import json
import re
from pathlib import Path
from typing import Any

from platformctl.provider import registry, schema
from platformctl.provider.context import carried
from platformctl.provider.models import input_shape
from platformctl.provider.spec import ResourceSpec, Send
from platformctl.provider.translate import LIFT, Names

Constraint = dict[str, Any]
NUMBERS = ("integer", "long", "float", "double")
WIDEST = 2**31 - 1
"""A limit as wide as this is the number's type, not a rule."""
EVERYTHING = re.compile(r"\^?\(?(\.|\[\\s\\S\]|\[\\S\\s\])[*+]\)?\$?")


def document() -> dict[str, dict[str, Constraint]]:
    """Return type → path → constraint for every type of the table."""
    found = {token: of(registry.spec(token)) for token in registry.types()}
    return {token: constraints for token, constraints in found.items() if constraints}


def of(spec: ResourceSpec) -> dict[str, Constraint]:
    """Return path → constraint for the inputs that the calls of a row carry."""
    found: dict[str, Constraint] = {}
    inputs = schema.resource(spec.type).inputs
    names = Names(spec.names, spec.no_local_effect)
    for call in spec.calls:
        if not isinstance(call, Send):
            continue
        shape = input_shape(spec.service, call.operation)
        for key in sorted(carried(spec, call, shape)):
            _property(found, shape, names, key, key, inputs[key])
    return found


def _property(  # the place of a property in both worlds
    found: dict[str, Constraint], shape: Any, names: Names, dotted: str, path: str, kind: Any
) -> None:
    """Follow a property to its member."""
    if names.is_silent(dotted):
        return
    member = names.member(dotted, shape.members)
    if member is None:
        return
    if member == LIFT:
        _walk(found, shape, names, dotted, path, kind)
        return
    for part in member.split("."):
        shape = getattr(shape, "members", {}).get(part)
        if shape is None:
            return
    _walk(found, shape, names, dotted, path, kind)


def _walk(  # the place of a property in both worlds
    found: dict[str, Constraint], shape: Any, names: Names, dotted: str, path: str, kind: Any
) -> None:
    """Note what a shape says about a value, and follow the value downwards."""
    if schema.is_a(kind, "list"):
        if shape.type_name == "list":
            _note(found, path, _limits(shape.metadata, "items"))
            shape = shape.member
        elif {"Quantity", "Items"} <= getattr(shape, "members", {}).keys():
            shape = shape.members["Items"].member
        _walk(found, shape, names, dotted, f"{path}[]", schema.element(kind))
    elif schema.is_a(kind, "map"):
        if shape.type_name == "map":
            _walk(found, shape.value, names, dotted, f"{path}{{}}", schema.element(kind))
    elif schema.is_a(kind, "object"):
        shape = shape.member if shape.type_name == "list" else shape
        if shape.type_name == "structure":
            for key, inner in (schema.properties_of(kind) or {}).items():
                _property(found, shape, names, f"{dotted}.{key}", f"{path}.{key}", inner)
    elif kind == "string" and shape.type_name == "string":
        _note(found, path, _text(shape))
    elif kind in ("integer", "number") and shape.type_name in NUMBERS:
        _note(found, path, _limits(shape.metadata, "range"))


def _note(found: dict[str, Constraint], path: str, constraint: Constraint) -> None:
    if constraint:
        found.setdefault(path, constraint)  # the call that creates comes first


def _limits(metadata: dict[str, Any], word: str) -> Constraint:
    low, high = metadata.get("min"), metadata.get("max")
    high = None if high is not None and high >= WIDEST else high
    low = None if low is not None and low <= -WIDEST else low
    return {} if low is None and high is None else {word: [low, high]}


def _text(shape: Any) -> Constraint:
    if shape.enum:
        return {"values": list(shape.enum)}
    constraint = _limits(shape.metadata, "length")
    if constraint.get("length") == [0, None]:
        constraint = {}
    pattern = shape.metadata.get("pattern")
    if pattern and _usable(pattern):
        constraint["pattern"] = pattern
    return constraint


def _usable(pattern: str) -> bool:
    """Tell whether a pattern says something, in words that Python's `re` has too."""
    if EVERYTHING.fullmatch(pattern):
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def render() -> str:
    """Return `constraints.json` as text."""
    return json.dumps(document(), indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write `constraints.json` beside this file."""
    Path(__file__).with_name("constraints.json").write_text(render())


if __name__ == "__main__":
    main()
