"""What a check found, as plain data; `formats` and the command line write it down."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from platformctl.policies.rule import AnyRule, Level, Severity
from platformctl.policies.waivers import Waiver


class Status(StrEnum):
    """What is the matter."""

    VIOLATION = "violation"
    UNDETERMINED = "undetermined"
    ERROR = "error"
    """The rule itself failed on this resource; it counts as a violation, never as a pass."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a rule found.

    Attributes:
        title: What should be so.
        urn: The resource; "" for the waivers themselves.
        path: Property path, or "".
        found: What is there, in words; secrets are masked.
        expected: What should be there.
        fix: What to change.
        controls: What it is called elsewhere (`Security Hub RDS.2`, `CIS 5.0 2.2.3`).
        position: Where the program made the resource, or "".
        waiver: Who said that it may be so, and until when.
        known: Whether it is in the baseline.
    """

    rule: str
    title: str
    severity: Severity
    level: Level
    status: Status
    urn: str = ""
    type: str = ""
    path: str = ""
    found: str = ""
    expected: str = ""
    fix: str = ""
    controls: Sequence[str] = ()
    position: str = ""
    waiver: Waiver | None = None
    known: bool = False

    @property
    def name(self) -> str:
        """Logical name of the resource."""
        return self.urn.rpartition("::")[2]

    @property
    def fingerprint(self) -> str:
        """What stays the same from one check to the next: rule, resource and property."""
        return hashlib.sha256(f"{self.rule}\n{self.urn}\n{self.path}".encode()).hexdigest()[:32]

    @property
    def counts(self) -> bool:
        """Whether it is neither waived nor known from the baseline."""
        return self.waiver is None and not self.known

    @property
    def blocks(self) -> bool:
        """Whether it refuses the deployment."""
        return self.counts and self.level is Level.MANDATORY and self.status is not UNDETERMINED

    @property
    def message(self) -> str:
        """Return what is wrong, where, and how to mend it, in one line."""
        at = f" ({self.path})" if self.path else ""
        if self.status is UNDETERMINED:
            return f"{self.title}: not yet known{at}"
        if self.status is Status.ERROR:
            return f"{self.title}: the rule failed{at}: {self.found}"
        text = f"{self.title}{at}: found {self.found}, expected {self.expected}"
        return f"{text}. To fix it: {self.fix}" if self.fix else text


UNDETERMINED = Status.UNDETERMINED


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that a check found.

    Attributes:
        environment: Whose levels and figures applied.
        rules: The rules that were on.
        resources: Number of resources looked at.
        compliant: Rule and URN of everything that is as it should be.
        findings: Everything else, worst first; waived ones included.
        waivers: All waivers that were given.
    """

    environment: str
    rules: Sequence[AnyRule]
    resources: int
    compliant: Sequence[tuple[str, str]] = ()
    findings: Sequence[Finding] = ()
    waivers: Sequence[Waiver] = field(default=())

    @property
    def blocking(self) -> list[Finding]:
        """Findings that refuse the deployment."""
        return [each for each in self.findings if each.blocks]

    @property
    def counts(self) -> dict[str, int]:
        """Number of findings by what they amount to."""
        counted = Counter(_kind(each) for each in self.findings)
        order = ("mandatory", "advisory", "undetermined", "waived", "known")
        return {"compliant": len(self.compliant), **{kind: counted[kind] for kind in order}}

    def document(self) -> dict[str, Any]:
        """Return the report as a JSON document."""
        return {
            "environment": self.environment,
            "rules": len(self.rules),
            "resources": self.resources,
            "counts": self.counts,
            "findings": [_finding(each) for each in self.findings],
            "waivers": [each.document() for each in self.waivers],
        }


def _kind(finding: Finding) -> str:
    if finding.waiver is not None:
        return "waived"
    if finding.known:
        return "known"
    return "undetermined" if finding.status is UNDETERMINED else str(finding.level)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "title": finding.title,
        "severity": str(finding.severity),
        "level": str(finding.level),
        "status": str(finding.status),
        "urn": finding.urn,
        "path": finding.path,
        "found": finding.found,
        "expected": finding.expected,
        "fix": finding.fix,
        "controls": list(finding.controls),
        "fingerprint": finding.fingerprint,
        "known": finding.known,
        "waiver": finding.waiver.document() if finding.waiver else None,
    }
