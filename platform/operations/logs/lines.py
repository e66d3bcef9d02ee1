"""Lines of a log as people read them: applications log documents of JSON, one a line."""

import json
from collections.abc import Mapping
from typing import Any

REQUEST = ("method", "path", "status")
"""What a line about a request must say, or nobody can tell which one it is about."""


def readable(line: str) -> str:
    """Return a line of a log as `level logger: message`; itself where it is no such document.

    What it is about comes after it: the request, and the last line of an exception, which names it.
    """
    said = document(line)
    message = _text(said, "message", "event")
    if not message:
        return line
    written_by = (_text(said, "level"), _text(said, "logger", "service"))
    origin = " ".join(part for part in written_by if part)
    exception = _text(said, "exception", "error").splitlines()
    request = " ".join(str(said[name]) for name in REQUEST if said.get(name))
    return ": ".join(part for part in (origin, message, request, *exception[-1:]) if part)


def document(line: str) -> Mapping[str, Any]:
    """Return what a line says if it is a document of JSON; nothing where it is not."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(said: Mapping[str, Any], *names: str) -> str:
    """Return the first text that goes by one of these names; "" without any."""
    found = (said.get(name) for name in names)
    return next((text.strip() for text in found if isinstance(text, str) and text.strip()), "")
