"""What a flag is, and how a parameter holds flags."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platformctl.errors import InvocationError, StateError

_NAME = re.compile(r"[a-z][a-zA-Z0-9_-]{0,63}")
_AUDIENCE = re.compile(r"[a-z][a-zA-Z0-9_-]*=\S.*")


@dataclass(frozen=True, kw_only=True)
class Flag:
    """One flag.

    Attributes:
        name: Its name in the code.
        enabled: Whether it is on for anybody.
        percentage: Share of the users that have it, besides its audience: 0 to 100.
        audience: `attribute=value`: whoever has one of them has it in any case.
    """

    name: str
    enabled: bool
    percentage: float = 0
    audience: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """Return the flag as JSON has it, without its name."""
        return {
            "enabled": self.enabled,
            "percentage": self.percentage,
            "audience": list(self.audience),
        }

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for everything that cannot be."""
        if not _NAME.fullmatch(self.name):
            yield f"the name is {self.name!r}: must be a small letter, then letters, digits, _, -"
        if not 0 <= self.percentage <= 100:
            yield f"the percentage is {self.percentage:g}: must be 0 to 100"
        for each in self.audience:
            if not _AUDIENCE.fullmatch(each):
                yield f"the audience {each!r} is not attribute=value, such as country=DE"


def require_usable(flag: Flag) -> None:
    """Insist that a flag can be set.

    Raises:
        InvocationError: It cannot; names every mistake.
    """
    mistakes = list(flag.mistakes())
    if mistakes:
        raise InvocationError(f"{flag.name} cannot be set", why="; ".join(mistakes))


@dataclass(frozen=True, kw_only=True)
class Flags:
    """The flags of a product at one moment.

    Attributes:
        revision: One more with every change; 0 for no flags at all.
        flags: By name.
    """

    revision: int
    flags: Mapping[str, Flag]

    def encode(self) -> str:
        """Return them as a parameter holds them."""
        flags = {name: flag.document() for name, flag in sorted(self.flags.items())}
        return json.dumps({"revision": self.revision, "flags": flags}, separators=(",", ":"))


NONE = Flags(revision=0, flags={})


def decode(text: str) -> Flags:
    """Return the flags of a parameter, also those that something else has written.

    Raises:
        StateError: It holds something else.
    """
    try:
        document = json.loads(text)
        flags = {
            name: Flag(
                name=name,
                enabled=bool(value["enabled"]),
                percentage=float(value.get("percentage", 0)),
                audience=tuple(map(str, value.get("audience") or ())),
            )
            for name, value in document["flags"].items()
        }
        return Flags(revision=int(document["revision"]), flags=flags)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StateError(
            "the flags cannot be read",
            why=f"what is kept is no document of flags: {error!r}",
            remedy="the next `platformctl flag set` publishes what it knows of",
        ) from error
