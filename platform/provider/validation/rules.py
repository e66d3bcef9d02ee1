"""The vocabulary of rules about inputs.

Rules about one value have a path (`validation/paths.py`) and judge every value it leads to. Rules
about several properties name them within one object: the inputs themselves, or every object that
`within` leads to. What is not given or not known yet breaks no rule about its value; a property
that is given but not known counts as given.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation import formats
from platformctl.provider.validation.paths import is_given, objects, values

SECRET = re.compile(r"password|token|secretString|secretBinary|privateKey", re.IGNORECASE)
_compiled = cache(re.compile)
Inputs = Mapping[str, Any]
Failures = Iterator[CheckFailure]


class Rule(Protocol):
    """A sentence about the inputs of a resource."""

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        ...


@dataclass(frozen=True)
class Row:
    """What is known about the inputs of one type.

    Attributes:
        source: The file of the official provider that the row follows, below `internal/service`.
        rules: The rules.
    """

    source: str
    rules: tuple[Rule, ...] = ()


def refused(place: str, value: Any, wanted: str) -> CheckFailure:
    """Return the failure of one value: the property, the value unless secret, what is allowed."""
    if SECRET.search(place):
        return CheckFailure(place, f"{place} must be {wanted}")
    said = f"{value!r}" if isinstance(value, str | int | float | bool) else "this"
    said = said if len(said) <= 120 else f"{said[:117]}…"
    return CheckFailure(place, f"{place} must be {wanted}, not {said}")


@dataclass(frozen=True)
class OneOf:
    """A value is one of these."""

    path: str
    allowed: tuple[str | int | float | bool, ...]

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        for place, value in values(inputs, self.path):
            if isinstance(value, str | int | float) and value not in self.allowed:
                yield refused(place, value, _listed(self.allowed))


def _listed(allowed: tuple[Any, ...]) -> str:
    shown = [str(each) for each in allowed[:12]]
    more = f" or one of {len(allowed) - len(shown)} more" if len(allowed) > len(shown) else ""
    return f"one of {', '.join(shown)}{more}"


@dataclass(frozen=True)
class Pattern:
    """A text follows a pattern from its first to its last character.

    Attributes:
        path: Where.
        pattern: The pattern.
        meaning: What it says, to follow "must be"; the pattern itself by default.
        never: The pattern is what the text must not contain.
    """

    path: str
    pattern: str
    meaning: str = ""
    never: bool = False

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        compiled = _compiled(self.pattern)
        for place, value in values(inputs, self.path):
            if not isinstance(value, str):
                continue
            fits = not compiled.search(value) if self.never else compiled.fullmatch(value)
            if not fits:
                yield refused(place, value, self.meaning or f"a text of the form {self.pattern}")


@dataclass(frozen=True)
class Length:
    """A text has so many characters; None is no limit."""

    path: str
    low: int | None = None
    high: int | None = None

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        for place, value in values(inputs, self.path):
            if isinstance(value, str) and not _within(len(value), self.low, self.high):
                wanted = f"{_between(self.low, self.high)} characters long"
                failure = refused(place, value, wanted)
                yield CheckFailure(place, f"{failure.reason} ({len(value)})")


@dataclass(frozen=True)
class Count:
    """A list or map has so many entries; None is no limit."""

    path: str
    low: int | None = None
    high: int | None = None

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        for place, value in values(inputs, self.path):
            if isinstance(value, list | dict) and not _within(len(value), self.low, self.high):
                limits = _between(self.low, self.high)
                yield CheckFailure(place, f"{place} must have {limits} entries, not {len(value)}")


@dataclass(frozen=True)
class Range:
    """A number, also one written as text, lies between two others; None is no limit."""

    path: str
    low: float | None = None
    high: float | None = None

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        for place, value in values(inputs, self.path):
            number = _number(value)
            if number is not None and not _within(number, self.low, self.high):
                yield refused(place, value, _between(self.low, self.high))


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _within(number: float, low: float | None, high: float | None) -> bool:
    return (low is None or number >= low) and (high is None or number <= high)


def _between(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high}"
    if high is None:
        return f"at least {low}"
    return f"between {low} and {high}" if low != high else f"exactly {low}"


@dataclass(frozen=True)
class Follows:
    """A text follows a grammar of `validation/formats.py`."""

    path: str
    format: formats.Format

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        for place, value in values(inputs, self.path):
            wrong = self.format(value) if isinstance(value, str) else None
            if wrong:
                yield refused(place, value, wrong)


@dataclass(frozen=True)
class AtMostOne:
    """Of these properties no two are given together."""

    properties: tuple[str, ...]
    within: str = ""

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        for place, item in objects(inputs, self.within):
            given = [each for each in self.properties if is_given(item, each)]
            if len(given) > 1:
                yield CheckFailure(
                    _join(place, given[1]),
                    f"{_and(place, given)} cannot be given together",
                )


@dataclass(frozen=True)
class AtLeastOne:
    """Of these properties one or more are given."""

    properties: tuple[str, ...]
    within: str = ""

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        for place, item in objects(inputs, self.within):
            if not any(is_given(item, each) for each in self.properties):
                one = f"{_join(place, self.properties[0])} is missing"
                several = f"one of {_and(place, self.properties, 'or')} must be given"
                sentence = one if len(self.properties) == 1 else several
                yield CheckFailure(_join(place, self.properties[0]), sentence)


@dataclass(frozen=True)
class ExactlyOne:
    """Of these properties one is given, and only one."""

    properties: tuple[str, ...]
    within: str = ""

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        yield from AtMostOne(self.properties, self.within).judge(inputs)
        yield from AtLeastOne(self.properties, self.within).judge(inputs)


@dataclass(frozen=True)
class Requires:
    """A property that is given needs others beside it."""

    property: str
    others: tuple[str, ...]
    within: str = ""

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        for place, item in objects(inputs, self.within):
            if not is_given(item, self.property):
                continue
            for other in self.others:
                if not is_given(item, other):
                    name = _join(place, other)
                    yield CheckFailure(name, f"{_join(place, self.property)} needs {name} too")


@dataclass(frozen=True)
class When:
    """Where a property has one of some values, others must be given or must not.

    Attributes:
        property: The property.
        values: The values; None stands for a property that is absent.
        needs: What must be given then.
        excludes: What must not be given then.
        within: Path to the objects judged.
        otherwise: The rule holds for every other value instead.
    """

    property: str
    values: tuple[Any, ...]
    needs: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    within: str = ""
    otherwise: bool = False

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        for place, item in objects(inputs, self.within):
            found = next(iter(values(item, self.property)), ("", None))[1]
            unknown = found is None and is_given(item, self.property)
            if unknown or (found in self.values) is self.otherwise:
                continue
            state = f"with {_join(place, self.property)} {_said(found)}"
            for each in self.needs:
                if not is_given(item, each):
                    name = _join(place, each)
                    yield CheckFailure(name, f"{name} must be given {state}")
            for each in self.excludes:
                if is_given(item, each):
                    name = _join(place, each)
                    yield CheckFailure(name, f"{name} cannot be given {state}")


def _said(value: Any) -> str:
    return "absent" if value is None else f"{value!r}"


@dataclass(frozen=True)
class Distinct:
    """A value is there only once among the items of a list."""

    path: str
    key: Callable[[Any], Any] = field(default=lambda value: value)

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        seen: set[Any] = set()
        for place, value in values(inputs, self.path):
            if self.key(value) in seen:
                yield CheckFailure(place, f"{place} is {value!r}, which is there already")
            seen.add(self.key(value))


@dataclass(frozen=True)
class Custom:
    """A rule that the vocabulary has no word for: a named function of the service's file."""

    function: Callable[[Inputs], Failures]

    def judge(self, inputs: Inputs) -> Failures:
        """Yield what breaks the rule."""
        yield from self.function(inputs)


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _and(place: str, names: Any, word: str = "and") -> str:
    full = [_join(place, each) for each in names]
    return f"{', '.join(full[:-1])} {word} {full[-1]}"
