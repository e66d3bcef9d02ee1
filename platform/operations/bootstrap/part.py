"""The parts of a bootstrap: each looks at what is there and says what is missing or has drifted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Action(StrEnum):
    """What has to be done."""

    CREATE = "create"
    REPAIR = "repair"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Something that is not as it must be.

    Attributes:
        part: What it is about, such as `state bucket`.
        action: Whether it is missing or has drifted.
        detail: What exactly, one clause.
        mend: Puts it right.
    """

    part: str
    action: Action
    detail: str
    mend: Callable[[], Any] = field(compare=False, repr=False)


class Part(Protocol):
    """One thing that must be there."""

    name: str

    def look(self) -> Sequence[Difference]:
        """Return what is missing or has drifted, in the order in which it must be mended.

        What depends on something that is itself missing is found by the next look.
        """
        ...
