"""What is wrong with a stack file, and where to look for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from platformctl.config.base import Section
from platformctl.config.environment import EnvironmentConfig

Kind = TypeVar("Kind", bound=Section)


@dataclass(frozen=True)
class Mistake:
    """Something a stack file says that cannot be.

    Attributes:
        key: Where, such as `platform:vpc.cidr`.
        value: What it says.
        reason: What is allowed instead, as the end of a sentence.
    """

    key: str
    value: Any
    reason: str

    @property
    def section(self) -> str:
        """The key of the section that the mistake is in."""
        return self.key.rpartition(".")[0]

    def __str__(self) -> str:
        said = "" if self.value is None else f" is {_written(self.value)}"
        return f"{self.key}{said}: {self.reason}"


def _written(value: Any) -> str:
    """Return a value as a stack file has it: YAML knows no `True`."""
    return str(value).lower() if isinstance(value, bool) else repr(value)


Check = Callable[[EnvironmentConfig], Iterator[Mistake]]


def sections(config: EnvironmentConfig, kind: type[Kind]) -> Iterator[tuple[str, Kind]]:
    """Yield every section of a kind with its key, in whichever product it is."""
    for name, field in type(config).model_fields.items():
        value = getattr(config, name)
        if isinstance(value, Section):
            yield from _within(f"platform:{field.alias or name}", value, kind)


def _within(key: str, section: Section, kind: type[Kind]) -> Iterator[tuple[str, Kind]]:
    if isinstance(section, kind):
        yield key, section
    for name, field in type(section).model_fields.items():
        value, inner = getattr(section, name), f"{key}.{field.alias or name}"
        named = value.items() if isinstance(value, dict) else ()
        for place, found in ((inner, value), *((f"{inner}.{entry}", one) for entry, one in named)):
            if isinstance(found, Section):
                yield from _within(place, found, kind)
