"""The package's schema, as Pulumi's languages generate their libraries from."""

import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any, get_type_hints

from platformctl.components.base import Component
from platformctl.components.package.shapes import (
    BUILTINS,
    FORWARD,
    Shape,
    ShapelessError,
    camel,
    eventual,
    members,
    shape_of,
    type_name,
)
from platformctl.components.reference import all_components, arguments_of, documented

PACKAGE = "platformctl"


@cache
def exported() -> dict[str, tuple[type[Component], Shape]]:
    """Return the components that a schema can describe: token → class, shape of its arguments."""
    found = {}
    for component in all_components().values():
        try:
            shape = shape_of(arguments_of(component))
        except ShapelessError:
            continue
        found[token_of(component)] = (component, shape)
    return found


def token_of(component: type[Component]) -> str:
    """Return a component's type token: `platformctl:network:Network`."""
    return f"{PACKAGE}:{_module_of(component)}:{component.__name__}"


def outputs_of(component: type[Component]) -> dict[str, Shape]:
    """Return the documented outputs of a component that a schema can describe, by Python name."""
    hints = _annotations(component)
    found = {}
    for name in documented(component):
        try:
            found[name] = shape_of(hints[name])
        except (KeyError, ShapelessError):
            continue
    return found


def schema(version: str) -> dict[str, Any]:
    """Return the schema of the package."""
    types: dict[str, Any] = {}
    resources = {}
    for token, (component, arguments) in exported().items():
        outputs = outputs_of(component)
        properties = {
            camel(name): _property(eventual(shape), types, description=documented(component)[name])
            for name, shape in outputs.items()
        }
        resources[token] = {
            "isComponent": True,
            "description": _description(component),
            **_object(arguments, types, "inputProperties", "requiredInputs"),
            "properties": properties,
            "required": sorted(
                camel(name) for name, shape in outputs.items() if not shape.optional
            ),
        }
    return {
        "name": PACKAGE,
        "displayName": "Platform components",
        "version": version,
        "description": "Components for AWS: networks, stores, streams, services, edge, alarms.",
        "meta": {"supportPack": True},
        "language": {
            name: {"respectSchemaVersion": True} for name in ("nodejs", "python", "csharp", "go")
        },
        "resources": dict(sorted(resources.items())),
        "types": dict(sorted(types.items())),
    }


def _annotations(component: type[Component]) -> dict[str, Any]:
    """Return the annotations of a component's own classes; Pulumi's cannot all be evaluated."""
    found: dict[str, Any] = {}
    for kind in reversed(component.__mro__):
        if issubclass(kind, Component) and kind is not Component:
            found |= get_type_hints(_Holder(kind), localns=FORWARD)
    return found


class _Holder:
    """Shows `get_type_hints` the annotations of one class, without those it inherits."""

    def __init__(self, kind: type) -> None:
        self.__annotations__ = inspect.get_annotations(kind)
        self.__globals__ = inspect.getmodule(kind).__dict__


def _object(shape: Shape, types: dict[str, Any], properties: str, required: str) -> dict[str, Any]:
    texts = documented(shape.of)
    return {
        properties: {
            camel(each.name): _property(each.shape, types, description=texts.get(each.name, ""))
            for each in members(shape)
        },
        required: sorted(camel(each.name) for each in members(shape) if each.required),
    }


def _property(shape: Shape, types: dict[str, Any], *, description: str) -> dict[str, Any]:
    if shape.choices:
        choices = ", ".join(f"`{choice}`" for choice in shape.choices)
        description = f"{description} One of {choices}.".strip()
    text = {"description": description} if description else {}
    return {**_type(shape, types), **text}


def _type(shape: Shape, types: dict[str, Any]) -> dict[str, Any]:
    """Return what the schema says about a shape, adding the classes that it refers to."""
    plain = {"plain": True} if shape.plain else {}
    if shape.kind == "any":
        return {"$ref": "pulumi.json#/Any"}
    if shape.kind == "builtin":
        return {"$ref": BUILTINS[shape.of], **plain}
    if shape.kind == "array" and shape.item:
        return {"type": "array", "items": _type(shape.item, types), **plain}
    if shape.kind == "map" and shape.item:
        return {"type": "object", "additionalProperties": _type(shape.item, types), **plain}
    if shape.kind == "object":
        token = f"{PACKAGE}:{_module_of(shape.of)}:{type_name(shape)}"
        if token not in types:
            types[token] = {}  # a class may contain itself
            types[token] = {
                "type": "object",
                "description": _description(shape.of),
                **_object(shape, types, "properties", "required"),
            }
        return {"$ref": f"#/types/{token}", **plain}
    return {"type": shape.kind, **plain}


def _module_of(kind: type) -> str:
    """Return the part of the library that a class is in, such as `network`."""
    return kind.__module__.removeprefix("platformctl.components.").partition(".")[0]


def _description(kind: type) -> str:
    text = inspect.getdoc(kind) or ""
    return text.partition("\nAttributes:")[0].partition("\nExample::")[0].strip()


def components_left_out() -> Iterator[str]:
    """Name the components that a schema cannot describe."""
    names = {component.__name__ for component, _ in exported().values()}
    yield from sorted(set(all_components()) - names)
