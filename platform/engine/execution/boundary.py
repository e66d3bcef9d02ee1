"""What a provider gets to see of property values, and how its answers are read.

Providers see plain values: no secret wrappers, the id in place of a resource reference, absolute
paths in place of relative ones. What comes back is matched against what was sent, so that a secret
input is a secret output and nothing machine-specific reaches the state.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from platformctl.plugin.values import (
    Archive,
    Asset,
    Properties,
    PropertyValue,
    ResourceReference,
    Secret,
    Unknown,
)


def plain(value: PropertyValue, base: Path) -> PropertyValue:
    """Return a value as a provider gets to see it; relative paths are below the folder `base`."""
    if isinstance(value, dict):
        return {key: plain(item, base) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, base) for item in value]
    if isinstance(value, Secret):
        return plain(value.value, base)
    if isinstance(value, ResourceReference):
        return value.urn if value.id is None else value.id
    if isinstance(value, Asset | Archive):
        return _absolute(value, base)
    return value


def _absolute(value: Asset | Archive, base: Path) -> Asset | Archive:
    if value.path is not None:
        return replace(value, path=str(base / value.path))
    if isinstance(value, Archive) and value.assets is not None:
        members = {name: _absolute(each, base) for name, each in value.assets.items()}
        return replace(value, assets=members)
    return value


def restored(answer: PropertyValue, sent: PropertyValue) -> PropertyValue:
    """Return a provider's answer with everything wrapped as it was in what was sent."""
    if isinstance(sent, Secret):
        inner = restored(answer, sent.value)
        return inner if isinstance(inner, Secret) else Secret(inner)
    if isinstance(answer, dict) and isinstance(sent, dict):
        return {key: restored(item, sent.get(key)) for key, item in answer.items()}
    if isinstance(answer, list) and isinstance(sent, list) and len(answer) == len(sent):
        return [restored(item, before) for item, before in zip(answer, sent, strict=True)]
    if isinstance(answer, Asset | Archive) and isinstance(sent, Asset | Archive):
        return sent if answer.hash == sent.hash else answer
    if isinstance(sent, ResourceReference) and answer in (sent.id, sent.urn):
        return sent
    return answer


def outputs_of(answer: Properties, inputs: Properties, secret_names: Sequence[str]) -> Properties:
    """Return a provider's outputs: secret where an input was, or where the program said so."""
    outputs: Properties = {key: restored(item, inputs.get(key)) for key, item in answer.items()}
    for name in secret_names:
        value = outputs.get(name)
        if value is not None and not isinstance(value, Secret | Unknown):
            outputs[name] = Secret(value)
    return outputs
