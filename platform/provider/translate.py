"""Property names and shapes to and from the API's, guided by botocore's model and Pulumi's schema.

Pulumi writes `healthCheckPath`, botocore `HealthCheckPath`, ECS `healthCheckPath`: they match when
letters and digits are the same, whatever the case, or one is the other's plural. Pulumi also
flattens lists that hold at most one item to that item; the shape on the other side tells when.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from platformctl.plugin.values import Asset
from platformctl.provider import schema

LIFT = "^"
"""Marks a nested input whose members are members of the level above in the API."""


class UnsentInputError(Exception):
    """An input has no place in the call and is not listed as having none."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def plain(name: str) -> str:
    """Return letters and digits of a name in lower case."""
    return "".join(filter(str.isalnum, name)).lower()


def match(name: str, members: Iterable[str]) -> str | None:
    """Return the member that a property name means, None if there is none."""
    index = {plain(member): member for member in members}
    wanted = plain(name)
    variants = [wanted, wanted + "s", wanted + "es"]
    if wanted.endswith("ies"):
        variants.append(wanted[:-3] + "y")
    if wanted.endswith("y"):
        variants.append(wanted[:-1] + "ies")
    if wanted.endswith("es"):
        variants.append(wanted[:-2])
    if wanted.endswith("s"):
        variants.append(wanted[:-1])
    return next((index[variant] for variant in variants if variant in index), None)


class Names:
    """The listed exceptions of one row.

    Args:
        listed: Dotted property → member.
        silent: Dotted properties that are not sent; `*` at the end for all below.
    """

    def __init__(self, listed: Mapping[str, str], silent: Iterable[str] = ()) -> None:
        self.listed = listed
        self.silent = frozenset(silent)

    def is_silent(self, path: str) -> bool:
        """Tell whether an input is listed as having no local effect."""
        parts = path.split(".")
        above = (".".join(parts[:size]) + ".*" for size in range(1, len(parts) + 1))
        return path in self.silent or any(prefix in self.silent for prefix in above)

    def member(self, path: str, members: Iterable[str]) -> str | None:
        """Return the member for a dotted property path."""
        return self.listed.get(path) or match(path.rpartition(".")[2], members)


def to_api(value: Any, shape: Any, names: Names, path: str) -> Any:
    """Return a property value in the API's shape.

    Raises:
        UnsentInputError: A nested input has no member in the shape.
    """
    kind = shape.type_name
    if kind == "structure":
        return _structure(value, shape, names, path)
    if kind == "list":
        items = value if isinstance(value, list) else [value]
        return [to_api(item, shape.member, names, path) for item in items if item is not None]
    if kind == "map":
        return {key: to_api(item, shape.value, names, path) for key, item in value.items()}
    return _scalar(value, kind)


def _structure(value: Any, shape: Any, names: Names, path: str) -> Any:
    members = shape.members
    if {"Quantity", "Items"} <= members.keys() and not isinstance(value, dict):
        items = to_api(value, members["Items"], names, path)
        return {"Quantity": len(items), "Items": items}
    if isinstance(value, list):
        value = value[0] if value else {}
    if not isinstance(value, dict):
        only = next(iter(members))
        return {only: to_api(value, members[only], names, path)}
    result: dict[str, Any] = {}
    for key, item in value.items():
        place(result, item, shape, names, f"{path}.{key}")
    if "Quantity" in members:  # CloudFront counts its lists
        result["Quantity"] = len(result.get("Items", ()))
    return result


def place(result: dict[str, Any], item: Any, shape: Any, names: Names, path: str) -> None:
    """Put one property where it belongs in a structure."""
    if item is None or names.is_silent(path):
        return
    member = names.member(path, shape.members)
    if member is None:
        raise UnsentInputError(path)
    if member == LIFT:
        nested = item[0] if isinstance(item, list) else item
        for inner, inner_item in (nested or {}).items():
            place(result, inner_item, shape, names, f"{path}.{inner}")
        return
    *parents, last = member.split(".")
    for parent in parents:
        result = result.setdefault(parent, {})
        shape = shape.members[parent]
    sent = to_api(item, shape.members[last], names, path)
    if sent == [] and shape.members[last].metadata.get("min", 0) > 0:
        return  # a list that may not be empty is left out instead
    if isinstance(sent, dict) and isinstance(result.get(last), dict):
        sent = {**result[last], **sent}  # two inputs that share a structure
    result[last] = sent


def _scalar(value: Any, kind: str) -> Any:  # noqa: PLR0911  # one return for each kind
    if kind in ("integer", "long"):
        return int(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if kind == "blob":
        return value if isinstance(value, bytes) else str(value).encode()
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if kind == "timestamp" else str(value)


def from_api(value: Any, kind: schema.Type, names: Names, path: str) -> Any:
    """Return a value of an API's answer as a property of a type; None if it says nothing."""
    if value is None:
        return None
    if schema.is_a(kind, "list"):
        if isinstance(value, dict):
            value = value.get("Items", []) if "Quantity" in value else [value]
        items = value if isinstance(value, list) else [value]
        return [from_api(item, schema.element(kind), names, path) for item in items]
    if schema.is_a(kind, "map"):
        return {
            key: from_api(item, schema.element(kind), names, path) for key, item in value.items()
        }
    if schema.is_a(kind, "object"):
        return _object(value, kind, names, path)
    return coerce(value, kind)


def _object(value: Any, kind: schema.Type, names: Names, path: str) -> Any:
    if isinstance(value, list):
        if not value:
            return None
        value = value[0]
    result = {}
    for key, inner in (schema.properties_of(kind) or {}).items():
        found = look_up(value, f"{path}.{key}", names)
        item = from_api(found, inner, names, f"{path}.{key}")
        if item is not None:
            result[key] = item
    return result


def look_up(value: Any, path: str, names: Names) -> Any:
    """Return what a description says about a property, None if nothing."""
    if not isinstance(value, dict):
        return None
    member = names.member(path, value.keys())
    if member == LIFT:
        return value
    for part in (member or "").split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return value if isinstance(value, Asset) else str(value)


def coerce(value: Any, kind: schema.Type) -> Any:
    """Return a scalar as a property of a type, as far as it can be one."""
    if kind == "string":
        return _text(value)
    if kind in ("integer", "number") and isinstance(value, str | float):
        number = float(value)
        return int(number) if number.is_integer() else number
    if kind == "boolean" and isinstance(value, str):
        return value.lower() == "true"
    return value
