"""`policy check`: which resources are judged, by which figures, with which waivers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from platformctl.cost.book import price_book
from platformctl.cost.estimate import estimate
from platformctl.cost.resources import planned
from platformctl.deployment.project import Project
from platformctl.errors import ConfigurationError
from platformctl.operations.policy.rehearsal import rehearse
from platformctl.policies import waivers
from platformctl.policies.check import check
from platformctl.policies.report import Report
from platformctl.policies.view import records_of, stack_view

WAIVERS = Path("policies") / "waivers.yaml"
"""Where a project keeps its waivers, beside its `Pulumi.yaml`."""


def check_environment(project: Project, environment: str) -> Report:
    """Judge what an environment's program makes; needs no network, account or state.

    Levels and figures are those of what its stack file says that it is for.

    Raises:
        ConfigurationError: The stack file or a waiver is wrong.
        PlatformError: The program fails.
    """
    kind = project.kind(environment)
    return _checked(project.root, environment, rehearse(project, environment), kind)


def check_document(
    document: Any, where: str, environment: str, root: Path, kind: str = ""
) -> Report:
    """Judge a checkpoint or the document of a preview, of whichever engine and project.

    Args:
        document: What `pulumi stack export` or `pulumi preview --json` printed, parsed.
        where: What it is called in messages.
        environment: What it is a document of.
        root: Folder in which `policies/waivers.yaml` is looked for.
        kind: Whose levels and figures apply (local, staging, production); those of an environment
            of that name, or production's, without it.

    Raises:
        ConfigurationError: It is neither, or a waiver is wrong.
    """
    return _checked(root, environment, records_of(document, where), kind)


def read_document(file: Path) -> Any:
    """Read a JSON file.

    Raises:
        ConfigurationError: It cannot be read, or is not JSON.
    """
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot read {file}", why=str(error)) from error


def with_baseline(report: Report, baseline: Any) -> Report:
    """Mark the findings that an earlier report has as known, so that only new ones count.

    Args:
        report: The findings now.
        baseline: The document of an earlier report (`--format json`).

    Raises:
        ConfigurationError: That is no report.
    """
    if not isinstance(baseline, Mapping) or not isinstance(baseline.get("findings"), list):
        raise ConfigurationError(
            "the baseline is no report of ours",
            why="it has no findings",
            remedy="platformctl policy check ENV --format json > baseline.json",
        )
    known = {each.get("fingerprint") for each in baseline["findings"]}
    findings = [replace(each, known=each.fingerprint in known) for each in report.findings]
    return replace(report, findings=findings)


def _checked(root: Path, environment: str, records: list[Any], kind: str) -> Report:
    report = check(
        stack_view(records),
        kind or environment,
        waivers.load(root / WAIVERS, environment),
        costs=estimated_costs(records, kind or environment),
    )
    return replace(report, environment=environment)


def estimated_costs(records: list[Any], environment: str) -> dict[str, float]:
    """Return product → estimated US dollars a month; nothing for a region that costs nothing."""
    if environment == "local":
        return {}
    plan = planned({"newState": each} for each in records)
    return estimate(plan, price_book("aws"), environment).by_product()
