"""A report as JUnit XML: one test case for each rule and resource that it is about."""

import re
from collections import defaultdict
from xml.etree import ElementTree as ET

from platformctl.policies.report import Finding, Report, Status

_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """Return the JUnit document of a report.

    A violation that counts is a failure if it is mandatory; what is waived, known, advisory or
    not yet known is a skipped test that says so; a rule that failed is an error.
    """
    cases: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for rule, urn in report.compliant:
        cases[rule, urn] = []
    for finding in report.findings:
        cases[finding.rule, finding.urn].append(finding)
    suite = ET.Element("testsuite", name=f"platformctl policies: {report.environment}")
    counts = {"tests": len(cases), "failures": 0, "errors": 0, "skipped": 0}
    for (rule, urn), findings in cases.items():
        name = urn.rpartition("::")[2] or "stack"
        case = ET.SubElement(suite, "testcase", classname=rule, name=name, file=urn)
        counted = _outcome(case, findings)
        if counted:
            counts[counted] += 1
    for key, count in counts.items():
        suite.set(key, str(count))
    suites = ET.Element("testsuites", {key: str(count) for key, count in counts.items()})
    suites.append(suite)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _outcome(case: ET.Element, findings: list[Finding]) -> str:
    failed = [each for each in findings if each.blocks]
    if any(each.status is Status.ERROR for each in failed):
        return _tell(case, "error", failed, "errors")
    if failed:
        return _tell(case, "failure", failed, "failures")
    return _tell(case, "skipped", findings, "skipped") if findings else ""


def _tell(case: ET.Element, kind: str, findings: list[Finding], counted: str) -> str:
    first = findings[0]
    element = ET.SubElement(case, kind, message=_clean(_why(first)))
    if kind != "skipped":
        element.set("type", str(first.severity))
    element.text = _clean("\n".join(_why(each) for each in findings))
    return counted


def _why(finding: Finding) -> str:
    if finding.waiver is not None:
        waiver = finding.waiver
        said = f"waived until {waiver.until} by {waiver.owner}: {waiver.reason}"
        return f"{said}. {finding.message}"
    kind = "known: " if finding.known else "" if finding.blocks else f"{finding.level}: "
    return f"{kind}{finding.message}"


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("�", text)
