"""Steps of the engine's events as `pulumi preview --json` prints them."""

from typing import Any


def step_of(metadata: Any) -> dict[str, Any]:
    """Return the document of one step.

    Args:
        metadata: Metadata of a `ResourcePreEvent` or `ResOutputsEvent`.
    """
    step: dict[str, Any] = {
        "op": _word(metadata.op),
        "urn": metadata.urn,
        "provider": metadata.provider or "",
    }
    for key, state in (("oldState", metadata.old), ("newState", metadata.new)):
        if state is not None:
            step[key] = _state(state)
    if metadata.diffs:
        step["diffReasons"] = list(metadata.diffs)
    if metadata.keys:
        step["replaceReasons"] = list(metadata.keys)
    if metadata.detailed_diff:
        step["detailedDiff"] = {
            path: {"kind": _word(item.diff_kind), "inputDiff": item.input_diff}
            for path, item in metadata.detailed_diff.items()
        }
    return step


def _state(state: Any) -> dict[str, Any]:
    document = {
        "urn": state.urn,
        "custom": bool(state.custom),
        "id": state.id,
        "type": state.type,
        "inputs": state.inputs,
        "outputs": state.outputs,
        "parent": state.parent,
        "provider": state.provider,
    }
    return {key: value for key, value in document.items() if value not in ("", None)}


def _word(value: Any) -> str:
    return str(getattr(value, "value", value))
