"""Templates: values in which `{name}` stands for something known about a resource.

`{one|other}` stands for the first of them that has a value.
"""

import re
from collections.abc import Mapping
from typing import Any

from platformctl.plugin.values import UNKNOWN, contains

NAME = re.compile(r"\{([\w|]+)\}")


def fill(template: Any, values: Mapping[str, Any]) -> Any:
    """Return a template with its names replaced.

    Returns:
        The filled value; None when a name in it has no value, `UNKNOWN` when one is not known
        yet. In lists and dicts, items without a value are left out.
    """
    if isinstance(template, str):
        return _text(template, values)
    if isinstance(template, Mapping):
        filled = {key: fill(item, values) for key, item in template.items()}
        return {key: item for key, item in filled.items() if item is not None}
    if isinstance(template, list | tuple):
        items = [fill(item, values) for item in template]
        return [item for item in items if item is not None]
    return template


def _text(template: str, values: Mapping[str, Any]) -> Any:
    whole = NAME.fullmatch(template)
    if whole:
        return _first(whole[1], values)
    found = [_first(name, values) for name in NAME.findall(template)]
    if any(value is None for value in found):
        return None
    if any(contains(value, type(UNKNOWN)) for value in found):
        return UNKNOWN
    return NAME.sub(lambda match: str(_first(match[1], values)), template)


def _first(names: str, values: Mapping[str, Any]) -> Any:
    found = (values.get(name) for name in names.split("|"))
    return next((value for value in found if value is not None), None)
