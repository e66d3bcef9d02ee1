"""How the parts of an object belong together: which lists are sets, maps, or one whole.

Kubernetes' schemas say it (`x-kubernetes-list-type` and its relatives); server-side apply and
strategic merge patches go by it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from platformctl.kubernetes.schemas import NEWEST

DEFAULTS = {"protocol": "TCP"}
"""Members of list keys that may be left out, with what they mean then."""


@cache
def _definitions() -> Mapping[str, Any]:
    folder = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{NEWEST}.0-local-strict"
    return json.loads((folder / "_definitions.json").read_text())["$defs"]


@dataclass(frozen=True)
class Part:
    """What the schema says about one place in an object.

    Attributes:
        schema: Its schema; empty where nothing is known (custom kinds).
    """

    schema: Mapping[str, Any]

    @property
    def _resolved(self) -> Mapping[str, Any]:
        reference = self.schema.get("$ref")
        return _definitions().get(reference.rpartition("/")[2], {}) if reference else self.schema

    def member(self, name: str) -> "Part":
        """Return what is known about a member of an object."""
        schema = self._resolved
        found = (schema.get("properties") or {}).get(name)
        if found is None:
            more = schema.get("additionalProperties")
            found = more if isinstance(more, dict) else {}
        return Part(found)

    @property
    def item(self) -> "Part":
        """What is known about an item of a list."""
        return Part(self.schema.get("items") or {})

    @property
    def keys(self) -> tuple[str, ...]:
        """Members that tell the items of a list apart; empty where the list is no map."""
        if self.schema.get("x-kubernetes-list-type") == "map":
            return tuple(self.schema["x-kubernetes-list-map-keys"])
        return ()

    @property
    def is_set(self) -> bool:
        """Whether a list is a set of plain values."""
        return self.schema.get("x-kubernetes-list-type") == "set"

    @property
    def whole(self) -> bool:
        """Whether an object can only be replaced as a whole."""
        return self.schema.get("x-kubernetes-map-type") == "atomic"

    @property
    def merge_key(self) -> str:
        """Member by which a strategic merge patch finds items; "" where it replaces the list."""
        if "merge" in str(self.schema.get("x-kubernetes-patch-strategy", "")):
            return self.schema.get("x-kubernetes-patch-merge-key", "")
        return ""


@cache
def part_of(api_version: str, kind: str) -> Part:
    """Return what is known about a kind; nothing about custom ones."""
    group, _, version = api_version.rpartition("/")
    for definition in _definitions().values():
        for known in definition.get("x-kubernetes-group-version-kind") or ():
            if known == {"group": group, "version": version, "kind": kind}:
                return Part(definition)
    return Part({})


def key_of(item: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """Return what tells an item of a list apart, as text."""
    return json.dumps({key: item.get(key, DEFAULTS.get(key)) for key in keys}, sort_keys=True)
