"""JSON with values in it that are known later, such as policies with ARNs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi


def json_document(value: Any) -> pulumi.Output[str]:
    """Return a value of dicts, lists, plain values and outputs as JSON.

    `pulumi.Output.json_dumps` gives the same text, but makes an output of each plain value as well:
    of a stack with hundreds of policies and task definitions that is a tenth of all its time.

    Args:
        value: The value; outputs may be anywhere in it, except as keys.

    Returns:
        The text; secret if an output in it is, unknown as long as one of them is.
    """
    outputs: list[pulumi.Output[Any]] = []
    marked = _marked(value, outputs)
    # What JSON cannot write is a place; what is known of it by then is written there.
    return pulumi.Output.all(*outputs).apply(
        lambda known: json.dumps(marked, default=lambda place: known[place.number])
    )


class _Place:
    """Where an output goes."""

    def __init__(self, number: int) -> None:
        self.number = number


def _marked(value: Any, outputs: list[pulumi.Output[Any]]) -> Any:
    """Return a value with a place for each output in it, and take note of the outputs."""
    if isinstance(value, pulumi.Output):
        outputs.append(value)
        return _Place(len(outputs) - 1)
    if isinstance(value, Mapping):
        return {key: _marked(each, outputs) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_marked(each, outputs) for each in value]
    return value
