"""When two property values mean the same, although they are not written the same.

JSON documents are compared as data, IAM policies moreover with one string equal to a list of it;
lists are compared without regard to order unless order matters; `"8080"` equals `8080`; a missing
value equals an empty one.
"""

import json
from collections.abc import Mapping
from typing import Any

from platformctl.plugin.values import UNKNOWN, Archive, Asset

POLICY_LISTS = frozenset({"Action", "NotAction", "Resource", "NotResource"})
ORDERED = frozenset({"command", "entryPoint", "dbParameters", "widgets"})
"""Names of lists whose order matters."""


def same(left: Any, right: Any, *, subset: bool = False, ordered: bool = False) -> bool:
    """Tell whether two values mean the same.

    Args:
        left: One value.
        right: The other.
        subset: `right` may say more than `left`: members of objects that `left` does not name
            (what an API adds by itself), but not more list items.
        ordered: Lists are compared in order.
    """
    if left is UNKNOWN or right is UNKNOWN:
        return left is right
    if _empty(left) or _empty(right):
        return (subset and left is None) or (_empty(left) and _empty(right))
    left, right = _document(left), _document(right)
    if isinstance(left, dict) and isinstance(right, dict):
        return _dicts(left, right, subset)
    if isinstance(left, list) and isinstance(right, list):
        return _lists(left, right, subset, ordered)
    if isinstance(left, Asset | Archive) or isinstance(right, Asset | Archive):
        return getattr(left, "hash", left) == getattr(right, "hash", right)
    return _scalar(left) == _scalar(right)


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)


def _document(value: Any) -> Any:
    """Parse a JSON document given as text; everything else stays as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if isinstance(value, Mapping) and "Statement" in value:
        return _policy(value)
    return value


def _policy(document: Mapping[str, Any]) -> dict[str, Any]:
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    return {**document, "Statement": [_statement(item) for item in statements]}


def _statement(statement: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    result: dict[str, Any] = {}
    for key, value in statement.items():
        if key in POLICY_LISTS:
            result[key] = _listed(value)
        elif key in ("Principal", "NotPrincipal"):
            result[key] = _principal(value)
        elif key == "Condition" and isinstance(value, Mapping):
            result[key] = {
                operator: {name: _listed(item) for name, item in keys.items()}
                for operator, keys in value.items()
            }
        elif key != "Sid" or value:
            result[key] = value
    return result


def _principal(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {kind: _listed(who) for kind, who in value.items()}
    return {"AWS": ["*"]} if value == "*" else value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _dicts(left: dict[str, Any], right: dict[str, Any], subset: bool) -> bool:
    names = left.keys() if subset else left.keys() | right.keys()
    return all(
        same(left.get(name), right.get(name), subset=subset, ordered=name in ORDERED)
        for name in names
    )


def _lists(left: list[Any], right: list[Any], subset: bool, ordered: bool) -> bool:
    if len(left) != len(right):
        return False
    if ordered:
        return all(same(a, b, subset=subset) for a, b in zip(left, right, strict=True))
    rest = list(right)
    for item in left:
        found = next((i for i, other in enumerate(rest) if same(item, other, subset=subset)), None)
        if found is None:
            return False
        del rest[found]
    return True


def _scalar(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else value
