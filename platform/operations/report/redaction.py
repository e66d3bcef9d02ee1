"""Keeping secrets out of what is shown to everybody, wherever they came from."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from platformctl.policies.values import is_credential, looks_secret

MASK = "[secret]"
_NAMED = re.compile(r"""(?<![\w.:/-])(?P<name>[\w.-]+)["']?\s*[=:]\s*["']?""")
_VALUE = re.compile(r"""[^\s"',;&}]+""")


def redacted(value: Any, name: str = "") -> Any:
    """Return a value as JSON has it, without what looks like a secret by its name or its looks.

    Args:
        value: The value.
        name: What it is called where it stands.
    """
    if isinstance(value, Mapping):
        return {str(key): redacted(each, str(key)) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [redacted(each, name) for each in value]
    if looks_secret(name) and value not in (None, "") and not isinstance(value, bool):
        return MASK
    return redacted_text(value) if isinstance(value, str) else value


def redacted_text(text: str) -> str:
    """Return a text, such as a line of a log, without the values of secrets that it names."""
    parts, at = [], 0
    for named in _NAMED.finditer(text):
        value = _VALUE.match(text, named.end())
        if named.start() < at or value is None or not looks_secret(named["name"]):
            continue
        parts += [text[at : value.start()], MASK]
        at = value.end()
    words = "".join([*parts, text[at:]]).split(" ")
    return " ".join(MASK if is_credential(word) else word for word in words)
