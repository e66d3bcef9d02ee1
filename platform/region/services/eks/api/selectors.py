"""Label and field selectors: which objects a caller or another object means."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from platformctl.region.services.eks.api.status import malformed

Document = Mapping[str, Any]
_SET = re.compile(r"(\S+)\s+(in|notin)\s+\(([^)]*)\)")


def by_labels(text: str) -> Callable[[Document], bool]:
    """Return what tells whether an object fits a label selector such as `app=web,side!=green`."""
    parts = [part.strip() for part in re.split(r",(?![^(]*\))", text) if part.strip()]
    checks = [_label_check(part) for part in parts]
    return lambda document: all(check(document["metadata"].get("labels") or {}) for check in checks)


def _label_check(part: str) -> Callable[[Mapping[str, str]], bool]:
    match = _SET.fullmatch(part)
    if match is not None:
        key, word, values = match[1], match[2], {one.strip() for one in match[3].split(",")}
        return lambda labels: (labels.get(key) in values) == (word == "in")
    if "!=" in part:
        key, _, value = part.partition("!=")
        return lambda labels: labels.get(key.strip()) != value.strip()
    if "=" in part:
        key, _, value = part.replace("==", "=").partition("=")
        return lambda labels: labels.get(key.strip()) == value.strip()
    if part.startswith("!"):
        return lambda labels: part[1:] not in labels
    return lambda labels: part in labels


def by_fields(text: str) -> Callable[[Document], bool]:
    """Return what tells whether an object fits a field selector such as `metadata.name=web`."""
    checks: list[tuple[list[str], str, bool]] = []
    for part in filter(None, text.split(",")):
        path, sign, value = re.split(r"(!=|==?)", part, maxsplit=1)
        if not sign:
            raise malformed(f"invalid field selector {part!r}")
        checks.append((path.split("."), value, sign == "!="))

    def fits(document: Document) -> bool:
        for path, value, unlike in checks:
            found: Any = document
            for step in path:
                found = found.get(step) if isinstance(found, Mapping) else None
            if ((found or "") == value) == unlike:
                return False
        return True

    return fits


def selects(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """Tell whether a label selector of an object (`matchLabels`, …) means these labels."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_expression(one, labels) for one in selector.get("matchExpressions") or ())


def _expression(one: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, values = labels.get(one["key"]), one.get("values") or ()
    match one["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None
