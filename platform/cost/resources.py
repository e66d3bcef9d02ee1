"""The resources of a preview, before and after."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

SHARED = "platform"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One planned resource.

    Attributes:
        urn: Its URN.
        type: Its type token.
        inputs: Its inputs by Pulumi's names.
        parent: URN of its parent.
        provider: Reference `<urn>::<id>` to its provider.
        sources: Property → URNs of the resources that the value comes from.
    """

    urn: str
    type: str
    inputs: Mapping[str, Any]
    parent: str = ""
    provider: str = ""
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True)
class Plan:
    """All resources of an environment, as they are or as they would be."""

    resources: Sequence[Resource]

    @cached_property
    def _by_urn(self) -> Mapping[str, Resource]:
        return {resource.urn: resource for resource in self.resources}

    @cached_property
    def _by_parent(self) -> Mapping[str, Sequence[Resource]]:
        families: dict[str, list[Resource]] = {}
        for resource in self.resources:
            families.setdefault(resource.parent, []).append(resource)
        return families

    def siblings(self, resource: Resource, kind: str) -> Sequence[Resource]:
        """Return the resources of a type in the same component."""
        return [other for other in self._by_parent[resource.parent] if other.type == kind]

    def source(self, resource: Resource, name: str) -> Resource | None:
        """Return the resource that a property's value comes from, if it is in the plan."""
        found = (self._by_urn.get(urn) for urn in resource.sources.get(name, ()))
        return next((source for source in found if source is not None), None)

    def region(self, resource: Resource) -> str:
        """Return the AWS region that a resource is in; "" where nothing says it."""
        provider = self._by_urn.get(resource.provider.rpartition("::")[0])
        said = resource.inputs.get("region") or (provider and provider.inputs.get("region"))
        return str(said or "")

    def product(self, resource: Resource) -> str:
        """Return the product that a resource is for: by its tag, or else by its name."""
        tagged = _product_tag(resource)
        if tagged is not None:
            return tagged
        named = (product for product in self._products if resource.name.startswith(f"{product}-"))
        return next(named, SHARED)

    @cached_property
    def _products(self) -> Set[str]:
        tags = (_product_tag(resource) for resource in self.resources)
        return {tag for tag in tags if tag is not None}


def planned(steps: Iterable[Mapping[str, Any]]) -> Plan:
    """Return what a preview would leave behind.

    Args:
        steps: Steps as `pulumi preview --json` prints them, unchanged resources included.
    """
    return _plan(step.get("newState") for step in steps)


def present(steps: Iterable[Mapping[str, Any]]) -> Plan:
    """Return what was there before a preview."""
    return _plan(step.get("oldState") for step in steps)


def _plan(states: Iterable[Mapping[str, Any] | None]) -> Plan:
    found = {
        state["urn"]: Resource(
            urn=state["urn"],
            type=state["type"],
            inputs=state.get("inputs", {}),
            parent=state.get("parent", ""),
            provider=state.get("provider", ""),
            sources=state.get("propertyDependencies", {}),
        )
        for state in states
        if state is not None
    }
    return Plan(tuple(found.values()))


def _product_tag(resource: Resource) -> str | None:
    tags = resource.inputs.get("tags")
    return tags.get("Product") if isinstance(tags, Mapping) else None
