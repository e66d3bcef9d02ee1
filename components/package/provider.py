"""Answers Pulumi's provider protocol: `GetSchema`, and `Construct` for each component."""

import json
from importlib import metadata
from typing import Any

import pulumi
from pulumi.provider import ConstructResult, Provider

from platformctl.components.package.schema import PACKAGE, exported, outputs_of, schema
from platformctl.components.package.shapes import camel, object_of
from platformctl.errors import ConfigurationError


class ComponentPackage(Provider):
    """The components of the library, constructed for programs in other languages."""

    def __init__(self) -> None:
        version = metadata.version(PACKAGE)
        super().__init__(version, json.dumps(schema(version)))

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Any,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Make a component.

        Raises:
            ConfigurationError: There is no such component, or its arguments cannot be.
        """
        if resource_type not in exported():
            raise ConfigurationError(
                f"the package {PACKAGE} has no component {resource_type}",
                why=f"its components are {', '.join(exported())}",
            )
        kind, shape = exported()[resource_type]
        try:
            arguments = object_of(shape, inputs)
        except ValueError as error:
            raise ConfigurationError(f"{name} cannot be made", why=str(error)) from error
        component: Any = kind
        made = component(name, arguments, options)
        state = {camel(output): getattr(made, output, None) for output in outputs_of(kind)}
        return ConstructResult(made.urn, state)
