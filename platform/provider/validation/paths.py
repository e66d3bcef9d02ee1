"""Paths to the values of inputs.

A path is a property's, with `[]` for every item of a list and `{}` for every value of a map:
`defaultActions[].redirect.port`, `tags{}`. A property that is not given, and a value that is not
known yet, are led to by no path.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from platformctl.plugin.values import UNKNOWN


@cache
def _steps(path: str) -> tuple[str, ...]:
    """Return the steps of a path: names, and the marks `[]` and `{}`."""
    marked = path.replace("[]", ".[]").replace("{}", ".{}")
    return tuple(step for step in marked.split(".") if step)


def values(inputs: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every value that a path leads to, with the place where it is (`rules[2].priority`)."""
    yield from _follow(inputs, _steps(path), "")


def _follow(value: Any, steps: tuple[str, ...], place: str) -> Iterator[tuple[str, Any]]:
    if value is None or value is UNKNOWN:
        return
    if not steps:
        yield place, value
        return
    step, rest = steps[0], steps[1:]
    if step == "[]":
        items = value if isinstance(value, list) else []
        for index, item in enumerate(items):
            yield from _follow(item, rest, f"{place}[{index}]")
    elif isinstance(value, dict):
        if step == "{}":
            for key, item in value.items():
                yield from _follow(item, rest, f"{place}.{key}")
        elif step in value:
            yield from _follow(value[step], rest, f"{place}.{step}" if place else step)


def is_given(inputs: Any, path: str) -> bool:
    """Tell whether a property is given, known or not.

    An empty list or text counts as not given; an empty object is a block that is there.
    """
    for step in path.split("."):
        if not isinstance(inputs, dict):
            return inputs is UNKNOWN
        inputs = inputs.get(step)
    return inputs is UNKNOWN or (inputs not in ([], "") and inputs is not None)


def objects(inputs: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object that a path leads to, with the place where it is."""
    for place, value in values(inputs, path):
        if isinstance(value, dict):
            yield place, value


def block(inputs: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a nested object, an empty one where it is not given or not known."""
    found = inputs.get(name)
    return found if isinstance(found, dict) else {}
