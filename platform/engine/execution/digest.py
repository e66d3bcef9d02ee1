"""The steps of a preview as `pulumi preview --json` prints them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from platformctl.engine.execution.masking import shown
from platformctl.engine.planning.decision import Operation
from platformctl.engine.state.checkpoint import encode_resource
from platformctl.engine.state.resource import Resource
from platformctl.plugin.provider import DiffKind


def step(
    operation: Operation,
    old: Resource | None,
    new: Resource | None,
    causes: Sequence[str],
    changes: Mapping[str, DiffKind],
) -> dict[str, Any]:
    """Return one step; secrets are masked, what is not known yet is Pulumi's sentinel."""
    resource = new or old
    if resource is None:
        raise ValueError("a step is about an old or a new resource")
    document: dict[str, Any] = {"op": operation.value, "urn": resource.urn}
    if resource.provider:
        document["provider"] = resource.provider
    for key, state in (("oldState", old), ("newState", new)):
        if state is not None:
            document[key] = _state(state)
    if changes:
        document["diffReasons"] = changed_properties(changes)
    if causes:
        document["replaceReasons"] = list(causes)
    document["detailedDiff"] = {
        path: {"kind": kind.value, "inputDiff": True} for path, kind in changes.items()
    } or None
    return document


def changed_properties(changes: Mapping[str, DiffKind]) -> list[str]:
    """Return the top-level properties that a detailed diff is about."""
    return sorted({path.split(".", 1)[0].split("[", 1)[0] for path in changes})


def _state(resource: Resource) -> dict[str, Any]:
    visible = replace(resource, inputs=shown(resource.inputs), outputs=shown(resource.outputs))
    return encode_resource(visible, None)
