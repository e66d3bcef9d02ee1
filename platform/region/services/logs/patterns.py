"""Filter patterns: which log events count, and what they say.

Three kinds, as CloudWatch Logs has them: terms (`ERROR -timeout ?warn`), JSON
(`{ $.level = "error" }`) and space-delimited (`[ip, user, status = 5*, ...]`).
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.region.services.logs.conditions import (
    MISSING,
    PatternError,
    Predicate,
    json_path,
    parse,
)

TERM = re.compile(r'([-?]?)("(?:[^"\\]|\\.)*"|%[^%]+%|\S+)')
FIELD = re.compile(r'"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\S+')
Extract = Callable[[str], Mapping[str, Any] | None]
"""Returns what an event says if it matches, None if it does not."""


@dataclass(frozen=True)
class Pattern:
    """A filter pattern.

    Attributes:
        extract: What an event says if it matches.
        value: Finds what a selector (`$.bytes`, `$bytes`) names in that.
    """

    extract: Extract
    value: Callable[[Mapping[str, Any], str], Any]


def compiled(pattern: str) -> Pattern:
    """Read a filter pattern.

    Raises:
        PatternError: It cannot be read.
    """
    text = pattern.strip()
    if text.startswith("{"):
        if not text.endswith("}"):
            raise PatternError("a JSON pattern must end with }")
        return Pattern(_json(parse(text[1:-1], json_path)), _json_value)
    if text.startswith("["):
        if not text.endswith("]"):
            raise PatternError("a space-delimited pattern must end with ]")
        return Pattern(_delimited(text[1:-1]), _field_value)
    return Pattern(_terms(text), lambda found, selector: MISSING)  # noqa: ARG005  # terms have no fields


def _json(predicate: Predicate) -> Extract:
    def extract(message: str) -> Mapping[str, Any] | None:
        try:
            event = json.loads(message)
        except ValueError:
            return None
        return event if isinstance(event, dict) and predicate(event) else None

    return extract


def _json_value(found: Mapping[str, Any], selector: str) -> Any:
    return json_path(selector)(found)


def _field_value(found: Mapping[str, Any], selector: str) -> Any:
    return found.get(selector.removeprefix("$"), MISSING)


def _terms(text: str) -> Extract:
    wanted: list[Callable[[str], bool]] = []
    unwanted: list[Callable[[str], bool]] = []
    optional: list[Callable[[str], bool]] = []
    lists = {"": wanted, "-": unwanted, "?": optional}
    for sign, term in TERM.findall(text):
        lists[sign].append(_contains(term))

    def extract(message: str) -> Mapping[str, Any] | None:
        if not all(has(message) for has in wanted) or any(has(message) for has in unwanted):
            return None
        # Beside terms that must be there, those that may be there decide nothing.
        if optional and not wanted and not any(has(message) for has in optional):
            return None
        return {}

    return extract


def _contains(term: str) -> Callable[[str], bool]:
    if term.startswith("%") and term.endswith("%") and len(term) > 2:
        pattern = re.compile(term[1:-1])
        return lambda message: pattern.search(message) is not None
    if term.startswith('"'):
        term = re.sub(r"\\(.)", r"\1", term[1:-1])
    return lambda message: term in message


def _delimited(text: str) -> Extract:
    fields = [part.strip() for part in text.split(",")]
    names: list[str] = []
    predicates: list[Predicate] = []
    for number, field in enumerate(fields):
        if field == "...":
            names.append("...")
            continue
        match = re.match(r"[\w$.-]+", field)
        names.append(match[0] if match else f"_{number}")
        if match and match.end() < len(field):
            predicates.append(parse(field, _named))
    if names.count("...") > 1:
        raise PatternError("only one ... may stand in a pattern")

    def extract(message: str) -> Mapping[str, Any] | None:
        event = _assigned(names, FIELD.findall(message))
        if event is None or not all(predicate(event) for predicate in predicates):
            return None
        return event

    return extract


def _named(selector: str) -> Callable[[Any], Any]:
    return lambda event: event.get(selector, MISSING)


def _assigned(names: list[str], words: list[str]) -> dict[str, str] | None:
    """Give words their names; `...` stands for any number of words."""
    words = [word[1:-1] if word[:1] in '"[' and len(word) > 1 else word for word in words]
    if "..." not in names:
        return dict(zip(names, words, strict=True)) if len(names) == len(words) else None
    place = names.index("...")
    after = len(names) - place - 1
    if len(words) < len(names) - 1:
        return None
    first = zip(names[:place], words[:place], strict=True)
    rest = zip(names[place + 1 :], words[len(words) - after :], strict=True)
    return {**dict(first), **dict(rest)}
