"""One resource as the state records it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from platformctl.engine import urn as urns
from platformctl.plugin.values import Properties, PropertyValue


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource as the state records it; the fields are those of Pulumi's `ResourceV3`.

    Attributes:
        custom: A provider manages it; False for a component.
        external: It was only read, never created by us.
        provider: Reference `<urn>::<id>` to the provider resource that manages it.
        delete: Superseded by a replacement, still to be deleted.
        pending_replacement: Deleted already; its replacement is still to be created.
        custom_timeouts: Seconds by verb (`create`, `update`, `delete`, `read`).
        hooks: Names of hooks by kind (`BeforeCreate`, …).
        unread: Fields of the checkpoint that this engine keeps without interpreting them.
    """

    urn: str
    type: str
    custom: bool = True
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    dependencies: Sequence[str] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    protect: bool = False
    external: bool = False
    delete: bool = False
    pending_replacement: bool = False
    taint: bool = False
    retain_on_delete: bool = False
    deleted_with: str = ""
    replace_with: Sequence[str] = ()
    replacement_trigger: PropertyValue = None
    import_id: str = ""
    additional_secret_outputs: Sequence[str] = ()
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)
    init_errors: Sequence[str] = ()
    ignore_changes: Sequence[str] = ()
    replace_on_changes: Sequence[str] = ()
    hooks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    created: str = ""
    modified: str = ""
    source_position: str = ""
    unread: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The logical name."""
        return urns.name_of(self.urn)

    @property
    def provider_urn(self) -> str:
        """URN of the provider resource, or ""."""
        return self.provider.rpartition("::")[0]

    @property
    def requirements(self) -> frozenset[str]:
        """URNs of everything that must exist for as long as this resource does."""
        named = {self.parent, self.provider_urn, self.deleted_with, *self.dependencies}
        for sources in self.property_dependencies.values():
            named.update(sources)
        named.discard("")
        return frozenset(named)

    def renamed(self, names: Mapping[str, str]) -> Self:
        """Return it with every URN it refers to replaced according to `names` (old → new)."""
        if not names or not (self.requirements | {*self.replace_with}) & names.keys():
            return self
        provider_urn, _, provider_id = self.provider.rpartition("::")
        provider_urn = names.get(provider_urn, provider_urn)
        return replace(
            self,
            parent=names.get(self.parent, self.parent),
            provider=f"{provider_urn}::{provider_id}" if self.provider else "",
            deleted_with=names.get(self.deleted_with, self.deleted_with),
            dependencies=[names.get(urn, urn) for urn in self.dependencies],
            replace_with=[names.get(urn, urn) for urn in self.replace_with],
            property_dependencies={
                key: [names.get(urn, urn) for urn in sources]
                for key, sources in self.property_dependencies.items()
            },
        )


@dataclass(frozen=True)
class PendingOperation:
    """Something that was begun and whose outcome is not known.

    Attributes:
        type: `creating`, `updating`, `deleting` or `reading`.
        resource: The resource as it would have been recorded.
    """

    type: str
    resource: Resource
