"""A checkpoint, indexed by what is asked of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Resource = Mapping[str, Any]


class Checkpoint:
    """The resources of a stack.

    Args:
        document: The checkpoint as `pulumi stack export` prints it.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._by_type: dict[str, list[Resource]] = {}
        self._by_parent: dict[str, list[Resource]] = {}
        self._by_urn: dict[str, Resource] = {}
        for resource in document["deployment"].get("resources") or ():
            if resource.get("delete"):
                continue
            self._by_type.setdefault(resource["type"], []).append(resource)
            self._by_parent.setdefault(resource.get("parent") or "", []).append(resource)
            self._by_urn[resource["urn"]] = resource

    def of_type(self, kind: str) -> Sequence[Resource]:
        """Return every resource of a type."""
        return self._by_type.get(kind, ())

    def children(self, parent: Resource, kind: str) -> Iterator[Resource]:
        """Yield the direct children of a resource that have a type."""
        for resource in self._by_parent.get(parent["urn"], ()):
            if resource["type"] == kind:
                yield resource

    def child(self, parent: Resource, kind: str) -> Resource | None:
        """Return the first direct child of a resource that has a type."""
        return next(self.children(parent, kind), None)

    def by_arn(self, kind: str, arn: str | None) -> Resource | None:
        """Return the resource of a type that has an ARN."""
        found = (each for each in self.of_type(kind) if outputs(each).get("arn") == arn)
        return next(found, None) if arn else None

    def provider_parent(self, resource: Resource) -> Resource | None:
        """Return the component that made the provider of a resource."""
        urn = str(resource.get("provider") or "").rpartition("::")[0]
        provider = self._by_urn.get(urn)
        return self._by_urn.get(provider.get("parent") or "") if provider else None


def outputs(resource: Resource) -> Mapping[str, Any]:
    """Return the outputs of a resource."""
    return resource.get("outputs") or {}


def inputs(resource: Resource) -> Mapping[str, Any]:
    """Return the inputs of a resource."""
    return resource.get("inputs") or {}


def logical_name(resource: Resource) -> str:
    """Return the name that the program gave a resource."""
    return str(resource["urn"]).rpartition("::")[2]


def region_of(arn: str) -> str:
    """Return the region that an ARN names."""
    parts = arn.split(":")
    return parts[3] if len(parts) > 3 else ""
