"""URNs: the stable names by which Pulumi knows resources.

`urn:pulumi:<stack>::<project>::<qualified type>::<name>`; the qualified type is the chain of the
parents' types joined by `$`, the root stack left out.
"""

from typing import NamedTuple

from platformctl.engine.wire import PROVIDER_TYPE_PREFIX, STACK_TYPE


class Urn(NamedTuple):
    """The parts of a URN."""

    stack: str
    project: str
    qualified_type: str
    name: str

    @property
    def type(self) -> str:
        """The resource's own type token."""
        return self.qualified_type.rsplit("$", 1)[-1]

    def __str__(self) -> str:
        return f"urn:pulumi:{self.stack}::{self.project}::{self.qualified_type}::{self.name}"


def parse(urn: str) -> Urn:
    """Split a URN into its parts.

    Raises:
        ValueError: It is not a URN.
    """
    prefix, separator, rest = urn.partition("urn:pulumi:")
    parts = rest.split("::", 3)
    if prefix or not separator or len(parts) != 4:
        raise ValueError(f"not a URN: {urn!r}")
    return Urn(*parts)


def make(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """Compose the URN of a resource; `parent` is the parent's URN or ""."""
    parent_type = parse(parent).qualified_type if parent else ""
    nested = parent_type not in ("", STACK_TYPE)
    qualified = f"{parent_type}${type_}" if nested else type_
    return str(Urn(stack, project, qualified, name))


def name_of(urn: str) -> str:
    """Return the logical name in a URN."""
    return urn.split("::", 3)[-1]


def package_of(type_: str) -> str:
    """Return the package of a type token; for a provider resource, the package it provides."""
    if type_.startswith(PROVIDER_TYPE_PREFIX):
        return type_[len(PROVIDER_TYPE_PREFIX) :]
    return type_.split(":", 1)[0]


def is_provider(type_: str) -> bool:
    """Tell whether a type token is that of a provider resource."""
    return type_.startswith(PROVIDER_TYPE_PREFIX)


def is_default_provider(urn: str) -> bool:
    """Tell whether a URN names a provider that the engine made itself."""
    parts = parse(urn)
    return is_provider(parts.qualified_type) and parts.name.startswith("default")
