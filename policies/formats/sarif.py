"""A report as SARIF 2.1.0, which GitHub and others show beside the code.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from collections.abc import Sequence
from importlib import metadata
from typing import Any
from urllib.parse import unquote, urlsplit

from platformctl.policies.controls import controls
from platformctl.policies.report import Finding, Report, Status
from platformctl.policies.rule import AnyRule, Level, Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
PROJECT_FILE = "Pulumi.yaml"
_SCORES = {
    Severity.LOW: "3.0",
    Severity.MEDIUM: "5.5",
    Severity.HIGH: "8.0",
    Severity.CRITICAL: "9.5",
}
"""Numeric severities in the bands that GitHub documents for `security-severity`."""


def sarif(report: Report, root: str = "") -> dict[str, Any]:
    """Return the SARIF document of a report.

    Args:
        report: The findings.
        root: Folder that positions in files are told relative to.
    """
    described = {rule.id: rule for rule in report.rules}
    # Findings about waivers have no rule in the pack; SARIF wants an entry for each.
    own = sorted({each.rule for each in report.findings} - described.keys())
    identities = [*described, *own]
    index = {identity: number for number, identity in enumerate(identities)}
    driver = {
        "name": "platformctl-policies",
        "semanticVersion": metadata.version("platformctl"),
        "rules": [
            *(_rule(each, report.environment) for each in report.rules),
            *({"id": each, "shortDescription": {"text": _words(each)}} for each in own),
        ],
    }
    results = [_result(each, index[each.rule], root) for each in report.findings]
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: AnyRule, environment: str) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why} To fix it: {rule.fix}."},
        "defaultConfiguration": {"level": _severity_level(rule.severity)},
        "properties": {
            "security-severity": _SCORES[rule.severity],
            "precision": "very-high",
            "level": str(rule.level(environment)),
            "tags": ["security", *_tags(controls(rule.id))],
        },
    }


def _result(finding: Finding, index: int, root: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _level(finding),
        "message": {"text": finding.message},
        "locations": [_location(finding, root)],
        "partialFingerprints": {"platformctlFinding/v1": finding.fingerprint},
        "properties": {"enforcement": str(finding.level), "status": str(finding.status)},
    }
    if finding.waiver is not None:
        waiver = finding.waiver
        result["suppressions"] = [
            {
                "kind": "inSource" if waiver.source == "program" else "external",
                "status": "accepted",
                "justification": f"{waiver.reason} ({waiver.owner}, until {waiver.until})",
            }
        ]
    if finding.known:
        result["baselineState"] = "unchanged"
    return result


def _location(finding: Finding, root: str) -> dict[str, Any]:
    file, line = _position(finding.position, root)
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": file},
            "region": {"startLine": line},
        }
    }
    if finding.urn:
        location["logicalLocations"] = [
            {"name": finding.name, "fullyQualifiedName": finding.urn, "kind": "resource"}
        ]
    return location


def _position(position: str, root: str) -> tuple[str, int]:
    """Return file and line of `file:///…/x.py#12,4`, or the project file if it is not known."""
    parts = urlsplit(position)
    if parts.scheme not in ("file", "project") or not parts.path:
        return PROJECT_FILE, 1
    path = unquote(parts.path)
    if parts.scheme == "file" and not (root and path.startswith(f"{root}/")):
        return PROJECT_FILE, 1
    line = parts.fragment.partition(",")[0]
    relative = path.removeprefix(root) if parts.scheme == "file" else path
    return relative.lstrip("/"), int(line) if line.isdigit() and int(line) else 1


def _level(finding: Finding) -> str:
    if finding.status is Status.UNDETERMINED:
        return "note"
    return "error" if finding.level is Level.MANDATORY else "warning"


def _severity_level(severity: Severity) -> str:
    if severity is Severity.LOW:
        return "note"
    return "warning" if severity is Severity.MEDIUM else "error"


def _tags(names: Sequence[str]) -> list[str]:
    return [name.replace(" ", "-").lower() for name in names]


def _words(identity: str) -> str:
    return identity.replace("-", " ").capitalize()
