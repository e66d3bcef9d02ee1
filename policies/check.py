"""Judges a stack: every rule of an environment's pack on everything that it is about.

1. *index*: rules are looked up by type, so a resource meets only those that are about it;
2. *judge*: each rule is guarded by itself; one that fails is a finding of its own, never a skip;
3. *waive*: waivers of the program and of the file take findings out of the count, not out of the
   report; what is wrong with the waivers is told like everything else.

Nothing here prints, reads files or knows an engine.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from platformctl.policies import waivers as waiving
from platformctl.policies.controls import controls
from platformctl.policies.packs import GROUP_OF, pack
from platformctl.policies.report import Finding, Report, Status
from platformctl.policies.rule import (
    ADVISORY,
    HIGH,
    LOW,
    MANDATORY,
    AnyRule,
    Level,
    Problem,
    Rule,
    Severity,
    StackRule,
    Undetermined,
)
from platformctl.policies.settings import Settings, settings_for
from platformctl.policies.values import shown
from platformctl.policies.view import ResourceView, StackView
from platformctl.policies.waivers import Waiver

_ORDER = {severity: number for number, severity in enumerate(reversed(Severity))}


def check(
    stack: StackView,
    environment: str,
    waivers: Sequence[Waiver] = (),
    *,
    rules: Sequence[AnyRule] | None = None,
    settings: Settings | None = None,
    costs: Mapping[str, float] | None = None,
    today: dt.date | None = None,
) -> Report:
    """Judge a stack.

    Args:
        stack: All its resources.
        environment: Whose levels and figures apply.
        waivers: Those of the file; those of the program are found in the stack.
        rules: What to judge by; the environment's pack by default.
        settings: The figures; the environment's by default.
        costs: Product → estimated US dollars a month, where somebody estimated them.
        today: The day on which waivers are looked at.

    Raises:
        ConfigurationError: A waiver does not say what it must.
    """
    rules = pack(environment) if rules is None else rules
    settings = settings or settings_for(environment)
    if costs is not None:
        settings = replace(settings, costs=costs)
    today = today or dt.datetime.now(dt.UTC).date()
    compliant: list[tuple[str, str]] = []
    findings: list[Finding] = []
    for rule, urn, problems in _judged(stack, rules, settings):
        if problems:
            findings += [_finding(rule, urn, each, stack, environment) for each in problems]
        else:
            compliant.append((rule.id, urn))
    given = [*waivers, *waiving.declared(stack)]
    findings, used = _waived(findings, given, stack, today)
    findings += _about_waivers(given, used, environment, today)
    return Report(
        environment=environment,
        rules=rules,
        resources=sum(each.custom for each in stack.resources),
        compliant=compliant,
        findings=sorted(findings, key=_worst_first),
        waivers=given,
    )


Judged = Iterator[tuple[AnyRule, str, list[Problem | Exception]]]


def _judged(stack: StackView, rules: Sequence[AnyRule], settings: Settings) -> Judged:
    index = _index(rules)
    for resource in stack.resources:
        wildcard = f"{resource.type.partition(':')[0]}:*"
        for rule in (*index.get(resource.type, ()), *index.get(wildcard, ())):
            problems = judge_one(rule, resource, settings)
            if problems is not None:
                yield rule, resource.urn, problems
    root = next((each.urn for each in stack.resources if each.type == "pulumi:pulumi:Stack"), "")
    for rule in rules:
        if isinstance(rule, StackRule):
            yield rule, root, list(_guarded(rule.judge(stack, settings)))


def _index(rules: Iterable[AnyRule]) -> Mapping[str, list[Rule]]:
    index: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        if isinstance(rule, Rule):
            for token in rule.types:
                index[token].append(rule)
    return index


def judge_one(
    rule: Rule, resource: ResourceView, settings: Settings
) -> list[Problem | Exception] | None:
    """Judge one resource by one rule; None where the rule is not about it."""
    problems = list(_guarded(rule.judge(resource, settings)))
    if rule.unless is None:
        return problems
    exempt = list(_guarded(rule.unless(resource, settings)))
    if not exempt:
        return None
    if problems and all(isinstance(each, Undetermined) for each in exempt):
        return exempt[:1]
    return problems


def _guarded(problems: Iterator[Problem]) -> Iterator[Problem | Exception]:
    """Pass problems on, and a failure of the rule itself as one of them."""
    try:
        yield from problems
    except Exception as error:  # noqa: BLE001  # whatever a rule trips over is told, not hidden
        yield error


def _finding(
    rule: AnyRule, urn: str, problem: Problem | Exception, stack: StackView, environment: str
) -> Finding:
    about = urn if isinstance(problem, Exception) else problem.urn or urn
    resource = stack.by_urn.get(about)
    finding = Finding(
        rule=rule.id,
        title=rule.title,
        severity=rule.severity,
        level=rule.level(environment),
        status=Status.VIOLATION,
        urn=about,
        type=resource.type if resource else "",
        fix=rule.fix,
        controls=controls(rule.id),
        position=resource.position if resource else "",
    )
    if isinstance(problem, Exception):
        told = f"{type(problem).__name__}: {problem}"
        return replace(finding, status=Status.ERROR, found=told, expected="a rule that works")
    if isinstance(problem, Undetermined):
        return replace(finding, status=Status.UNDETERMINED, path=problem.path)
    found = shown(problem.found, problem.path)
    return replace(finding, path=problem.path, found=found, expected=problem.expected)


def _waived(
    findings: Sequence[Finding], given: Sequence[Waiver], stack: StackView, today: dt.date
) -> tuple[list[Finding], set[Waiver]]:
    used: set[Waiver] = set()
    result = []
    for finding in findings:
        resource = stack.by_urn.get(finding.urn)
        covering = [
            each
            for each in given
            if resource is not None and each.covers(finding.rule, resource, stack)
        ]
        used.update(covering)
        holding = [each for each in covering if not each.expired(today)]
        result.append(replace(finding, waiver=holding[0]) if holding else finding)
    return result, used


def _about_waivers(
    given: Sequence[Waiver], used: set[Waiver], environment: str, today: dt.date
) -> Iterator[Finding]:
    unused = MANDATORY if environment == "production" else ADVISORY
    for each in given:
        for mistake in each.mistakes(today):
            yield _waiver_finding(each, "waiver-invalid", MANDATORY, HIGH, mistake)
        if each.rule in GROUP_OF and each not in used:
            what = "no rule is broken where it applies: remove it"
            yield _waiver_finding(each, "waiver-unused", unused, LOW, what)
        if each.expired(today) and each in used:
            what = f"it expired on {each.until}"
            yield _waiver_finding(each, "waiver-expired", ADVISORY, HIGH, what)
        elif each.expires_soon(today):
            what = f"it expires on {each.until}"
            yield _waiver_finding(each, "waiver-expires-soon", ADVISORY, LOW, what)


def _waiver_finding(
    waiver: Waiver, rule: str, level: Level, severity: Severity, what: str
) -> Finding:
    return Finding(
        rule=rule,
        title=f"The waiver of {waiver.rule} for {waiver.resource}",
        severity=severity,
        level=level,
        status=Status.VIOLATION,
        urn=waiver.resource if waiver.resource.startswith("urn:") else "",
        found=what,
        expected="a waiver that is needed and holds",
        fix=f"change it in {waiver.source}",
    )


def _worst_first(finding: Finding) -> tuple[bool, bool, int, str, str, str]:
    undetermined = finding.status is Status.UNDETERMINED
    severity = _ORDER[finding.severity]
    return not finding.blocks, undetermined, severity, finding.rule, finding.urn, finding.path
