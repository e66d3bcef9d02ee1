"""How policy reports and rules look."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from platformctl.cli.views.terminal import data, print_json
from platformctl.errors import InvocationError, PolicyViolationError
from platformctl.policies.controls import controls
from platformctl.policies.report import Finding, Report, Status
from platformctl.policies.rule import AnyRule, Rule
from platformctl.policies.settings import ENVIRONMENTS

COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}
ALSO = ("advisory", "undetermined")

View = Callable[[Report, Path], None]


def report_view(name: str) -> View:
    """Return what prints a report in a format.

    Raises:
        InvocationError: There is no such format.
    """
    return _chosen(_REPORTS, name)


def refuse(report: Report, *, also: Sequence[str] = ()) -> None:
    """End the command where a report refuses the deployment.

    Args:
        report: The findings.
        also: `advisory` and `undetermined`, where these are to fail, too.

    Raises:
        InvocationError: `also` says something else.
        PolicyViolationError: Something refuses it.
    """
    if strange := [each for each in also if each not in ALSO]:
        raise InvocationError(
            f"cannot fail on {', '.join(strange)}", why=f"it can be {' or '.join(ALSO)}"
        )
    counts = report.counts
    reasons = [f"{len(report.blocking)} mandatory"] if report.blocking else []
    reasons += [f"{counts[kind]} {kind}" for kind in also if counts[kind]]
    if reasons:
        raise PolicyViolationError(
            f"the policies refuse {report.environment}",
            why=f"{' and '.join(reasons)} findings",
            remedy="platformctl policy explain RULE",
        )


def show_report(report: Report, folder: Path) -> None:
    """Print mandatory findings in full, waivers in a line each, and everything else as counts."""
    del folder
    console = data()
    for finding in report.blocking:
        console.print(_mandatory(finding), highlight=False)
    quiet = [each for each in report.findings if each.counts and not each.blocks]
    counted = Counter((each.rule, each.status is Status.UNDETERMINED) for each in quiet)
    for (rule, unknown), count in counted.items():
        what = "not yet known" if unknown else "advisory"
        console.print(f"[yellow]![/] {rule}: {count} {what}", highlight=False)
    for waiver in report.waivers:
        console.print(
            f"[dim]~ {waiver.rule} waived for {escape(waiver.resource.rpartition('::')[2])} until "
            f"{waiver.until} by {escape(waiver.owner)}: {escape(waiver.reason)}[/]",
            highlight=False,
        )
    counts = ", ".join(f"{count} {kind}" for kind, count in report.counts.items() if count)
    mark = "[red]✗[/]" if report.blocking else "[green]✓[/]"
    console.print(
        f"{mark} {report.environment}: {len(report.rules)} rules on {report.resources} resources: "
        f"{counts or 'nothing to judge'}",
        highlight=False,
    )


def _mandatory(finding: Finding) -> str:
    names = f"  [dim]{', '.join(finding.controls)}[/]" if finding.controls else ""
    severity = f"[{COLOURS[finding.severity]}]{finding.severity}[/]"
    who = f"{escape(finding.name or 'the stack')} [dim]{escape(finding.type)}[/]"
    where = escape(finding.path or "the resource")
    lines = [
        f"[red]✗[/] {severity} [bold]{finding.rule}[/] {who}",
        f"    {escape(finding.title)}{names}",
        f"    {where}: found {escape(finding.found)}, expected {escape(finding.expected)}",
        f"    [green]→[/] {escape(finding.fix)}",
    ]
    return "\n".join(lines)


def _show_json(report: Report, folder: Path) -> None:
    del folder
    print_json(report.document())


def _show_sarif(report: Report, folder: Path) -> None:
    from platformctl.policies.formats.sarif import sarif

    print_json(sarif(report, str(folder)))


def _show_junit(report: Report, folder: Path) -> None:
    from platformctl.policies.formats.junit import junit

    del folder
    typer.echo(junit(report), nl=False)


def _show_markdown(report: Report, folder: Path) -> None:
    from platformctl.policies.formats.markdown import markdown

    del folder
    typer.echo(markdown(report))


_REPORTS: dict[str, View] = {
    "human": show_report,
    "json": _show_json,
    "sarif": _show_sarif,
    "junit": _show_junit,
    "markdown": _show_markdown,
}


def show_rules(rules: Sequence[AnyRule], format_name: str) -> None:
    """Print rules with their level in each environment."""
    _chosen(_LISTS, format_name)(rules)


def _rules_human(rules: Sequence[AnyRule]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("rule", "severity", *ENVIRONMENTS, "what is so when it is kept"):
        table.add_column(column, overflow="fold")
    for rule in rules:
        severity = f"[{COLOURS[rule.severity]}]{rule.severity}[/]"
        levels = [str(rule.level(environment)) for environment in ENVIRONMENTS]
        table.add_row(rule.id, severity, *levels, rule.title)
    data().print(table)


def _rules_markdown(rules: Sequence[AnyRule]) -> None:
    header = ("rule", "severity", *ENVIRONMENTS, "what is so when it is kept")
    typer.echo(f"| {' | '.join(header)} |")
    typer.echo(f"| {' | '.join('---' for _ in header)} |")
    for rule in rules:
        levels = " | ".join(str(rule.level(environment)) for environment in ENVIRONMENTS)
        typer.echo(f"| `{rule.id}` | {rule.severity} | {levels} | {rule.title} |")


def _rules_json(rules: Sequence[AnyRule]) -> None:
    print_json([_rule_document(rule) for rule in rules])


_LISTS: dict[str, Callable[[Sequence[AnyRule]], None]] = {
    "human": _rules_human,
    "json": _rules_json,
    "markdown": _rules_markdown,
}


def show_rule(rule: AnyRule, *, as_json: bool) -> None:
    """Print everything about a rule."""
    document = _rule_document(rule)
    if as_json:
        print_json(document)
        return
    levels = ", ".join(f"{level} in {name}" for name, level in document["levels"].items())
    lines = [
        f"[bold]{rule.id}[/]  [{COLOURS[rule.severity]}]{rule.severity}[/]  {levels}",
        escape(rule.title),
        "",
        f"[bold]Why[/]     {escape(rule.why)}",
        f"[bold]To fix[/]  {escape(rule.fix)}",
    ]
    if document["controls"]:
        lines.append(f"[bold]Known as[/] {', '.join(document['controls'])}")
    for heading, example in (("Breaks it", document["before"]), ("Keeps it", document["after"])):
        if example:
            text = example if isinstance(example, str) else json.dumps(example, indent=2)
            lines += ["", f"[bold]{heading}[/]", escape(text)]
    data().print("\n".join(lines), highlight=False)


def _rule_document(rule: AnyRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": str(rule.severity),
        "levels": {name: str(rule.level(name)) for name in ENVIRONMENTS},
        "why": rule.why,
        "fix": rule.fix,
        "controls": list(controls(rule.id)),
        "types": list(rule.types) if isinstance(rule, Rule) else [],
        "before": rule.before,
        "after": rule.after,
    }


def _chosen(table: dict[str, Any], name: str) -> Any:
    if name not in table:
        raise InvocationError(
            f"there is no format {name!r}", why=f"the formats are {', '.join(table)}"
        )
    return table[name]
