"""Waivers: who decided that a rule need not be kept somewhere, why, and until when.

They come from two places, and all of them are in every report:

- the program: `policies.waive(resource, rule, reason=…, owner=…, until=…)` makes a component of
  type `platformctl:policy:Waiver` below the resource. A component needs no provider, and every
  engine, preview and checkpoint shows it, so the waiver travels with the stack;
- a reviewed file, `policies/waivers.yaml`.

Reason, owner and expiry are mandatory, the expiry at most 180 days ahead, and a rule is named in
full. A waiver that has expired waives nothing; one that matches nothing is itself a finding.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from platformctl.errors import ConfigurationError
from platformctl.policies.packs import GROUP_OF
from platformctl.policies.values import MISSING, UNKNOWN
from platformctl.policies.view import ResourceView, StackView

LONGEST_DAYS = 180
WARNING_DAYS = 14
TYPE = "platformctl:policy:Waiver"
_KEYS = ("rule", "resource", "reason", "owner", "until")
_OPTIONAL = ("environments", "ticket")


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """One waiver.

    Attributes:
        rule: Id of the rule.
        resource: URN of a resource or component (everything in it is meant), or a pattern with
            `*` of the names on the way to it (`analytics/analytics-database/*`).
        reason: Why it may be so.
        owner: Who answers for it.
        until: Last day on which it holds.
        environments: Where it holds; empty for everywhere.
        ticket: Where it is being worked on, or "".
        source: Where it is written: `program`, or the file.
    """

    rule: str
    resource: str
    reason: str
    owner: str
    until: dt.date
    environments: Sequence[str] = ()
    ticket: str = ""
    source: str = "program"

    def mistakes(self, today: dt.date) -> list[str]:
        """Return a sentence for each thing that a waiver may not say."""
        found = []
        if self.rule not in GROUP_OF:
            found.append(f"there is no rule {self.rule!r}")
        found += [f"it says no {key}" for key in ("reason", "owner") if not getattr(self, key)]
        if not self.resource.strip("*/ "):
            found.append("its resource is everything; name one, or a part of the names")
        if (self.until - today).days > LONGEST_DAYS:
            found.append(f"it holds until {self.until}, longer than {LONGEST_DAYS} days")
        return found

    def expired(self, today: dt.date) -> bool:
        """Tell whether it holds no longer."""
        return today > self.until

    def expires_soon(self, today: dt.date) -> bool:
        """Tell whether it has only two weeks to go."""
        return 0 <= (self.until - today).days <= WARNING_DAYS

    def covers(self, rule: str, resource: ResourceView, stack: StackView) -> bool:
        """Tell whether it is about this rule and this resource."""
        if rule != self.rule:
            return False
        if self.resource.startswith("urn:"):
            at: ResourceView | None = resource
            while at is not None:
                if at.urn == self.resource:
                    return True
                at = stack.by_urn.get(at.parent)
            return False
        return fnmatchcase(path_of(resource, stack), self.resource)

    def document(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "rule": self.rule,
            "resource": self.resource,
            "reason": self.reason,
            "owner": self.owner,
            "until": self.until.isoformat(),
            "environments": list(self.environments),
            "ticket": self.ticket,
            "source": self.source,
        }


def path_of(resource: ResourceView, stack: StackView) -> str:
    """Return the names on the way to a resource, the stack's own left out: `shop/shop-primary`."""
    names = [resource.name]
    at = stack.by_urn.get(resource.parent)
    while at is not None and at.type != "pulumi:pulumi:Stack":
        names.append(at.name)
        at = stack.by_urn.get(at.parent)
    return "/".join(reversed(names))


def declared(stack: StackView) -> list[Waiver]:
    """Return the waivers that the program made.

    Raises:
        ConfigurationError: One of them does not say what it must.
    """
    return [_declared(each) for each in stack.all(TYPE)]


def _declared(resource: ResourceView) -> Waiver:
    said = {key: resource.get(key) for key in ("rule", "reason", "owner", "until", "ticket")}
    said = {key: value for key, value in said.items() if value not in (MISSING, UNKNOWN)}
    return _waiver({**said, "resource": resource.parent}, "program", resource.name)


def load(file: Path, environment: str) -> list[Waiver]:
    """Return the waivers of a file that hold in an environment; none if there is no file.

    Raises:
        ConfigurationError: The file does not say what it must; names every mistake.
    """
    if not file.is_file():
        return []
    document = yaml.safe_load(file.read_text()) or {}
    entries = document.get("waivers") if isinstance(document, Mapping) else None
    if not isinstance(entries, list) or set(document) != {"waivers"}:
        raise ConfigurationError(f"cannot read {file.name}", why="it must be a list `waivers:`")
    waivers = [
        _waiver(entry, file.name, f"waiver {number}") for number, entry in enumerate(entries, 1)
    ]
    return [each for each in waivers if not each.environments or environment in each.environments]


def _waiver(said: Any, source: str, name: str) -> Waiver:
    said = said if isinstance(said, Mapping) else {}
    absent = [key for key in _KEYS if not said.get(key)]
    strange = [key for key in said if key not in (*_KEYS, *_OPTIONAL)]
    reasons = [f"it says no {key}" for key in absent]
    reasons += [f"it says {key!r}, which means nothing" for key in strange]
    until = said.get("until")
    if isinstance(until, str):
        try:
            until = dt.date.fromisoformat(until)
        except ValueError:
            reasons.append(f"{until!r} is not a day such as 2027-01-31")
    if reasons:
        raise ConfigurationError(f"{name} of {source} cannot be", why="; ".join(reasons))
    environments = tuple(said.get("environments") or ())
    return Waiver(**{**said, "until": until, "source": source, "environments": environments})
