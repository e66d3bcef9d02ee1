"""Property paths: `a.b[0]`, `a["x.y"]`, `*` for any key or index.

Used by the options `ignoreChanges` and `replaceOnChanges`.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from platformctl.plugin.values import Properties, PropertyValue, Secret

Path = tuple[str | int, ...]

WILDCARD = "*"
_MISSING = object()
_PART = re.compile(
    r"""\[\s*"((?:[^"\\]|\\.)*)"\s*\]   # ["a key"]
      | \[\s*(\d+|\*)\s*\]              # [0] or [*]
      | \.?([^.\[\]]+)                  # .key
    """,
    re.VERBOSE,
)


def parse(text: str) -> Path:
    """Split a property path into keys and indices.

    Raises:
        ValueError: It is not a property path.
    """
    parts: list[str | int] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            raise ValueError(f"not a property path: {text!r}")
        quoted, index, key = match.groups()
        if quoted is not None:
            parts.append(re.sub(r"\\(.)", r"\1", quoted))
        elif index is not None:
            parts.append(int(index) if index.isdigit() else index)
        else:
            parts.append(key)
        position = match.end()
    return tuple(parts)


def covers(pattern: Path, path: Path) -> bool:
    """Tell whether a pattern names a path or something that contains it."""
    return len(pattern) <= len(path) and all(map(_part_covers, pattern, path))


def touches(pattern: str, path: str, old: PropertyValue, new: PropertyValue) -> bool:
    """Tell whether a change at `path` changes what `pattern` names.

    Args:
        pattern: From the program's options.
        path: A path that differs, as the provider reported it; perhaps only its first part.
        old: The old properties.
        new: The new properties.
    """
    wanted, changed = parse(pattern), parse(path)
    if covers(wanted, changed):
        return True
    if not all(map(_part_covers, wanted, changed)):
        return False
    return list(_select(old, wanted)) != list(_select(new, wanted))


def keep_old(new: Properties, old: Properties, patterns: Sequence[str]) -> Properties:
    """Return `new` with everything that the patterns name as it is in `old`."""
    for pattern in patterns:
        new = _copied(new, old, parse(pattern))
    return new


def _part_covers(pattern: str | int, part: str | int) -> bool:
    return pattern in (WILDCARD, part)


def _open(value: PropertyValue) -> PropertyValue:
    return value.value if isinstance(value, Secret) else value


def _get(value: PropertyValue, part: str | int) -> Any:
    value = _open(value)
    if isinstance(value, dict):
        return value.get(part, _MISSING)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return _MISSING


def _select(value: PropertyValue, path: Path) -> Iterable[PropertyValue]:
    """Yield everything that a path names, wildcards expanded."""
    if not path:
        yield value
        return
    for part in _expand(path[0], value):
        item = _get(value, part)
        if item is not _MISSING:
            yield from _select(item, path[1:])


def _expand(part: str | int, *values: PropertyValue) -> list[str | int]:
    """Return the keys or indices that a part of a path stands for in the given values."""
    if part != WILDCARD:
        return [part]
    found: dict[str | int, None] = {}
    for value in map(_open, values):
        if isinstance(value, dict):
            found.update(dict.fromkeys(value))
        elif isinstance(value, list):
            found.update(dict.fromkeys(range(len(value))))
    return list(found)


def _copied(new: Any, old: Any, path: Path) -> Any:
    """Return a copy of `new` in which what `path` names is as in `old`."""
    if isinstance(new, Secret):
        return Secret(_copied(new.value, _open(old), path))
    if not isinstance(new, dict | list):
        return new
    copy: Any = dict(new) if isinstance(new, dict) else list(new)
    for part in _expand(path[0], new, old):
        before, now = _get(old, part), _get(copy, part)
        if len(path) > 1:
            if now is not _MISSING and before is not _MISSING:
                copy[part] = _copied(now, before, path[1:])
        elif before is not _MISSING:
            _put(copy, part, before)
        elif now is not _MISSING and isinstance(copy, dict):
            del copy[part]
    return copy


def _put(container: Any, part: str | int, value: Any) -> None:
    if isinstance(container, dict) or (isinstance(part, int) and part < len(container)):
        container[part] = value
