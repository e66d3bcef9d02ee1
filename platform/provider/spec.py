"""The record that describes one resource type, and the small vocabulary it is written in.

A **template** is a value in which `{name}` stands for what is known about the resource: its id,
region, account and partition, its inputs and its outputs by Pulumi's names. A string that is
nothing but one such name stands for the value itself, whatever its type; a parameter whose value
is not known is left out. Templates may be nested in lists and dicts.

A **path** is a JMESPath expression.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from platformctl.provider.identity import Identity

if TYPE_CHECKING:
    from platformctl.provider.context import Context

Function = Callable[["Context"], Any]
"""An exception to the table: a named function in the service's own file."""


class Fidelity(StrEnum):
    """How real a resource is in the local region."""

    LIVE = "live"
    API = "api"
    STATE = "state"


@dataclass(frozen=True)
class Ask:
    """One API call with exactly the parameters that are written down.

    Attributes:
        operation: The operation as boto3 names it, such as `describe_vpcs`.
        parameters: Member → template.
        path: Where in the answer the description is; the whole answer by default.
        service: botocore's service name where it is not the row's own.
    """

    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    path: str = "@"
    service: str = ""


@dataclass(frozen=True)
class Send:
    """One API call that carries inputs; those whose names match are found by themselves.

    Attributes:
        operation: The operation as boto3 names it, such as `create_vpc`.
        parameters: Further members → templates; they win over inputs.
        only: Inputs to send; all that match a member by default.
        leave: Inputs not to send although they match a member.
        changed_only: Send only what differs from before (updates).
    """

    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    only: tuple[str, ...] | None = None
    leave: tuple[str, ...] = ()
    changed_only: bool = False


@dataclass(frozen=True)
class Update:
    """A way to change something in place.

    Attributes:
        call: What to call.
        properties: Inputs whose change it applies; those its `Send` carries by default.
        on_create: Also call it right after creation when one of the inputs is given.
    """

    call: Send | Ask | Function
    properties: tuple[str, ...] = ()
    on_create: bool = False


@dataclass(frozen=True)
class Waiter:
    """What to wait for: the row's own description until a value at a path is as wanted.

    Attributes:
        path: Path into the description.
        success: Values that end the wait.
        failure: Values that end it as failed.
        delay: Seconds before the second look; doubles up to one second.
        timeout: Seconds in all, unless the program says otherwise with `customTimeouts`.
    """

    path: str
    success: tuple[Any, ...]
    failure: tuple[Any, ...] = ()
    delay: float = 0.05
    timeout: float = 300.0


@dataclass(frozen=True)
class Tagging:
    """How a service is told about tags, and how it tells them.

    Attributes:
        member: Member of the create call; "" where tags cannot be given there.
        form: `list` of key and value, `map`, or `specification` (EC2).
        add: Operation that adds tags; or a function that makes all tags what they should be.
        remove: Operation that removes tags by key; "" where `add` is such a function.
        resource: Parameters of both that say which resource.
        read: Path of the tags in the description, or the call that lists them.
        key: Name of a list item's key member.
        value: Name of a list item's value member.
        tags_member: Member of the adding operation.
        keys_member: Member of the removing operation.
        kind: EC2's name of the resource type.
    """

    member: str
    form: str
    add: str | Function
    remove: str
    resource: Mapping[str, Any]
    read: str | Ask
    key: str = "Key"
    value: str = "Value"
    tags_member: str = "Tags"
    keys_member: str = "TagKeys"
    kind: str = ""


@dataclass(frozen=True)
class Find:
    """How to look a resource up without its id: list, then compare inputs.

    Attributes:
        ask: The call that lists; its path leads to the list. Or a function that returns it.
        match: Inputs that must be as in the program, `tags` among them; a candidate is only
            accepted when at least one of them is given.
    """

    ask: Ask | Function
    match: tuple[str, ...]


@dataclass(frozen=True)
class Name:
    """The input that is named automatically (`<logical name>-<7 hex>`) when it is not given.

    Attributes:
        property: The input.
        limit: Longest name the service allows.
        lower: Lower case only.
    """

    property: str = "name"
    limit: int = 255
    lower: bool = False


@dataclass(frozen=True)
class ResourceSpec:
    """One Pulumi resource type: which calls make it, and how its names map to the API's.

    An input is *sent* (its name matches a member of a call), *mapped* (`names`), *handled* by a
    named function, or listed in `no_local_effect`; a test knows no fifth way. An input that no
    update applies replaces the resource.

    Attributes:
        type: Pulumi's type token.
        service: botocore's service name.
        identity: What the id is.
        fidelity: How real it is.
        create: The call that creates; None where creating is but remembering.
        answer: Path of the description in the answer of `create`; "" reads it with `read`.
        read: The call that describes; a function returns the description or None.
        gone: Path into the description that is true for what only looks as if it existed.
        updates: What can be changed in place.
        delete: The call that deletes.
        names: Input (dotted when nested) → member (dotted when nested deeper). `^` lifts the
            members of a nested input to the level above.
        reads: Output → path into the description, where it is not by the input's member.
        unread: Inputs that cannot be read back: what the program said stays.
        computed: Members of nested inputs (dotted) that AWS fills in: `vpcConfig.vpcId`.
        outputs: Output → template.
        defaults: Input → value it has when it is not given.
        name: The input that is named automatically.
        replace: Inputs whose change replaces although an update could send them.
        handled: Inputs that the row's functions deal with.
        no_local_effect: Inputs (dotted when nested, `*` at the end for all below) that are only
            recorded.
        delete_first: A replacement cannot exist beside what it replaces.
        tags: How it is tagged.
        created: What to wait for after creating.
        updated: What to wait for after updating.
        deleted: Wait until it cannot be described any more.
        find: How to find it when its id is not known.
        note: A remark for the fidelity page.
        sends: Calls that carry inputs from inside the row's functions.
    """

    type: str
    service: str
    identity: Identity
    fidelity: Fidelity
    create: Send | Ask | Function | None = None
    answer: str = ""
    read: Ask | Function | None = None
    gone: str = ""
    updates: tuple[Update, ...] = ()
    delete: Ask | Function | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    reads: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    name: Name | None = None
    replace: tuple[str, ...] = ()
    handled: tuple[str, ...] = ()
    no_local_effect: tuple[str, ...] = ()
    delete_first: bool = False
    tags: Tagging | None = None
    created: Waiter | None = None
    updated: Waiter | None = None
    deleted: bool = False
    find: Find | None = None
    note: str = ""
    sends: tuple[Send, ...] = ()

    @property
    def calls(self) -> tuple[Send | Ask | Function, ...]:
        """Every call of the row that carries inputs or could."""
        first = () if self.create is None else (self.create,)
        return (*first, *self.sends, *(update.call for update in self.updates))
