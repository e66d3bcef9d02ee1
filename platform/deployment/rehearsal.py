"""A rehearsal: an environment's own configuration, deployed into a local region of its own.

The program and the stack file are those of the real environment, sizes included. Only four things
differ: nothing is protected from deletion, so that a rehearsal can be thrown away; counts can be
capped, as many tasks are many processes; what a real account has already, such as the domain's
hosted zone, is made; and state and region are kept apart from everything else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from platformctl.deployment.project import Project, StackConfiguration

COUNTS = frozenset(
    {
        "desired",
        "desiredCount",
        "maxCount",
        "maximum",
        "minCount",
        "minimum",
        "replicas",
        "standbyCount",
    }
)
"""Keys of a stack file that count tasks, pods or the nodes they are on."""
ADOPTED = frozenset({"hostedZoneId"})
"""Keys that name what the account has already; without them the program makes it."""


@dataclass(frozen=True)
class Rehearsal(Project):
    """A project whose environments live in a local region, whatever their stack files say.

    Attributes:
        stack: The environment that is rehearsed.
        most: Most tasks or pods of a service; None for as many as in reality.
    """

    stack: str
    most: int | None = None

    @property
    def data(self) -> Path:
        """Where state and region of the rehearsal are kept."""
        return super().data / "rehearsals" / self.stack

    def arguments(self, stack: str) -> str:
        """Return what a command says to mean the rehearsal."""
        return f"{stack} --target local"

    def is_local(self, stack: str) -> bool:
        """Tell that it is in a local region."""
        return stack == self.stack or super().is_local(stack)

    def configuration(self, stack: str) -> StackConfiguration:
        """Read a stack file; unprotect what it describes, make what it adopts, cap the counts."""
        read = super().configuration(stack)
        values = {key: self._rehearsed(value) for key, value in read.values.items()}
        unprotected = {
            f"{self.name}:rehearsal": "true",
            f"{self.name}:deletionProtection": "false",
        }
        return replace(read, values=values | unprotected)

    def _rehearsed(self, text: str) -> str:
        if not text.startswith(("{", "[")):
            return text
        return json.dumps(_rehearsed(json.loads(text), self.most))


def _rehearsed(value: Any, most: int | None) -> Any:
    if isinstance(value, Mapping):
        return {
            key: min(item, most) if most is not None and key in COUNTS else _rehearsed(item, most)
            for key, item in value.items()
            if key not in ADOPTED
        }
    if isinstance(value, list):
        return [_rehearsed(item, most) for item in value]
    return value
