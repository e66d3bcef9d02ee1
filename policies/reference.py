"""The documentation of the rules, written from the rules themselves."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from platformctl.policies.controls import controls
from platformctl.policies.packs import GROUPS, rule
from platformctl.policies.rule import AnyRule, Rule
from platformctl.policies.settings import ENVIRONMENTS

_HEADINGS = {
    "network": "Networks",
    "edge": "Load balancers, CloudFront, Route 53, certificates",
    "compute": "ECS, ECR, EKS, Lambda",
    "data": "Data stores",
    "streaming": "Streams, queues, topics",
    "identity": "Roles, keys, secrets",
    "operations": "Logs, alarms, backups, everything",
    "stack": "The stack as a whole",
}


def index() -> str:
    """Return the page that lists all rules."""
    lines = ["# Policies", "", "Written by `make docs` from `policies`. How to use them:"]
    lines += ["[Check policies](../how-to/policies.md).", ""]
    lines += ["[What catches what](mutations.md): each property of production, switched off.", ""]
    for group, ids in GROUPS.items():
        lines += [f"## {_HEADINGS[group]}", ""]
        lines += [f"| rule | severity | {' | '.join(ENVIRONMENTS)} | what is so |"]
        lines += [f"| --- | --- | {' | '.join('---' for _ in ENVIRONMENTS)} | --- |"]
        lines += [_row(rule(identity)) for identity in ids]
        lines.append("")
    return "\n".join(lines)


def page(identity: str) -> str:
    """Return the page of one rule."""
    found = rule(identity)
    lines = [f"# {found.id}", "", f"{found.title}.", "", found.why, ""]
    lines += ["**To keep it:** " + found.fix + ".", "", "| | |", "| --- | --- |"]
    lines.append(f"| severity | {found.severity} |")
    lines += [f"| in {name} | {found.level(name)} |" for name in ENVIRONMENTS]
    if isinstance(found, Rule):
        lines.append(f"| about | {', '.join(f'`{token}`' for token in found.types)} |")
        reads = ", ".join(f"`{path}`" for path in dict.fromkeys(found.reads))
        lines += [f"| reads | {reads} |"] if reads else []
    else:
        lines.append("| about | the stack as a whole |")
    if names := controls(found.id):
        lines.append(f"| also known as | {', '.join(names)} |")
    lines.append("")
    for heading, example in (("Breaks it", found.before), ("Keeps it", found.after)):
        if example:
            lines += [f"## {heading}", "", *_example(example), ""]
    return "\n".join(lines)


def _row(found: AnyRule) -> str:
    levels = " | ".join(str(found.level(name)) for name in ENVIRONMENTS)
    return f"| [{found.id}]({found.id}.md) | {found.severity} | {levels} | {found.title} |"


def _example(example: str | Mapping[str, Any]) -> list[str]:
    if isinstance(example, str):
        return ["```text", example, "```"]
    return ["```json", json.dumps(example, indent=2), "```"]


def mutations(cases: Sequence[tuple[str, str, Sequence[str]]]) -> str:
    """Return the page about what was switched off in production, and which rules caught it.

    Args:
        cases: Area, what is switched off, ids of the rules.
    """
    lines = [
        "# What catches what",
        "",
        "Written by `make docs`. `tests/policies/test_mutations.py` plans production, switches off",
        "one property at a time, and insists that each of these rules refuses the result.",
        "",
        "| area | switched off | caught by |",
        "| --- | --- | --- |",
    ]
    for area, what, rules in cases:
        caught = ", ".join(f"[{each}]({each}.md)" for each in rules)
        lines.append(f"| {area} | {what} | {caught} |")
    return "\n".join(lines) + "\n"
