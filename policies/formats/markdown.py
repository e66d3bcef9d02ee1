"""A report as Markdown, for a comment on a pull request."""

from collections import Counter

from platformctl.policies.report import Finding, Report, Status


def markdown(report: Report) -> str:
    """Return the Markdown of a report: mandatory findings in full, advisory ones counted."""
    counts = ", ".join(f"{count} {kind}" for kind, count in report.counts.items() if count)
    mark = "❌" if report.blocking else "✅"
    lines = [f"## {mark} Policies of `{report.environment}`", ""]
    lines += [f"{len(report.rules)} rules on {report.resources} resources: {counts}.", ""]
    if report.blocking:
        lines += ["| severity | rule | resource | what is wrong | how to fix it |"]
        lines += ["| --- | --- | --- | --- | --- |", *map(_row, report.blocking), ""]
    quiet = [each for each in report.findings if each.counts and not each.blocks]
    if quiet:
        counted = Counter(
            (each.rule, "not yet known" if each.status is Status.UNDETERMINED else "advisory")
            for each in quiet
        )
        lines += [f"<details><summary>{len(quiet)} that do not block</summary>", ""]
        lines += [f"- `{rule}`: {count} {kind}" for (rule, kind), count in counted.items()]
        lines += ["", "</details>", ""]
    if report.waivers:
        lines += ["| waiver | resource | until | owner | reason |"]
        lines += ["| --- | --- | --- | --- | --- |"]
        lines += [
            f"| `{each.rule}` | {_cell(each.resource.rpartition('::')[2])} | {each.until} "
            f"| {_cell(each.owner)} | {_cell(each.reason)} |"
            for each in report.waivers
        ]
        lines.append("")
    return "\n".join(lines)


def _row(finding: Finding) -> str:
    wrong = f"{finding.path or 'the resource'}: found {finding.found}, expected {finding.expected}"
    name = finding.name or "the stack"
    return (
        f"| {finding.severity} | `{finding.rule}` | {_cell(name)} | {_cell(wrong)} "
        f"| {_cell(finding.fix)} |"
    )


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
