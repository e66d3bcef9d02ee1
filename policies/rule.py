"""What a rule is: its metadata, and one function that finds what is wrong.

A function gets a resource (or a whole stack) and the settings of the environment, and yields a
`Violation` for each thing that is wrong and an `Undetermined` for each that cannot be told yet.
Yielding nothing means that the resource complies. Whether a rule is about a resource at all is
said by its `types` and by `unless`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING
from platformctl.policies.view import ResourceView, StackView


class Severity(StrEnum):
    """How bad it is, in the words of pulumi-policy."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


LOW, MEDIUM, HIGH, CRITICAL = Severity


class Level(StrEnum):
    """What a violation does: nothing, a warning, or a refusal."""

    OFF = "off"
    ADVISORY = "advisory"
    MANDATORY = "mandatory"


OFF, ADVISORY, MANDATORY = Level


@dataclass(frozen=True, kw_only=True)
class Violation:
    """Something is wrong.

    Attributes:
        path: Property path; "" for the resource as a whole.
        found: What is there; masked when it is shown, if it is a secret.
        expected: What should be there, in words.
        urn: The resource, where a rule about a whole stack says which.
    """

    path: str = ""
    found: Any = MISSING
    expected: str
    urn: str = ""


@dataclass(frozen=True, kw_only=True)
class Undetermined:
    """It cannot be told yet, because a value is not known."""

    path: str
    urn: str = ""


Problem = Violation | Undetermined


@dataclass(frozen=True)
class Judge:
    """A function that judges a resource.

    Attributes:
        run: The function.
        reads: Every property path that it reads.
    """

    run: Callable[[ResourceView, Settings], Iterator[Problem]]
    reads: tuple[str, ...]

    def __call__(self, resource: ResourceView, settings: Settings) -> Iterator[Problem]:
        """Judge a resource."""
        return self.run(resource, settings)


def judge(
    *reads: str,
) -> Callable[[Callable[[ResourceView, Settings], Iterator[Problem]]], Judge]:
    """Make a function a `Judge` that reads these properties."""
    return lambda run: Judge(run, reads)


@dataclass(frozen=True, kw_only=True)
class _Described:
    """What every rule says about itself.

    Attributes:
        id: The file's name with hyphens.
        title: What is so when the rule is kept, as a sentence.
        why: What happens otherwise.
        fix: What to change, in the words of our components.
        severity: How bad a violation is.
        staging: What a violation does there; in `local` it never does more than warn.
        production: Likewise.
    """

    id: str
    title: str
    why: str
    fix: str
    severity: Severity
    staging: Level = MANDATORY
    production: Level = MANDATORY

    def level(self, environment: str) -> Level:
        """Return what a violation does in an environment; production's where it is not known."""
        if environment == "staging":
            return self.staging
        if environment == "local":
            return OFF if self.staging is OFF else ADVISORY
        return self.production


@dataclass(frozen=True, kw_only=True)
class Rule(_Described):
    """A rule about single resources.

    Attributes:
        types: Types that it is about; `aws:*` for all of a package.
        judge: Finds what is wrong.
        unless: The rule is not about resources that comply with this.
        before: Properties that break it, as an example.
        after: Properties that keep it.
        example_type: Type of the examples; the first of `types` by default.
    """

    types: Sequence[str]
    judge: Judge
    unless: Judge | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] | None = None
    example_type: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        """Every property path that it may read."""
        return (*self.judge.reads, *(self.unless.reads if self.unless else ()))


@dataclass(frozen=True, kw_only=True)
class StackRule(_Described):
    """A rule about a stack as a whole.

    Attributes:
        judge: Finds what is wrong; every problem says its resource.
        before: What breaks it, in words or as a program.
        after: What keeps it.
    """

    judge: Callable[[StackView, Settings], Iterator[Problem]]
    before: str = ""
    after: str = ""


AnyRule = Rule | StackRule
