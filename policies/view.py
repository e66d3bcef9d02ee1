"""Resources and stacks as rules see them, whichever engine or file they come from.

Every source ends in Pulumi's `ResourceV3` objects (the resources of a checkpoint): a checkpoint
file has them, the document of `pulumi preview --json` has them as each step's `newState`, and our
engine's and pulumi-policy's resources are written in that shape. So one reader makes all views.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from platformctl.errors import ConfigurationError
from platformctl.policies.values import UNKNOWN, Match, peek, read, revealed

Derived = TypeVar("Derived")
STACK_TYPE = "pulumi:pulumi:Stack"
_V2 = re.compile(r"^aws:s3/(bucket\w*?)V2:(Bucket\w*?)V2$")


def canonical(token: str) -> str:
    """Return the one name of a type that has several.

    `aws:alb/*` is `aws:lb/*`, and the S3 types of provider version 6 that end in `V2` are those
    of version 7 without it.
    """
    if token.startswith("aws:alb/"):
        return "aws:lb/" + token.removeprefix("aws:alb/")
    return _V2.sub(r"aws:s3/\1:\2", token)


@dataclass(frozen=True, kw_only=True)
class ResourceView:
    """One resource.

    Attributes:
        type: Its type, under its one name (`canonical`).
        properties: What the program says; outputs only where inputs are not recorded.
        outputs: What came back, for identities (`id`, `arn`, …); no rule judges them.
        sources: Top-level property → URNs of the resources that its value comes from.
        region: AWS region: the resource's own, else its provider's; "" if nobody says.
        default_tags: Tags that its provider adds.
        secrets_told: Whether the source tells secrets from plain values.
        position: Where the program made it (`file:///…/x.py#12,4`), or "".
    """

    urn: str
    type: str
    id: str = ""
    custom: bool = True
    properties: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    parent: str = ""
    dependencies: Sequence[str] = ()
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict)
    protect: bool = False
    retain_on_delete: bool = False
    ignore_changes: Sequence[str] = ()
    region: Any = ""
    default_tags: Mapping[str, Any] = field(default_factory=dict)
    secrets_told: bool = True
    position: str = ""

    @property
    def name(self) -> str:
        """Its logical name."""
        return self.urn.rpartition("::")[2]

    def each(self, path: str) -> list[Match]:
        """Return every place that a path leads to (`values.peek`)."""
        return peek(self.properties, path)

    def get(self, path: str) -> Any:
        """Return the value at a path without lists; `MISSING` or `UNKNOWN` where there is none."""
        (match,) = self.each(path)
        return revealed(match.value)

    def identities(self) -> Iterator[str]:
        """Yield the literal texts by which others may refer to it."""
        if self.id:
            yield self.id
        for key in ("arn", "id", "keyId", "name", "url", "vpcId", "bucket"):
            value = self.outputs.get(key)
            if isinstance(value, str) and value:
                yield value


class StackView:
    """All resources of a stack, and how they hang together.

    Args:
        resources: Every live resource; providers are left out.
    """

    def __init__(self, resources: Iterable[ResourceView]) -> None:
        self.resources = list(resources)
        self.by_urn = {each.urn: each for each in self.resources}
        self._by_type: dict[str, list[ResourceView]] = defaultdict(list)
        for each in self.resources:
            self._by_type[each.type].append(each)
        self._derived: dict[Callable[[StackView], Any], Any] = {}

    def once(self, derive: Callable[["StackView"], Derived]) -> Derived:
        """Return what a function makes of the stack, made once and kept."""
        if derive not in self._derived:
            self._derived[derive] = derive(self)
        return self._derived[derive]

    def all(self, *types: str) -> list[ResourceView]:
        """Return the resources of these types."""
        return [each for token in types for each in self._by_type.get(token, ())]

    @cached_property
    def _users(self) -> Mapping[str, list[tuple[ResourceView, str]]]:
        users: dict[str, list[tuple[ResourceView, str]]] = defaultdict(list)
        for each in self.resources:
            for key, urns in each.sources.items():
                for urn in dict.fromkeys(urns):
                    users[urn].append((each, key))
        return users

    @cached_property
    def _by_identity(self) -> Mapping[tuple[str, str], ResourceView]:
        return {(each.type, text): each for each in self.resources for text in each.identities()}

    def users(self, resource: ResourceView, *types: str) -> list[ResourceView]:
        """Return the resources of these types that refer to a resource; of all types without."""
        found = {each.urn: each for each, _ in self._users.get(resource.urn, ())}
        for each in self._literal_users(resource):
            found.setdefault(each.urn, each)
        return [each for each in found.values() if not types or each.type in types]

    def _literal_users(self, resource: ResourceView) -> Sequence[ResourceView]:
        return [
            self.by_urn[urn]
            for text in resource.identities()
            if _distinctive(text)
            for urn in self._literals.get(text, ())
            if urn != resource.urn
        ]

    @cached_property
    def _literals(self) -> Mapping[str, list[str]]:
        """Return text → URNs of the resources that have it as a whole property value."""
        found: dict[str, list[str]] = defaultdict(list)
        for each in self.resources:
            for text in {text for value in each.properties.values() for text in _texts(value)}:
                found[text].append(each.urn)
        return found

    def targets(self, resource: ResourceView, path: str, *types: str) -> list[ResourceView]:
        """Return the resources of these types that a property refers to.

        Dependencies recorded by the engine come first, literal ids second, names never. Where a
        property takes values from several resources, a literal id at the path itself decides.
        """
        values = [revealed(match.value) for match in resource.each(path)]
        literal = [
            found
            for text in values
            if isinstance(text, str)
            for token in types
            if (found := self._by_identity.get((token, text))) is not None
        ]
        if literal:
            return list({each.urn: each for each in literal}.values())
        return self.sources(resource, path.partition(".")[0].removesuffix("[]"), *types)

    def sources(self, resource: ResourceView, key: str, *types: str) -> list[ResourceView]:
        """Return the resources of these types that a top-level property takes values from."""
        urns = dict.fromkeys(resource.sources.get(key, ()))
        found = [self.by_urn[urn] for urn in urns if urn in self.by_urn]
        return [each for each in found if each.type in types] if types else found

    def undecided(self, resource: ResourceView, path: str) -> bool:
        """Tell whether what a property refers to cannot be told: unknown, and no dependency."""
        key = path.partition(".")[0].removesuffix("[]")
        if resource.sources.get(key):
            return False
        return any(revealed(match.value) is UNKNOWN for match in resource.each(path))

    def within(self, resource: ResourceView, types: Sequence[str]) -> ResourceView | None:
        """Return the nearest component of one of these types that a resource belongs to."""
        at: ResourceView | None = resource
        while at is not None:
            if at.type in types:
                return at
            at = self.by_urn.get(at.parent)
        return None


def stack_view(records: Iterable[Mapping[str, Any]], *, secrets_told: bool = True) -> StackView:
    """Return the view of a stack from `ResourceV3` objects, those about to be deleted left out."""
    records = [each for each in records if not each.get("delete")]
    providers = {
        each["urn"]: read(each.get("inputs") or {})
        for each in records
        if each["type"].startswith("pulumi:providers:")
    }
    return StackView(
        _view(each, providers, secrets_told) for each in records if each["urn"] not in providers
    )


def _view(
    record: Mapping[str, Any], providers: Mapping[str, Mapping[str, Any]], secrets_told: bool
) -> ResourceView:
    inputs, outputs = read(record.get("inputs") or {}), read(record.get("outputs") or {})
    provider = providers.get(str(record.get("provider") or "").rpartition("::")[0], {})
    properties = inputs or outputs
    return ResourceView(
        urn=record["urn"],
        type=canonical(record["type"]),
        id=str(record.get("id") or ""),
        custom=bool(record.get("custom")),
        properties=properties,
        outputs=outputs,
        parent=record.get("parent") or "",
        dependencies=record.get("dependencies") or (),
        sources=record.get("propertyDependencies") or {},
        protect=bool(record.get("protect")),
        retain_on_delete=bool(record.get("retainOnDelete")),
        ignore_changes=record.get("ignoreChanges") or (),
        region=properties.get("region", provider.get("region", "")),
        default_tags=default_tags(provider),
        secrets_told=secrets_told,
        position=record.get("sourcePosition") or "",
    )


def default_tags(provider: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the tags that a provider adds, by its inputs."""
    tags = provider.get("defaultTags") or {}
    if isinstance(tags, str):  # Pulumi writes a provider's objects as JSON text
        tags = read(json.loads(tags))
    tags = tags.get("tags") if isinstance(tags, Mapping) else None
    return tags if isinstance(tags, Mapping) else {}


def records_of(document: Any, where: str) -> list[Mapping[str, Any]]:
    """Return the resources of a document: a checkpoint, or `pulumi preview --json`.

    Raises:
        ConfigurationError: It is neither.
    """
    if isinstance(document, Mapping):
        steps = document.get("steps")
        if isinstance(steps, list):
            # A replacement is several steps of one URN, of which the last has the goal.
            latest = {
                step["urn"]: step["newState"]
                for step in steps
                if isinstance(step, Mapping) and step.get("newState")
            }
            return list(latest.values())
        deployment = document.get("deployment") or document.get("checkpoint", {}).get("latest")
        if isinstance(deployment, Mapping):
            return list(deployment.get("resources") or ())
    raise ConfigurationError(
        f"cannot check {where}",
        why="it is neither a checkpoint (pulumi stack export) nor a preview (pulumi preview "
        "--json)",
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)


def _distinctive(text: str) -> bool:
    """Tell whether a text is an id or ARN rather than a name that could mean many things."""
    return text.startswith(("arn:", "https://")) or bool(_ID.fullmatch(text))


_ID = re.compile(r"[a-z]+-[0-9a-f]{8,17}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
