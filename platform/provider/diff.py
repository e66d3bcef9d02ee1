"""What a change of inputs means: the properties that differ, and which of them replace."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from platformctl.plugin.provider import DiffKind, DiffResult
from platformctl.plugin.values import Properties
from platformctl.provider import compare
from platformctl.provider.spec import ResourceSpec

STEP = re.compile(r"""\["?([^\]"]+)"?\]|([^.\[\]]+)""")
AUTOMATIC = re.compile(r"-[0-9a-f]{7}$")


def diff(
    spec: ResourceSpec,
    old: Properties,
    new: Properties,
    ignore_changes: Sequence[str],
    replacing: Callable[[], frozenset[str]],
) -> DiffResult:
    """Compare recorded with wanted inputs.

    Args:
        spec: The row.
        old: Inputs as recorded.
        new: Inputs as the program wants them.
        ignore_changes: Property paths whose change does not count.
        replacing: Tells the inputs whose change needs a new resource; asked only if one differs.
    """
    wanted = ignoring(old, new, ignore_changes)
    different = [
        key
        for key in sorted(old.keys() | wanted.keys())
        if not compare.same(old.get(key), wanted.get(key), ordered=key in compare.ORDERED)
    ]
    if not different:
        return DiffResult()
    replacements = replacing()
    changes: dict[str, DiffKind] = {}
    for key in different:
        before, after = old.get(key), wanted.get(key)
        for path, old_part, new_part in parts(key, before, after):
            changes[path] = _kind(old_part, new_part, replace=key in replacements)
    replaces = [path for path in changes if STEP.findall(path)[0][1] in replacements]
    return DiffResult(changes, replaces, bool(replaces) and _in_the_way(spec, old, wanted))


def _kind(before: Any, after: Any, *, replace: bool) -> DiffKind:
    if before is None:
        return DiffKind.ADD_REPLACE if replace else DiffKind.ADD
    if after is None:
        return DiffKind.DELETE_REPLACE if replace else DiffKind.DELETE
    return DiffKind.UPDATE_REPLACE if replace else DiffKind.UPDATE


def parts(key: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield paths that differ, with old and new: members of objects one by one, else the whole."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield key, before, after
        return
    for member in sorted(before.keys() | after.keys()):
        left, right = before.get(member), after.get(member)
        if not compare.same(left, right, ordered=member in compare.ORDERED):
            simple = re.fullmatch(r"\w+", member)
            yield from parts(f"{key}.{member}" if simple else f'{key}["{member}"]', left, right)


def _in_the_way(spec: ResourceSpec, old: Properties, new: Properties) -> bool:
    """Tell whether the old resource must go first: both would have the same name."""
    if spec.delete_first:
        return True
    names = spec.identity.properties or (() if spec.name is None else (spec.name.property,))
    if not names or any(not compare.same(old.get(key), new.get(key)) for key in names):
        return False
    given = spec.name is None or not AUTOMATIC.search(str(new.get(spec.name.property)))
    return given or not set(names) <= {spec.name.property if spec.name else ""}


def ignoring(old: Properties, new: Properties, ignore_changes: Sequence[str]) -> Properties:
    """Return the new inputs with those paths that are to be ignored as they were."""
    result = new
    for path in ignore_changes:
        steps = [quoted or simple for quoted, simple in STEP.findall(path)]
        result = _kept(old, result, steps)
    return result


def _kept(old: Any, new: Any, steps: Sequence[str]) -> Any:
    if not steps:
        return old
    step, rest = steps[0], steps[1:]
    if isinstance(new, list) and isinstance(old, list):
        return [
            _kept(old[index], item, rest)
            if step in ("*", str(index)) and index < len(old)
            else item
            for index, item in enumerate(new)
        ]
    if not isinstance(new, dict):
        return new
    before = old if isinstance(old, dict) else {}
    keys = before.keys() | new.keys() if step == "*" else {step}
    result = dict(new)
    for key in keys:
        value = _kept(before.get(key), new.get(key), rest) if rest else before.get(key)
        if value is None:
            result.pop(key, None)
        else:
            result[key] = value
    return result
