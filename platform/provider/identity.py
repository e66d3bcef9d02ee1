"""What the id of a resource is: five words, one for each habit of AWS and Pulumi.

`name()`                  the name is the id                      `analytics`
`assigned("Vpc.VpcId")`   the provider assigns it in its answer   `vpc-0a1b2c`
`parameter("bucket")`     an input is the id                      `platform-local-frontend`
`template("…{name}")`     it is put together from a template      `arn:aws:sns:…:alerts`
`joined("role", "name")`  it is inputs, joined                    `ingestion:allow-kafka`
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter
from typing import Any

import jmespath

from platformctl.provider.templates import fill


class Strategy(StrEnum):
    """The five words."""

    NAME = "name"
    ASSIGNED = "assigned"
    PARAMETER = "parameter"
    TEMPLATE = "template"
    JOINED = "joined"


@dataclass(frozen=True)
class Identity:
    """How the id of a resource comes about.

    Attributes:
        strategy: Which of the five words it is.
        template: Template of the id; for `assigned` the path in the answer of the create call.
    """

    strategy: Strategy
    template: str

    def from_inputs(self, values: Mapping[str, Any]) -> str | None:
        """Return the id as far as inputs determine it, None where AWS assigns it."""
        if self.strategy is Strategy.ASSIGNED:
            return None
        filled = fill(self.template, values)
        return None if filled is None else str(filled)

    def from_answer(self, answer: Any, values: Mapping[str, Any]) -> str | None:
        """Return the id of what a create call has made."""
        if self.strategy is Strategy.ASSIGNED:
            found = jmespath.search(self.template, answer)
            return str(found) if found else None
        return self.from_inputs(values)

    def to_inputs(self, resource_id: str) -> dict[str, str]:
        """Return the inputs that an id gives away (for imports); empty if it does not fit."""
        if self.strategy is Strategy.ASSIGNED:
            return {}
        pattern = "".join(
            re.escape(literal) + (f"(?P<{name.partition('|')[0]}>.+?)" if name else "")
            for literal, name, _, _ in Formatter().parse(self.template)
        )
        found = re.fullmatch(pattern, resource_id)
        hidden = {"region", "account"}
        return {k: v for k, v in found.groupdict().items() if k not in hidden} if found else {}

    @property
    def properties(self) -> tuple[str, ...]:
        """The inputs that make up the id."""
        if self.strategy is Strategy.ASSIGNED:
            return ()
        fields = (field for _, field, _, _ in Formatter().parse(self.template) if field)
        names = (name for field in fields for name in field.split("|"))
        return tuple(name for name in names if name not in ("region", "account"))


def name() -> Identity:
    """The name is the id."""
    return Identity(Strategy.NAME, "{name}")


def assigned(path: str) -> Identity:
    """The provider assigns the id; `path` leads to it in the answer of the create call."""
    return Identity(Strategy.ASSIGNED, path)


def parameter(which: str) -> Identity:
    """An input other than the name is the id."""
    return Identity(Strategy.PARAMETER, "{" + which + "}")


def template(text: str) -> Identity:
    """The id is put together from a template."""
    return Identity(Strategy.TEMPLATE, text)


def joined(*parts: str, separator: str = ":") -> Identity:
    """The id is inputs, joined."""
    return Identity(Strategy.JOINED, separator.join("{" + part + "}" for part in parts))
