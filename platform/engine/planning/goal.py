"""What the program asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from platformctl.plugin.values import Properties, PropertyValue


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A former identity of a resource: a whole URN, or the parts that were different.

    Attributes:
        urn: The former URN; the other fields are then unused.
        parent: URN of the former parent; "" where `no_parent` decides.
        no_parent: It had no parent.
    """

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A resource as the program wants it.

    Attributes:
        custom: A provider manages it; False for a component.
        provider: Reference `<urn>::<id>` to an explicit provider, or "".
        version: Version of the package, picks the default provider.
        protect: None where the program left it to the parent.
        retain_on_delete: None where the program left it to the parent.
        delete_before_replace: None where the provider decides.
        read_id: Set where the program only reads an existing resource.
        hooks: Names of hooks by kind (`BeforeCreate`, …).
        custom_timeouts: Seconds by verb.
    """

    type: str
    name: str
    custom: bool = True
    inputs: Properties = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    version: str = ""
    plugin_download_url: str = ""
    dependencies: Sequence[str] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    protect: bool | None = None
    retain_on_delete: bool | None = None
    delete_before_replace: bool | None = None
    ignore_changes: Sequence[str] = ()
    replace_on_changes: Sequence[str] = ()
    replace_with: Sequence[str] = ()
    replacement_trigger: PropertyValue = None
    deleted_with: str = ""
    import_id: str = ""
    read_id: PropertyValue = ""
    aliases: Sequence[Alias] = ()
    additional_secret_outputs: Sequence[str] = ()
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)
    hooks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    source_position: str = ""
