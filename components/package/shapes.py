"""The shapes of arguments and outputs, read once from the annotations of the components.

A shape says what a property looks like in Pulumi's schema and how a value that comes over the wire
becomes the value that the Python component takes. What cannot be said in a schema (functions, a
choice between several classes) has no shape: an optional argument of that kind is left out of the
package, and a component with a required one is not part of it.

Pulumi's own inference of schemas does not see fields that a dataclass inherits, nor sequences and
mappings, and hands components plain dictionaries; hence this module.
"""

import dataclasses
import types
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import pulumi

SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}
BUILTINS = {
    pulumi.Archive: "pulumi.json#/Archive",
    pulumi.Asset: "pulumi.json#/Asset",
}
FORWARD = {"Output": pulumi.Output, "T": Any}
"""What the forward references inside `pulumi.Input` name."""
HIDDEN = frozenset({"transform"})
"""Arguments of every component that another language cannot give."""


@dataclass(frozen=True)
class Shape:
    """What a value looks like.

    Attributes:
        kind: A type of JSON schema, `any`, `object` for a class, or `map`.
        item: Shape of the items of an array or of the values of a map.
        of: The class of an object, or a type of Pulumi's own.
        bindings: What the class's type variables stand for.
        choices: The only values that are allowed.
        plain: Whether the value must be known when the program runs.
        optional: Whether there may be none.
    """

    kind: str
    item: "Shape | None" = None
    of: Any = None
    bindings: tuple[tuple[Any, Any], ...] = ()
    choices: tuple[Any, ...] = ()
    plain: bool = True
    optional: bool = False


@dataclass(frozen=True)
class Member:
    """A property of an object.

    Attributes:
        name: Its name in Python.
        shape: What it looks like.
        required: Whether it must be given.
    """

    name: str
    shape: Shape
    required: bool


class ShapelessError(Exception):
    """Something that a schema cannot say."""


def camel(name: str) -> str:
    """Return a Python name as Pulumi's schemas write it: `subnet_ids` → `subnetIds`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def shape_of(annotation: Any, bindings: Mapping[Any, Any] = types.MappingProxyType({})) -> Shape:
    """Return the shape that an annotation describes.

    Raises:
        ShapelessError: There is none.
    """
    if isinstance(annotation, TypeVar):
        annotation = bindings[annotation]
    if get_origin(annotation) is not None:
        return _composed(annotation, bindings)
    if annotation is Any:
        return Shape("any", plain=False)
    if annotation in SCALARS:
        return Shape(SCALARS[annotation])
    if annotation in BUILTINS:
        return Shape("builtin", of=annotation)
    return _object(annotation, ())


def _composed(annotation: Any, bindings: Mapping[Any, Any]) -> Shape:
    """Return the shape of an annotation with arguments in brackets, or of a union."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _one_of(arguments, bindings)
    if origin is pulumi.Output:
        return dataclasses.replace(shape_of(arguments[0], bindings), plain=False)
    if origin is Literal:
        return Shape(SCALARS[type(arguments[0])], choices=arguments)
    if origin in (Sequence, list, tuple):
        return Shape("array", item=shape_of(arguments[0], bindings))
    if origin in (Mapping, dict):
        return Shape("map", item=shape_of(arguments[1], bindings))
    return _object(origin, arguments)


def _object(kind: Any, arguments: Sequence[Any]) -> Shape:
    """Return the shape of a class of arguments, generic or not."""
    if not (dataclasses.is_dataclass(kind) and isinstance(kind, type)):
        raise ShapelessError(str(kind))
    parameters: Sequence[TypeVar] = getattr(kind, "__parameters__", ())
    shape = Shape("object", of=kind, bindings=tuple(zip(parameters, arguments, strict=True)))
    members(shape)  # says so when it has none
    return shape


def _one_of(choices: Sequence[Any], bindings: Mapping[Any, Any]) -> Shape:
    """Return the shape of a union: of an input, of something optional, never of several classes."""
    concrete = [
        each
        for each in choices
        if each is not types.NoneType and get_origin(each) not in (Awaitable, pulumi.Output)
    ]
    given_later = [each for each in choices if get_origin(each) is pulumi.Output]
    shapes = list(dict.fromkeys(shape_of(each, bindings) for each in concrete))
    if not shapes and given_later:
        shape = shape_of(given_later[0], bindings)
        return dataclasses.replace(shape, optional=types.NoneType in choices)
    if len(shapes) != 1:
        raise ShapelessError(" | ".join(map(str, choices)))
    plain = shapes[0].plain and not given_later
    return dataclasses.replace(shapes[0], plain=plain, optional=types.NoneType in choices)


def eventual(shape: Shape) -> Shape:
    """Return the shape of a value that is known only after deployment, through and through."""
    item = eventual(shape.item) if shape.item is not None else None
    return dataclasses.replace(shape, plain=False, item=item)


@cache
def members(shape: Shape) -> tuple[Member, ...]:
    """Return the properties of a class of arguments.

    Raises:
        ShapelessError: One that is required has no shape.
    """
    hints = get_type_hints(shape.of, localns=FORWARD)
    found = []
    for field in dataclasses.fields(shape.of):
        if field.name in HIDDEN:
            continue
        required = (
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        )
        try:
            inner = shape_of(hints[field.name], dict(shape.bindings))
        except ShapelessError:
            if required:
                raise
            continue
        found.append(Member(field.name, inner, required))
    return tuple(found)


def type_name(shape: Shape) -> str:
    """Return the name of a class in the schema; a generic one carries what it is bound to."""
    bound = "".join(argument.__name__ for _, argument in shape.bindings)
    return f"{shape.of.__name__}{bound}"


def value_of(shape: Shape, value: Any) -> Any:
    """Return a value from the wire as the Python component takes it."""
    if value is None or isinstance(value, pulumi.Output):
        return value
    if shape.kind == "integer" and isinstance(value, float):
        return int(value)  # the wire knows floating-point numbers only
    if shape.kind == "array" and shape.item is not None:
        return [value_of(shape.item, each) for each in value]
    if shape.kind == "map" and shape.item is not None:
        return {key: value_of(shape.item, each) for key, each in value.items()}
    if shape.kind == "object":
        return object_of(shape, value)
    return value


def object_of(shape: Shape, values: Mapping[str, Any]) -> Any:
    """Return an object of a class of arguments from the properties that were given.

    Raises:
        ValueError: A property is missing or unknown; names it.
    """
    known = {camel(member.name): member for member in members(shape)}
    unknown = sorted(set(values) - set(known))
    missing = [
        name for name, member in known.items() if member.required and values.get(name) is None
    ]
    if unknown or missing:
        wrong = [f"{name} is missing" for name in missing]
        wrong += [f"there is no {name}" for name in unknown]
        raise ValueError(f"{type_name(shape)}: {', '.join(wrong)}")
    given = {
        known[name].name: value_of(known[name].shape, value)
        for name, value in values.items()
        if value is not None
    }
    return shape.of(**given)
