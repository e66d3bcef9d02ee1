"""The provider of package `aws` in the local region: the table, behind the engine's interface."""

import json
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.errors import ResourceError
from platformctl.plugin.provider import (
    Call,
    CheckFailure,
    CheckResult,
    DiffResult,
    ResourceOperationError,
    ResourceState,
)
from platformctl.plugin.values import Properties
from platformctl.provider import check, diff, handler, invokes, registry, schema
from platformctl.provider.context import Context
from platformctl.provider.models import input_shape
from platformctl.provider.spec import ResourceSpec

REGION = "us-east-1"


class AwsProvider:
    """Resources and data sources of package `aws` for one provider resource.

    Args:
        clients: Makes boto3 clients; None where nothing but a preview is wanted (offline).
        configuration: The provider's configuration: `region`, `defaultTags`, `ignoreTags`; what
            else the official provider knows (profiles, roles, endpoints) means nothing locally.
    """

    def __init__(self, clients: Clients | None, configuration: Properties) -> None:
        self._clients = clients
        region = configuration.get("region")
        self._region = region if isinstance(region, str) and region else REGION
        tags = _structure(configuration.get("defaultTags"))
        self._default_tags: dict[str, str] = _structure(tags.get("tags"))

    def check(
        self, call: Call, old_inputs: Properties, new_inputs: Properties, random_seed: bytes
    ) -> CheckResult:
        """Validate and complete inputs."""
        try:
            spec = registry.spec(call.type)
        except ResourceError as error:
            return CheckResult(new_inputs, [CheckFailure("", f"{error}. {error.remedy}")])
        return check.check(spec, call.name, old_inputs, new_inputs, random_seed)

    def diff(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> DiffResult:
        """Tell what applying new inputs would mean; changed default tags count as `tagsAll`."""
        del resource_id
        spec = registry.spec(call.type)
        result = diff.diff(spec, old_inputs, new_inputs, ignore_changes, lambda: replacing(spec))
        if spec.tags is not None and "tagsAll" in old_outputs and not result.changes:
            wanted = self._tags(diff.ignoring(old_inputs, new_inputs, ignore_changes))
            defaults_differ = old_outputs["tagsAll"] != wanted
            if defaults_differ and not any(path.startswith("tags") for path in ignore_changes):
                kind = diff.DiffKind.UPDATE
                result = DiffResult({"tagsAll": kind})
        return result

    def create(self, call: Call, inputs: Properties) -> ResourceState:
        """Create the resource; in preview, foretell its outputs."""
        context = self._context(call, inputs)
        return handler.foretell(context) if call.preview else handler.create(context)

    def read(
        self, call: Call, resource_id: str, inputs: Properties, outputs: Properties
    ) -> ResourceState:
        """Read the resource as it is now."""
        context = self._context(call, dict(inputs), outputs=outputs, resource_id=resource_id)
        if self._clients is None:
            return ResourceState(resource_id, inputs, outputs)
        return handler.read(context)

    def update(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> ResourceState:
        """Change the resource in place; in preview, foretell its outputs."""
        wanted = diff.ignoring(old_inputs, new_inputs, ignore_changes)
        context = self._context(
            call, wanted, old=old_inputs, outputs=old_outputs, resource_id=resource_id
        )
        return handler.foretell_update(context) if call.preview else handler.update(context)

    def delete(self, call: Call, resource_id: str, inputs: Properties, outputs: Properties) -> None:
        """Delete the resource; what is gone already is fine."""
        context = self._context(call, inputs, old=inputs, outputs=outputs, resource_id=resource_id)
        handler.delete(context)

    def find(self, call: Call, inputs: Properties) -> ResourceState | None:
        """Look up what a killed create may have left behind."""
        return handler.find(self._context(call, dict(inputs)))

    def invoke(self, token: str, arguments: Properties, *, preview: bool) -> Properties:
        """Answer a data source."""
        del preview  # reading changes nothing
        return invokes.answer(token, arguments, self._region)

    def _tags(self, inputs: Properties) -> dict[str, Any]:
        tags = inputs.get("tags")
        return {**self._default_tags, **(tags if isinstance(tags, dict) else {})}

    def _context(
        self,
        call: Call,
        inputs: Properties,
        *,
        old: Properties | None = None,
        outputs: Properties | None = None,
        resource_id: str = "",
    ) -> Context:
        try:
            spec = registry.spec(call.type)
        except ResourceError as error:
            raise ResourceOperationError(str(error)) from error
        known = {**(outputs or {}), **inputs}
        region = known.get("region")
        return Context(
            spec=spec,
            clients=self._clients or _offline,
            region=region if isinstance(region, str) and region else self._region,
            inputs=inputs,
            old=old or {},
            outputs=dict(outputs or {}),
            tags=self._tags(inputs) if spec.tags is not None else {},
            id=resource_id,
            timeout=call.timeout,
        )


def _offline(service: str, region: str) -> Any:
    raise ResourceOperationError(
        f"this stack can only be previewed here: {service} in {region} is not reachable"
    )


def _structure(value: Any) -> dict[str, Any]:
    """Return a configuration value that Pulumi may have written as JSON text."""
    if isinstance(value, str) and value:
        value = json.loads(value)
    return dict(value) if isinstance(value, Mapping) else {}


@cache
def _replacing(token: str) -> frozenset[str]:
    spec = registry.spec(token)
    updatable: set[str] = {"tags"} if spec.tags is not None else set()
    for step in spec.updates:
        updatable |= handler.update_properties(spec, step, partial(input_shape, spec.service))
    quiet = {path.removesuffix(".*") for path in spec.no_local_effect if "." not in path[:-2]}
    known = schema.resource(token).inputs
    return frozenset(known) - (updatable | quiet | set(spec.handled)) | set(spec.replace)


def replacing(spec: ResourceSpec) -> frozenset[str]:
    """Return the inputs of a row whose change needs a new resource."""
    return _replacing(spec.type)
