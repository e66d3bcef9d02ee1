"""Durations as people type them."""

import re

from platformctl.errors import InvocationError

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(text: str, flag: str) -> float:
    """Read `500ms`, `30s`, `5m`, `2h` or `1d`; a bare number is seconds.

    Raises:
        InvocationError: It is none of these; names the flag.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?", text.strip())
    if match is None:
        raise InvocationError(
            f"cannot read {flag} {text!r}",
            why="a duration is a number and a unit: 500ms, 30s, 5m, 2h, 1d",
        )
    return float(match[1]) * UNITS[match[2] or "s"]
