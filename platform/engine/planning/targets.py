"""Which resources an operation is restricted to."""

import re
from collections.abc import Sequence


class Targets:
    """A set of URNs, given literally or with wildcards.

    `*` stands for any characters up to the next `::` or `$`, `**` for any characters at all.
    Everything is targeted if nothing was given.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self.patterns = tuple(patterns)
        self._expressions = [re.compile(_expression(pattern)) for pattern in patterns]

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def __contains__(self, urn: str) -> bool:
        if not self._expressions:
            return True
        return any(expression.fullmatch(urn) for expression in self._expressions)


def _expression(pattern: str) -> str:
    parts = re.split(r"(\*\*?)", pattern)
    translated = {"**": ".*", "*": r"(?:(?!::|\$).)*"}
    return "".join(translated.get(part) or re.escape(part) for part in parts)
