"""How the findings of `doctor` look."""

from collections.abc import Sequence
from dataclasses import asdict

from platformctl.cli.views.terminal import data, print_json
from platformctl.operations.doctor.finding import Finding, Verdict

MARKS = {Verdict.OK: "[green]✓[/]", Verdict.WARNING: "[yellow]![/]", Verdict.FAILURE: "[red]✗[/]"}


def show_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print one line for each check, with the remedy where there is something to do."""
    if as_json:
        print_json({"version": 1, "findings": [asdict(finding) for finding in findings]})
        return
    for finding in findings:
        data().print(f"{MARKS[finding.verdict]} {finding.check}: {finding.detail}", highlight=False)
        if finding.remedy:
            data().print(f"    → {finding.remedy}", style="cyan", highlight=False)
    failures = sum(finding.failed for finding in findings)
    data().print(
        "Everything that is needed is here." if not failures else f"{failures} to put right."
    )
