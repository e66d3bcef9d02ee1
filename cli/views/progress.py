"""The tree of resources as it grows while an engine works: events in, a picture of now out.

Nothing here prints; `views.deployment` draws it.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

STACK_TYPE = "pulumi:pulumi:Stack"
SYMBOLS = {
    "create": ("+", "green", "created"),
    "update": ("~", "yellow", "updated"),
    "delete": ("-", "red", "deleted"),
    "replace": ("±", "magenta", "replaced"),
    "create-replacement": ("±", "magenta", "created replacement"),
    "delete-replaced": ("-", "magenta", "deleted replaced"),
    "read": (">", "cyan", "read"),
    "refresh": ("↻", "cyan", "refreshed"),
    "import": ("=", "cyan", "imported"),
    "same": (" ", "dim", "unchanged"),
}
"""Kind of step → symbol, colour and what to say when it is done."""


@dataclass
class Resource:
    """One resource in the picture.

    Attributes:
        is_component: It only groups others.
        operation: Kind of step, `""` until the engine says.
        started: Monotonic seconds, None while it waits.
        ended: Monotonic seconds, None while it runs.
        changed: Names of the properties that differ.
        details: Property path → (kind, old, new) as far as the engine tells.
        error: Why it failed.
    """

    urn: str
    type: str
    name: str
    is_component: bool = False
    parent: str = ""
    operation: str = ""
    started: float | None = None
    ended: float | None = None
    changed: list[str] = field(default_factory=list)
    details: dict[str, tuple[str, Any, Any]] = field(default_factory=dict)
    error: str = ""
    children: list["Resource"] = field(default_factory=list)

    @property
    def running(self) -> bool:
        """Whether something is being done to it now."""
        return self.started is not None and self.ended is None and not self.error

    def walk(self) -> Iterator["Resource"]:
        """Yield everything below it."""
        for child in self.children:
            yield child
            yield from child.walk()

    def counted(self) -> tuple[int, int]:
        """Return how many of the real resources below it are done, and how many there are."""
        leaves = [child for child in self.walk() if not child.is_component]
        return sum(1 for leaf in leaves if leaf.ended is not None), len(leaves)


class Progress:
    """Everything the engine has said so far."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.began = clock()
        self.resources: dict[str, Resource] = {}
        self.roots: list[Resource] = []
        self.failed: list[Resource] = []

    def started(self, metadata: Any) -> Resource:
        """Take in that a step began."""
        resource = self._resource(metadata)
        resource.started, resource.ended = self.clock(), None
        return resource

    def ended(self, metadata: Any) -> Resource:
        """Take in that a step ended well."""
        resource = self._resource(metadata)
        resource.ended = self.clock()
        resource.started = resource.started or resource.ended
        return resource

    def broke(self, metadata: Any) -> Resource:
        """Take in that a step failed."""
        resource = self.ended(metadata)
        resource.error = resource.error or "failed"
        self.failed.append(resource)
        return resource

    def counts(self) -> tuple[int, int]:
        """Return how many resources are done, and how many are known."""
        leaves = [item for item in self.resources.values() if not item.is_component]
        return sum(1 for leaf in leaves if leaf.ended is not None), len(leaves)

    def _resource(self, metadata: Any) -> Resource:
        resource = self.resources.get(metadata.urn)
        if resource is None:
            state = metadata.new or metadata.old
            resource = Resource(
                urn=metadata.urn,
                type=metadata.type,
                name=metadata.urn.rpartition("::")[2],
                is_component=state is not None and not state.custom,
            )
            self.resources[metadata.urn] = resource
            self._place(resource, metadata)
        operation = _operation(metadata)
        # A replacement has several steps; the one that says most stays on show.
        if resource.operation not in ("replace", "create-replacement"):
            resource.operation = operation
        resource.changed = sorted(set(resource.changed) | set(metadata.diffs or ()))
        resource.details.update(_details(metadata))
        return resource

    def _place(self, resource: Resource, metadata: Any) -> None:
        state = metadata.new or metadata.old
        resource.parent = (state.parent if state else "") or ""
        parent = self.resources.get(resource.parent)
        if parent is None or parent.type == STACK_TYPE:
            if resource.type != STACK_TYPE:
                self.roots.append(resource)
        else:
            parent.children.append(resource)


def _operation(metadata: Any) -> str:
    return str(getattr(metadata.op, "value", metadata.op))


def _details(metadata: Any) -> dict[str, tuple[str, Any, Any]]:
    old = metadata.old.inputs if metadata.old else {}
    new = metadata.new.inputs if metadata.new else {}
    return {
        path: (
            str(getattr(difference.diff_kind, "value", difference.diff_kind)),
            _at(old, path),
            _at(new, path),
        )
        for path, difference in (metadata.detailed_diff or {}).items()
    }


def _at(properties: Any, path: str) -> Any:
    """Return what stands at a property path such as `tags.Name` or `ingress[0].fromPort`."""
    value = properties
    for part in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(value, dict):
            value = value.get(part.strip('"'))
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
