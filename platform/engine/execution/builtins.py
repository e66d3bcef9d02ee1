"""What the engine itself provides: provider resources, and the package `pulumi`."""

import uuid
from collections.abc import Callable, Sequence

from platformctl.engine.planning.decision import differences
from platformctl.engine.state.checkpoint import Checkpoint
from platformctl.engine.wire import STACK_REFERENCE_TYPE, STACK_TYPE
from platformctl.errors import PlatformError
from platformctl.plugin.provider import (
    Call,
    CheckFailure,
    CheckResult,
    DiffResult,
    Provider,
    ResourceOperationError,
    ResourceState,
)
from platformctl.plugin.values import UNKNOWN, Properties, Secret

ReadStack = Callable[[str], Checkpoint]
FindResource = Callable[[str], Properties | None]


class Recorded:
    """A provider of resources that exist in the state alone."""

    def check(
        self, call: Call, old_inputs: Properties, new_inputs: Properties, random_seed: bytes
    ) -> CheckResult:
        """Take any inputs."""
        del call, old_inputs, random_seed
        return CheckResult(new_inputs)

    def diff(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> DiffResult:
        """Compare the inputs; nothing ever needs a replacement."""
        del call, resource_id, old_outputs, ignore_changes
        return DiffResult(differences(old_inputs, new_inputs))

    def create(self, call: Call, inputs: Properties) -> ResourceState:
        """Give it an id."""
        return ResourceState("" if call.preview else str(uuid.uuid4()), inputs, inputs)

    def read(
        self, call: Call, resource_id: str, inputs: Properties, outputs: Properties
    ) -> ResourceState:
        """It is what is recorded."""
        del call
        return ResourceState(resource_id, inputs, outputs)

    def update(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> ResourceState:
        """It is what the program says."""
        del call, old_inputs, old_outputs, ignore_changes
        return ResourceState(resource_id, new_inputs, new_inputs)

    def delete(self, call: Call, resource_id: str, inputs: Properties, outputs: Properties) -> None:
        """There is nothing to delete."""

    def invoke(self, token: str, arguments: Properties, *, preview: bool) -> Properties:
        """Answer no question.

        Raises:
            ResourceOperationError: Always.
        """
        del arguments, preview
        raise ResourceOperationError(f"there is no function {token}")


class Unconfigured(Recorded):
    """A provider whose configuration is not known before deployment; serves previews.

    Args:
        partly: The provider with what of its configuration is known; it can judge inputs already.
    """

    def __init__(self, partly: Provider) -> None:
        self._partly = partly

    def check(
        self, call: Call, old_inputs: Properties, new_inputs: Properties, random_seed: bytes
    ) -> CheckResult:
        """Judge the inputs, which needs nothing to talk to."""
        return self._partly.check(call, old_inputs, new_inputs, random_seed)

    def create(self, call: Call, inputs: Properties) -> ResourceState:
        """Foretell nothing."""
        del call
        return ResourceState("", inputs, {})

    def invoke(self, token: str, arguments: Properties, *, preview: bool) -> Properties:
        """Refuse, as nothing can be asked yet.

        Raises:
            ResourceOperationError: Always.
        """
        del arguments, preview
        reason = f"{token} cannot be asked before its provider's configuration is known"
        raise ResourceOperationError(reason)


class PulumiPackage(Recorded):
    """The package `pulumi`: references to other stacks, and look-ups in this one.

    Args:
        read_stack: Returns the state of another stack by name.
        find_resource: Returns the outputs of a resource of this stack by URN.
    """

    def __init__(self, read_stack: ReadStack, find_resource: FindResource) -> None:
        self._read_stack = read_stack
        self._find_resource = find_resource

    def check(
        self, call: Call, old_inputs: Properties, new_inputs: Properties, random_seed: bytes
    ) -> CheckResult:
        """Refuse types that this package does not have."""
        del old_inputs, random_seed
        if call.type != STACK_REFERENCE_TYPE:
            failure = CheckFailure("", f"there is no resource type {call.type}")
            return CheckResult(new_inputs, [failure])
        return CheckResult(new_inputs)

    def read(
        self, call: Call, resource_id: str, inputs: Properties, outputs: Properties
    ) -> ResourceState:
        """Read the outputs of another stack."""
        del call, inputs, outputs
        found = self._outputs(resource_id)
        secret = sorted(name for name, value in found.items() if isinstance(value, Secret))
        state = {"name": resource_id, "outputs": found, "secretOutputNames": secret}
        return ResourceState(resource_id, {"name": resource_id}, state)

    def invoke(self, token: str, arguments: Properties, *, preview: bool) -> Properties:
        """Answer `readStackOutputs` and `getResource`.

        Raises:
            ResourceOperationError: There is no such function, stack or resource.
        """
        if token == "pulumi:pulumi:readStackOutputs":  # noqa: S105  # a function's name
            name = arguments["name"]
            return {"name": name, "outputs": self._outputs(name)}
        if token == "pulumi:pulumi:getResource":  # noqa: S105  # a function's name
            urn = arguments["urn"]
            state = self._find_resource(urn)
            if state is None:
                raise ResourceOperationError(f"there is no resource {urn}")
            return {"urn": urn, "id": state.get("id", UNKNOWN), "state": state}
        return super().invoke(token, arguments, preview=preview)

    def _outputs(self, name: str) -> Properties:
        """Return a stack's outputs; `<organization>/<project>/<stack>` is accepted as a name."""
        try:
            checkpoint = self._read_stack(name.rsplit("/", 1)[-1])
        except PlatformError as error:
            raise ResourceOperationError(f"the stack {name!r} cannot be read: {error}") from error
        for resource in checkpoint.resources:
            if resource.type == STACK_TYPE:
                return dict(resource.outputs)
        return {}
