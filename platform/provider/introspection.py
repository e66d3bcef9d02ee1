"""Write `schema.json` from the installed `pulumi_aws` package, for the types in the table."""

import collections.abc
import importlib
import inspect
import json
import keyword
import types
import typing
from pathlib import Path
from typing import Any

import pulumi
from pulumi._types import (  # the SDK's own introspection, used by its runtime
    input_type_types,
    is_input_type,
    is_output_type,
    output_type_types,
    resource_types,
)

from platformctl.provider import registry

SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}
MAPS = (dict, collections.abc.Mapping)
LISTS = (list, collections.abc.Sequence)
NESTING = ("andStatement", "notStatement", "orStatement", "scopeDownStatement")
"""Statements of a firewall that hold statements: the package spells out each level anew, in a
thousand types. They are checked by the API's model alone."""


class Collector:
    """Turns Python annotations into type descriptions and keeps the nested types it meets."""

    def __init__(self) -> None:
        self.types: dict[str, Any] = {}

    def describe(self, annotation: Any) -> Any:  # noqa: PLR0911  # one return for each kind of type
        """Return the description of an annotation."""
        if annotation in SCALARS:
            return SCALARS[annotation]
        if isinstance(annotation, type) and (
            is_input_type(annotation) or is_output_type(annotation)
        ):
            return ["object", self._object(annotation)]
        origin = typing.get_origin(annotation)
        arguments = typing.get_args(annotation)
        if origin in MAPS:
            return ["map", self.describe(arguments[1])]
        if origin in LISTS:
            return ["list", self.describe(arguments[0])]
        if origin in (typing.Union, types.UnionType):
            return self._union(arguments)
        if isinstance(annotation, type) and issubclass(annotation, str):
            return "string"
        return "any"

    def _union(self, members: tuple[Any, ...]) -> Any:
        plain = [
            member
            for member in members
            if member is not type(None)
            and typing.get_origin(member)
            not in (collections.abc.Awaitable, pulumi.Output, typing.Union)
        ]
        described = [self.describe(member) for member in plain]
        scalars = [kind for kind in described if isinstance(kind, str)]
        return scalars[0] if scalars else described[0] if described else "any"

    def _object(self, kind: type) -> str:
        name = f"{kind.__module__.removeprefix('pulumi_aws.').partition('.')[0]}.{kind.__name__}"
        if name not in self.types:
            self.types[name] = {}  # before its members: a type may contain itself
            members = input_type_types(kind) if is_input_type(kind) else output_type_types(kind)
            self.types[name] = {
                "properties": {
                    key: "any" if key in NESTING else self.describe(value)
                    for key, value in members.items()
                },
                "required": _required(kind) if is_input_type(kind) else [],
            }
        return name


def _required(kind: type) -> list[str]:
    names = _wire_names(kind)
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    return [
        names[parameter.name]
        for parameter in parameters
        if parameter.default is inspect.Parameter.empty and parameter.name in names
    ]


def _wire_names(kind: type) -> dict[str, str]:
    from pulumi._types import input_type_py_to_pulumi_names  # noqa: PLC0415

    return input_type_py_to_pulumi_names(kind)


def resource_class(token: str) -> tuple[type, type]:
    """Return the resource class of a token and the class of its arguments."""
    _, path, name = token.split(":")
    package = path.split("/")[0]
    # Python has a keyword of that name: pulumi_aws.lambda_.
    package += "_" if keyword.iskeyword(package) else ""
    module = importlib.import_module(f"pulumi_aws.{package}")
    arguments = getattr(module, f"{name}InitArgs", None)  # where a nested type has the plain name
    return getattr(module, name), arguments or getattr(module, f"{name}Args")


def document() -> dict[str, Any]:
    """Return the content of `schema.json` for every `aws` type of the table."""
    collector = Collector()
    resources = {}
    for token in sorted(registry.types()):
        kind, arguments = resource_class(token)
        resources[token] = {
            "inputs": {
                key: collector.describe(value) for key, value in input_type_types(arguments).items()
            },
            "outputs": {
                key: collector.describe(value) for key, value in resource_types(kind).items()
            },
            "required": _required(arguments),
        }
    return {"resources": resources, "types": dict(sorted(collector.types.items()))}


def render() -> str:
    """Return `schema.json` as text."""
    lines = json.dumps(document(), indent=1, sort_keys=True)
    return lines + "\n"


def main() -> None:
    """Write `schema.json` beside this file."""
    Path(__file__).with_name("schema.json").write_text(render())


if __name__ == "__main__":
    main()
