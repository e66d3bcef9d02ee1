"""Conditions of filter patterns: `$.status >= 500 && $.path = "/v1/*"`.

An expression is made of conditions with `&&`, `||` and parentheses. A condition says something
about a selector: in JSON events a path (`$.a.b[0]`), in space-delimited ones the name of a field.
"""

import fnmatch
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"\\]|\\.)*")
    |(?P<regex>%[^%]+%)
    |(?P<sign>&&|\|\||[()]|!=|<=|>=|=|<|>)
    |(?P<word>\$(?:[^\s()=<>!&|"\[]|\["[^"]*"\]|\[\d+\])*|[^\s()=<>!&|"%]+)
    )""",
    re.VERBOSE,
)
STEP = re.compile(r'\.([^.\[\]]+)|\[(\d+)\]|\["([^"]*)"\]|\[\'([^\']*)\'\]')
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
Event = Any
Predicate = Callable[[Event], bool]
MISSING = object()


class PatternError(ValueError):
    """A filter pattern that cannot be read; the message says why."""


@dataclass(frozen=True)
class Token:
    """One token: its kind (`text`, `regex`, `sign` or `word`) and what it says."""

    kind: str
    text: str


def tokens(expression: str) -> list[Token]:
    """Split an expression.

    Raises:
        PatternError: Something is no token.
    """
    found: list[Token] = []
    position, end = 0, len(expression.rstrip())
    while position < end:
        match = TOKEN.match(expression, position)
        if match is None or match.lastgroup is None:
            raise PatternError(f"cannot read {expression[position:].strip()!r}")
        found.append(Token(match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


def parse(expression: str, select: Callable[[str], Callable[[Event], Any]]) -> Predicate:
    """Return what an expression says of an event.

    Args:
        expression: Conditions with `&&`, `||` and parentheses.
        select: Turns a selector into a function from an event to a value, or to `MISSING`.

    Raises:
        PatternError: The expression cannot be read.
    """
    reader = _Reader(tokens(expression), select)
    predicate = reader.alternatives()
    if reader.ahead is not None:
        raise PatternError(f"{reader.ahead.text!r} is unexpected")
    return predicate


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, found: list[Token], select: Callable[[str], Callable[[Event], Any]]) -> None:
        self._tokens: Iterator[Token] = iter(found)
        self._select = select
        self.ahead: Token | None = next(self._tokens, None)

    def _next(self) -> Token:
        token = self.ahead
        if token is None:
            raise PatternError("the pattern ends too early")
        self.ahead = next(self._tokens, None)
        return token

    def _takes(self, text: str) -> bool:
        """Take a token if it is next."""
        if self.ahead is None or self.ahead.text.upper() != text:
            return False
        self._next()
        return True

    def alternatives(self) -> Predicate:
        parts = [self._all()]
        while self._takes("||"):
            parts.append(self._all())
        return lambda event: any(part(event) for part in parts)

    def _all(self) -> Predicate:
        parts = [self._one()]
        while self._takes("&&"):
            parts.append(self._one())
        return lambda event: all(part(event) for part in parts)

    def _one(self) -> Predicate:
        if self._takes("("):
            inner = self.alternatives()
            if not self._takes(")"):
                raise PatternError("a parenthesis is not closed")
            return inner
        return self._condition()

    def _condition(self) -> Predicate:
        selector = self._next()
        if selector.kind != "word":
            raise PatternError(f"{selector.text!r} is no selector")
        value_of = self._select(selector.text)
        if self._takes("IS"):
            return _is(value_of, self._next().text.upper())
        if self._takes("NOT"):
            if not self._takes("EXISTS"):
                raise PatternError("NOT must be followed by EXISTS")
            return lambda event: value_of(event) is MISSING
        sign = self._next().text
        if sign not in COMPARISONS:
            raise PatternError(f"{sign!r} is no comparison")
        return _compares(value_of, sign, self._next())


def _is(value_of: Callable[[Event], Any], word: str) -> Predicate:
    values = {"NULL": None, "TRUE": True, "FALSE": False}
    if word not in values:
        raise PatternError(f"IS must be followed by NULL, TRUE or FALSE, not {word!r}")
    return lambda event: value_of(event) is values[word]


def _compares(value_of: Callable[[Event], Any], sign: str, wanted: Token) -> Predicate:
    number = _number(wanted.text) if wanted.kind == "word" else None
    if sign in ("=", "!="):
        equal = _equal(wanted, number)
        same = sign == "="
        return lambda event: (value := value_of(event)) is not MISSING and equal(value) is same
    if number is None:
        raise PatternError(f"{sign} compares numbers, and {wanted.text!r} is none")
    return lambda event: _ordered(_number(value_of(event)), sign, number)


def _equal(wanted: Token, number: float | None) -> Callable[[Any], bool]:
    if wanted.kind == "regex":
        pattern = re.compile(wanted.text[1:-1])
        return lambda value: isinstance(value, str) and pattern.search(value) is not None
    text = wanted.text
    if wanted.kind == "text":
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    glob = re.compile(fnmatch.translate(text.replace("[", "[[]").replace("?", "[?]")))

    def equal(value: Any) -> bool:
        if number is not None:
            return _number(value) == number
        return isinstance(value, str) and glob.fullmatch(value) is not None

    return equal


def _ordered(value: float | None, sign: str, number: float) -> bool:
    if value is None:
        return False
    return {
        "<": value < number,
        "<=": value <= number,
        ">": value > number,
        ">=": value >= number,
    }[sign]


def _number(value: Any) -> float | None:
    """Return a number, None for what is none; truth values are none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def json_path(selector: str) -> Callable[[Event], Any]:
    """Return what finds `$.a.b[0]` in a JSON event.

    Raises:
        PatternError: The selector cannot be read.
    """
    if not selector.startswith("$"):
        raise PatternError(f"the selector {selector!r} must begin with $.")
    steps: list[str | int] = []
    position = 1
    while position < len(selector):
        match = STEP.match(selector, position)
        if match is None:
            raise PatternError(f"the selector {selector!r} cannot be read")
        index = match[2]
        steps.append(int(index) if index else next(part for part in match.groups() if part))
        position = match.end()
    return lambda event: _follow(event, steps)


def _follow(value: Any, steps: list[str | int]) -> Any:
    for step in steps:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return MISSING
            value = value[step]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return MISSING
    return value
