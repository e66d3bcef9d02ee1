"""The whole production pack on many resources: the repository's own production, repeated.

The resources come from one rehearsal of the program; they are repeated under other names, with
their relations, so that every size has the same mixture.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from platformctl.deployment.project import find_project
from platformctl.operations.policy.rehearsal import rehearse
from platformctl.policies.check import check
from platformctl.policies.packs import pack
from platformctl.policies.view import stack_view

SIZES = (1_000, 2_000, 4_000)
ROOT = Path(__file__).resolve().parents[1]


def measure() -> list[Figure]:
    """Measure the rehearsal, and the check for each size."""
    project = find_project(ROOT)
    pack("production")  # rules are imported once, not for every check
    started = time.perf_counter()
    records = rehearse(project, "production")
    figures = [
        Figure(
            f"policies: production rehearsed on paper, {len(records):,} resources",
            time.perf_counter() - started,
            "s",
        )
    ]
    for size in SIZES:
        many = _repeated(records, size)
        started = time.perf_counter()
        check(stack_view(many), "production")
        reach = "≤ 3 s" if size == SIZES[0] else "linear"
        name = f"policies: {len(pack('production'))} rules, {size:,} resources"
        figures.append(Figure(name, time.perf_counter() - started, "s", reach))
    return figures


def _repeated(records: list[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    """Return so many resources: the given ones, and copies of them that refer to one another."""
    found: list[dict[str, Any]] = []
    copy = 0
    while len(found) < size:
        found += [_copied(each, copy) for each in records]
        copy += 1
    return found[:size]


def _copied(record: Mapping[str, Any], copy: int) -> dict[str, Any]:
    def renamed(urn: str) -> str:
        return f"{urn}-{copy}" if copy and urn else urn

    return {
        **record,
        "urn": renamed(record["urn"]),
        "parent": renamed(record["parent"]),
        "dependencies": [renamed(each) for each in record["dependencies"]],
        "propertyDependencies": {
            key: [renamed(each) for each in urns]
            for key, urns in record["propertyDependencies"].items()
        },
    }
