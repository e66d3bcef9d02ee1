"""Keeps secrets out of everything that is shown."""

import threading
from typing import Any

from platformctl.engine import assets, wire
from platformctl.engine.references import describe_reference
from platformctl.plugin.values import (
    Archive,
    Asset,
    PropertyValue,
    ResourceReference,
    Secret,
    Unknown,
)

MASK = "[secret]"
# Shorter texts occur by chance everywhere; replacing them would spoil the output.
SHORTEST = 4


class Masking:
    """Knows the secret texts that occurred, and takes them out of messages."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def learn(self, value: PropertyValue) -> None:
        """Remember every secret text in a value."""
        if isinstance(value, Secret):
            self._learn_all(value.value)
        elif isinstance(value, dict):
            for item in value.values():
                self.learn(item)
        elif isinstance(value, list):
            for item in value:
                self.learn(item)

    def _learn_all(self, value: PropertyValue) -> None:
        if isinstance(value, str):
            if len(value) >= SHORTEST:
                with self._lock:
                    self._known.add(value)
        elif isinstance(value, Secret):
            self._learn_all(value.value)
        elif isinstance(value, dict):
            for item in value.values():
                self._learn_all(item)
        elif isinstance(value, list):
            for item in value:
                self._learn_all(item)

    def clean(self, text: str) -> str:
        """Return a message with every known secret replaced by `[secret]`."""
        with self._lock:
            known = sorted((each for each in self._known if each in text), key=len, reverse=True)
        for secret in known:
            text = text.replace(secret, MASK)
        return text


def shown(value: PropertyValue) -> Any:
    """Return a property value as JSON for display, secrets masked."""
    if isinstance(value, str | int | float) or value is None:
        return value
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    return _shown_leaf(value)


def _shown_leaf(value: PropertyValue) -> Any:
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, Unknown):
        return wire.UNKNOWN_STRING
    if isinstance(value, Asset | Archive):
        return assets.describe(value)
    if isinstance(value, ResourceReference):
        return describe_reference(value)
    raise TypeError(f"not a property value: {type(value).__name__}")
