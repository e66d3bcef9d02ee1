"""The interface between the engine and a resource provider.

One `Provider` instance serves one configured provider resource (one package, one set of
configuration values). The engine calls it from several threads at once. Secrets are already
revealed; `UNKNOWN` occurs in preview only. The verbs and their order are Pulumi's
(`provider.proto`): check → diff → create | update | delete, and read for refresh and import.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from platformctl.plugin.values import Properties


@dataclass(frozen=True)
class CheckFailure:
    """One input that is wrong.

    Attributes:
        property: Path of the input, such as `ingress[0].fromPort`; "" for the whole resource.
        reason: One sentence that names the value and what is allowed.
    """

    property: str
    reason: str


@dataclass(frozen=True)
class CheckResult:
    """Inputs with defaults and automatic names filled in, and what is wrong with them."""

    inputs: Properties
    failures: Sequence[CheckFailure] = ()


class DiffKind(StrEnum):
    """How one property differs; the values are Pulumi's."""

    ADD = "add"
    ADD_REPLACE = "add-replace"
    DELETE = "delete"
    DELETE_REPLACE = "delete-replace"
    UPDATE = "update"
    UPDATE_REPLACE = "update-replace"


@dataclass(frozen=True)
class DiffResult:
    """What a change of inputs means for a resource.

    Attributes:
        changes: Property path → kind of difference. Empty means nothing to do.
        replaces: Paths whose change needs a new resource.
        delete_before_replace: The new resource cannot exist beside the old one.
    """

    changes: dict[str, DiffKind] = field(default_factory=dict)
    replaces: Sequence[str] = ()
    delete_before_replace: bool = False


@dataclass(frozen=True)
class ResourceState:
    """A resource as it really is.

    Attributes:
        id: The provider's id; "" when the resource does not exist.
        inputs: The inputs that would describe it (used by refresh and import).
        outputs: Everything known about it, inputs included.
    """

    id: str
    inputs: Properties
    outputs: Properties


class ResourceOperationError(Exception):
    """A provider call failed.

    Attributes:
        reason: The provider's own message.
        partial: The state left behind when the resource exists although the call failed; the
            engine records it, so that nothing that was created is ever forgotten.
    """

    def __init__(self, reason: str, partial: ResourceState | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.partial = partial


@dataclass(frozen=True)
class Call:
    """What every provider call is told about the resource.

    Attributes:
        urn: The resource's URN.
        type: Its type token, such as `aws:ec2/vpc:Vpc`.
        name: Its logical name.
        preview: Nothing may be changed; outputs that are not known yet are `UNKNOWN` or absent.
        timeout: Seconds the call may take (from `customTimeouts`), or None for the default.
    """

    urn: str
    type: str
    name: str
    preview: bool = False
    timeout: float | None = None


class Provider(Protocol):
    """Create, read, update and delete the resources of one package.

    Every method but `diff` and `check` may raise `ResourceOperationError`.
    """

    def check(
        self, call: Call, old_inputs: Properties, new_inputs: Properties, random_seed: bytes
    ) -> CheckResult:
        """Validate and complete inputs; `random_seed` makes automatic names repeatable."""
        ...

    def diff(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> DiffResult:
        """Tell what applying `new_inputs` to the recorded resource would mean."""
        ...

    def create(self, call: Call, inputs: Properties) -> ResourceState:
        """Create the resource; in preview, return the outputs that can be foretold."""
        ...

    def read(
        self, call: Call, resource_id: str, inputs: Properties, outputs: Properties
    ) -> ResourceState:
        """Read the resource as it is now; `inputs` and `outputs` are empty for an import."""
        ...

    def update(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> ResourceState:
        """Change the resource in place; in preview, return the outputs that can be foretold."""
        ...

    def delete(self, call: Call, resource_id: str, inputs: Properties, outputs: Properties) -> None:
        """Delete the resource; deleting what is gone already succeeds."""
        ...

    def invoke(self, token: str, arguments: Properties, *, preview: bool) -> Properties:
        """Answer a data source such as `aws:index/getRegion:getRegion`."""
        ...


@runtime_checkable
class Finder(Protocol):
    """What a provider may offer besides `Provider`: finding a resource without knowing its id.

    After a crash in the middle of a create nobody knows the id of what was perhaps created. The
    engine then asks for it by the inputs alone and adopts what is found, so nothing is made twice.
    """

    def find(self, call: Call, inputs: Properties) -> ResourceState | None:
        """Look the resource up by its natural identity (its name, …); None if there is none."""
        ...


class ProviderFactory(Protocol):
    """Makes the provider for one configured provider resource."""

    def __call__(self, package: str, configuration: Properties) -> Provider:
        """Return the provider of `package` (`aws`, `random`, …) configured as given.

        Raises:
            KeyError: There is no provider for that package.
        """
        ...
