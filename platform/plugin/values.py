"""Property values as they travel between program, engine and provider.

A property value is `None`, `bool`, `int`, `float`, `str`, a `list` or `dict[str, …]` of property
values, or one of the classes below. Property names are Pulumi's wire names (camelCase).

Source: Pulumi, "Resource properties" in its developer documentation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

PropertyValue = Any
Properties = dict[str, PropertyValue]


class Unknown:
    """A value that is only known after deployment; one instance, `UNKNOWN`."""

    _instance: "Unknown | None" = None

    def __new__(cls) -> "Unknown":
        """Return the one instance."""
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("an unknown value is neither true nor false")


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that is masked in output and encrypted in state.

    Attributes:
        value: The plain value; never printed.
    """

    value: PropertyValue = field(repr=False)


@dataclass(frozen=True)
class Asset:
    """A file given to a resource; exactly one of `text`, `path` and `uri` is set.

    Attributes:
        hash: SHA-256 of the content, hexadecimal.
    """

    hash: str
    text: str | None = None
    path: str | None = None
    uri: str | None = None


@dataclass(frozen=True)
class Archive:
    """A folder, archive file or set of named assets given to a resource.

    Attributes:
        hash: SHA-256 of the content, hexadecimal.
        assets: Members by name, each an `Asset` or `Archive`; None for `path` and `uri`.
    """

    hash: str
    assets: Mapping[str, "Asset | Archive"] | None = None
    path: str | None = None
    uri: str | None = None


@dataclass(frozen=True)
class ResourceReference:
    """A reference to a resource as a value.

    Attributes:
        urn: The resource's URN.
        id: Its provider id; None for a component, `UNKNOWN` before it exists.
        package_version: Version of the package that defines it, or "".
    """

    urn: str
    id: "str | Unknown | None" = None
    package_version: str = ""


def transform(
    value: PropertyValue, leaf: Callable[[PropertyValue], PropertyValue]
) -> PropertyValue:
    """Rebuild a value with `leaf` applied to everything that is not a list, dict or secret."""
    if isinstance(value, dict):
        return {key: transform(item, leaf) for key, item in value.items()}
    if isinstance(value, list):
        return [transform(item, leaf) for item in value]
    if isinstance(value, Secret):
        return Secret(transform(value.value, leaf))
    return leaf(value)


def reveal(value: PropertyValue) -> PropertyValue:
    """Return the value without secret wrappers, at any depth."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def contains(value: PropertyValue, kind: type) -> bool:
    """Tell whether a value of class `kind` (`Unknown`, `Secret`, …) occurs at any depth."""
    if isinstance(value, kind):
        return True
    if isinstance(value, dict):
        return any(contains(item, kind) for item in value.values())
    if isinstance(value, list):
        return any(contains(item, kind) for item in value)
    return isinstance(value, Secret) and contains(value.value, kind)
