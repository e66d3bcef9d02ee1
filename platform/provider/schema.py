"""What Pulumi's own `pulumi_aws` package says about each resource type: inputs, outputs, types.

The facts are taken from the package by introspection and kept in `schema.json`, so that checking
an input costs no import of the package. `python -m platformctl.provider.introspection` writes the
file again after an upgrade; a test compares.

A type is written as `"string"`, `"integer"`, `"number"`, `"boolean"`, `"any"`, `["list", T]`,
`["map", T]` or `["object", name]`, where the name is a key of the document's `types`.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

Type = Any


@dataclass(frozen=True)
class ResourceSchema:
    """Inputs and outputs of one resource type, as Pulumi names them.

    Attributes:
        inputs: Input property → type.
        outputs: Output property → type; holds most inputs too.
        required: Inputs that must be given.
    """

    inputs: dict[str, Type]
    outputs: dict[str, Type]
    required: tuple[str, ...]


@dataclass(frozen=True)
class ObjectSchema:
    """Properties of a nested object."""

    properties: dict[str, Type]
    required: tuple[str, ...]


@cache
def _document() -> dict[str, Any]:
    return json.loads(files("platformctl.provider").joinpath("schema.json").read_text())


@cache
def resource(token: str) -> ResourceSchema:
    """Return the schema of a resource type.

    Raises:
        KeyError: `schema.json` has no such type.
    """
    entry = _document()["resources"][token]
    return ResourceSchema(entry["inputs"], entry["outputs"], tuple(entry["required"]))


@cache
def nested(name: str) -> ObjectSchema:
    """Return the schema of a nested object type."""
    entry = _document()["types"][name]
    return ObjectSchema(entry["properties"], tuple(entry["required"]))


def properties_of(kind: Type) -> dict[str, Type] | None:
    """Return the properties of an object type, None for every other type."""
    if isinstance(kind, list) and kind[0] == "object":
        return nested(kind[1]).properties
    return None


def element(kind: Type) -> Type:
    """Return the element type of a list or map, `"any"` for every other type."""
    return kind[1] if isinstance(kind, list) and kind[0] in ("list", "map") else "any"


def is_a(kind: Type, word: str) -> bool:
    """Tell whether a type is a `"list"`, `"map"` or `"object"`, or the scalar of that name."""
    return kind == word or (isinstance(kind, list) and kind[0] == word)
