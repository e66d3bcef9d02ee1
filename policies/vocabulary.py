"""The few shapes that most rules have, so that a rule is a declaration.

Every word returns a `Judge`. What holds for all of them: a value that is not known yet is
undetermined, never wrong; a number to compare with may be the name of a setting.
"""

from collections.abc import Callable, Iterator
from typing import Any

from platformctl.policies.rule import Judge, Problem, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING, UNKNOWN, Match, revealed
from platformctl.policies.view import ResourceView


def must(path: str, holds: Callable[[Any], bool], expected: str, *, missing: bool = False) -> Judge:
    """Every value at a path must satisfy a function.

    Args:
        path: Where; see `values.peek`.
        holds: The function.
        expected: What it asks for, in words.
        missing: Whether it is well where there is no value.
    """

    def run(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
        del settings
        yield from _judged(resource, path, holds, expected, missing)

    return Judge(run, (path,))


def _judged(
    resource: ResourceView, path: str, holds: Callable[[Any], bool], expected: str, missing: bool
) -> Iterator[Problem]:
    for match in resource.each(path):
        value = revealed(match.value)
        if value is UNKNOWN:
            yield Undetermined(path=match.path)
        elif not (missing if value is MISSING else holds(value)):
            yield Violation(path=match.path, found=match.value, expected=expected)


def true(path: str) -> Judge:
    """It must be switched on."""
    return must(path, lambda value: value is True, "true")


def not_true(path: str) -> Judge:
    """It must not be switched on."""
    return must(path, lambda value: value is not True, "false", missing=True)


def not_false(path: str) -> Judge:
    """It is on unless somebody switched it off, which they must not."""
    return must(path, lambda value: value is not False, "true", missing=True)


def one_of(path: str, *allowed: Any, missing: bool = False) -> Judge:
    """It must be one of these values."""
    expected = " or ".join(map(str, allowed))
    return must(path, lambda value: value in allowed, expected, missing=missing)


def none_of(path: str, *forbidden: Any) -> Judge:
    """It must be none of these values; nothing at all is well."""
    expected = "anything but " + " or ".join(map(str, forbidden))
    return must(path, lambda value: value not in forbidden, expected, missing=True)


def given(path: str, *others: str) -> Judge:
    """It must be set, or one of the others; a value that comes later counts as set."""
    paths = (path, *others)

    def run(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
        del settings
        found = [(each, match) for each in paths for match in resource.each(each)]
        if any(_set(match, each) for each, match in found):
            return
        unknown = [match.path for _, match in found if match.value is UNKNOWN]
        if unknown:
            yield Undetermined(path=unknown[0])
        else:
            yield Violation(path=path, expected=f"{' or '.join(paths)} to be set")

    return Judge(run, paths)


def _set(match: Match, path: str) -> bool:
    """Tell whether there is something; what comes later is, if it comes to this very place."""
    if revealed(match.value) is UNKNOWN:
        return match.path.count(".") == path.count(".")
    return _is_something(match.value)


def _is_something(value: Any) -> bool:
    return value is not MISSING and revealed(value) not in ("", [], {}, None)


def given_each(*paths: str) -> Judge:
    """Every place that these paths lead to must be set."""

    def run(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
        del settings
        for match in (match for path in paths for match in resource.each(path)):
            if match.value is UNKNOWN:
                yield Undetermined(path=match.path)
            elif not _is_something(match.value):
                yield Violation(path=match.path, found=match.value, expected="something")

    return Judge(run, paths)


def empty(path: str) -> Judge:
    """There must be nothing in it."""
    return must(path, lambda value: not value, "nothing", missing=True)


def holds_all(path: str, *wanted: str) -> Judge:
    """A list must hold all of these."""

    def run(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
        del settings
        value = resource.get(path)
        if value is UNKNOWN:
            yield Undetermined(path=path)
            return
        items = [] if value is MISSING else value
        absent = [each for each in wanted if each not in items]
        if absent and any(revealed(item) is UNKNOWN for item in items):
            yield Undetermined(path=path)
        elif absent:
            yield Violation(path=path, found=value, expected=f"{', '.join(wanted)} among them")

    return Judge(run, (path,))


def at_least(path: str, least: float | str, *, missing: float | None = None) -> Judge:
    """A number must not be smaller.

    Args:
        path: Where.
        least: The number, or the name of a setting.
        missing: What AWS takes where nothing is said; None where that is not enough anyway.
    """
    return _bounded(path, least, missing, lambda value, limit: value >= limit, "at least")


def at_most(path: str, most: float | str, *, missing: float | None = None) -> Judge:
    """A number must not be greater; see `at_least`."""
    return _bounded(path, most, missing, lambda value, limit: value <= limit, "at most")


def _bounded(
    path: str,
    bound: float | str,
    missing: float | None,
    compare: Callable[[float, float], bool],
    words: str,
) -> Judge:
    def run(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
        limit = getattr(settings, bound) if isinstance(bound, str) else bound
        fine = missing is not None and compare(missing, limit)
        yield from _judged(
            resource, path, lambda value: compare(float(value), limit), f"{words} {limit}", fine
        )

    return Judge(run, (path,))


def count_at_least(least: int, *paths: str) -> Judge:
    """The lists at these paths must together hold so many."""

    def run(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
        del settings
        values = [resource.get(path) for path in paths]
        if any(value is UNKNOWN for value in values):
            yield Undetermined(path=paths[0])
            return
        total = sum(len(value) for value in values if isinstance(value, list))
        if total < least:
            yield Violation(path=paths[0], found=values[0], expected=f"at least {least} of them")

    return Judge(run, paths)


def never(expected: str) -> Judge:
    """The resource must not exist."""

    def run(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
        del settings
        yield Violation(found=resource.type, expected=expected)

    return Judge(run, ())


def all_of(*judges: Judge) -> Judge:
    """Everything must hold."""

    def run(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
        for each in judges:
            yield from each(resource, settings)

    return Judge(run, tuple(path for each in judges for path in each.reads))


def any_of(*judges: Judge) -> Judge:
    """One of them must hold; what is wrong is told by the first."""

    def run(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
        found = [list(each(resource, settings)) for each in judges]
        if not all(found):
            return
        waiting = [each for problems in found for each in problems if _waits(problems)]
        yield from waiting[:1] or found[0]

    return Judge(run, tuple(path for each in judges for path in each.reads))


def where(condition: Judge, judge: Judge) -> Judge:
    """The second must hold where the first does."""

    def run(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
        yield from applied(condition, list(judge(resource, settings)), resource, settings)

    return Judge(run, (*condition.reads, *judge.reads))


def applied(
    condition: Judge, problems: list[Problem], resource: ResourceView, settings: Settings
) -> Iterator[Problem]:
    """Return problems as far as a condition holds; undetermined where that is not known."""
    against = list(condition(resource, settings))
    if not against:
        yield from problems
    elif problems and _waits(against):
        yield against[0]


def _waits(problems: list[Problem]) -> bool:
    """Tell whether problems are only a matter of not knowing yet."""
    return bool(problems) and all(isinstance(each, Undetermined) for each in problems)
