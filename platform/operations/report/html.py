"""The report as one page of HTML that needs nothing else: no network, no JavaScript."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib import resources
from typing import Any
from xml.etree.ElementTree import Element

from platformctl.operations.kernel.operation import StepRecord
from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.report import chart
from platformctl.operations.report.markup import Child, element, page
from platformctl.operations.report.redaction import redacted, redacted_text
from platformctl.operations.report.report import SUCCEEDED, GateResult, Report
from platformctl.operations.report.timeline import make_timeline
from platformctl.operations.report.words import allowed, change_words, duration, measured

TOLD_ELSEWHERE = frozenset({"gates"})
"""Facts of steps that have a table of their own."""
MARKS = {
    StepState.PENDING: "·",
    StepState.RUNNING: "…",
    StepState.DONE: "✓",
    StepState.FAILED: "✗",
    StepState.SKIPPED: "»",
    StepState.COMPENSATED: "↩",
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The page loads nothing, whatever might have got into it."""
_MUTED = frozenset({State.CANCELLED, State.RUNNING, State.PENDING})


def html(report: Report) -> str:
    """Return the page of a report; nothing on it is secret."""
    operation = report.operation
    title = f"{operation.plan.kind} {operation.plan.subject}"
    style = resources.files("platformctl.operations.report").joinpath("page.css").read_text()
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("title", f"{title}, {operation.plan.environment}: {_words(operation.state)}"),
        element("style", style),
    )
    body = element(
        "body",
        element("main", *_header(report), *_timeline(report), *_gates(report), *_steps(report)),
    )
    body[0].extend(_audit(report))
    return page(element("html", head, body, lang="en"))


def _header(report: Report) -> Iterator[Child]:
    operation = report.operation
    plan = operation.plan
    colour = "good" if operation.state in SUCCEEDED else "bad"
    if operation.state in _MUTED or not operation.state.is_final:
        colour = "muted"
    yield element(
        "header",
        element("p", _words(operation.state), class_=f"state {colour}"),
        element("h1", f"{plan.kind} {plan.subject}"),
        element("p", change_words(operation.plan.parameters), class_="change"),
    )
    if operation.outcome:
        yield element("p", redacted_text(operation.outcome), class_=f"outcome {colour}")
    facts = {
        "environment": plan.environment,
        "by": f"{operation.actor.user}@{operation.actor.host}",
        "as": operation.actor.arn,
        "why": redacted_text(operation.reason),
        "began": _moment(operation.created),
        "took": duration(report.seconds),
        "commit": operation.commit,
        "answers to": operation.follows or "",
        "operation": operation.id,
    }
    items = [
        element("div", element("dt", name), element("dd", value))
        for name, value in facts.items()
        if value
    ]
    yield element("dl", *items, class_="facts")


def _timeline(report: Report) -> Iterator[Element]:
    timeline = make_timeline(report)
    if not timeline.bands:
        return
    yield element("h2", "Timeline")
    yield chart.draw(timeline)
    if not timeline.panels:
        yield element("p", "Nothing was measured.", class_="note")


def _gates(report: Report) -> Iterator[Element]:
    results = report.gates()
    if not results:
        return
    yield element("h2", "Gates")
    yield _table(
        ("", "step", "measured", "at the end", "worst", "allowed", "said no"),
        [_gate(result) for result in results],
        numbers=frozenset({3, 4, 5, 6}),
    )


def _gate(result: GateResult) -> Sequence[Child]:
    mark, colour = {True: ("✓", "good"), False: ("✗", "bad"), None: ("?", "muted")}[result.passed]
    return (
        element("span", mark, class_=colour),
        result.step,
        result.name,
        "not known" if result.last is None else measured(result.last, result.unit),
        "not known" if result.worst is None else measured(result.worst, result.unit),
        allowed(result.comparison, result.limit, result.unit),
        f"{result.refused} of {result.measured}",
    )


def _steps(report: Report) -> Iterator[Element]:
    yield element("h2", "Steps")
    yield _table(
        ("", "", "step", "took", "result"),
        [_step(report, number, step) for number, step in enumerate(report.operation.steps, 1)],
        numbers=frozenset({1, 3}),
    )


def _step(report: Report, number: int, step: StepRecord) -> Sequence[Child]:
    seconds = report.step_seconds(step)
    about = [element("b", step.name), element("span", f" {step.title}", class_="quiet")]
    return (
        element("span", _mark(step), class_=_colour(step)),
        str(number),
        element("span", *about),
        "" if seconds is None else duration(seconds),
        element("div", *results) if (results := list(_results(step))) else None,
    )


def _results(step: StepRecord) -> Iterator[Child]:
    if step.error:
        yield element("p", redacted_text(step.error), class_="bad")
    if step.undone:
        yield element("p", f"undone at {_moment(step.undone)[11:]}")
    if step.by:
        yield element("p", redacted_text(f"{step.state} by {step.by}"))
    if step.attempt > 1:
        yield element("p", f"{step.attempt} attempts")
    told = {name: each for name, each in step.facts.items() if name not in TOLD_ELSEWHERE}
    if told:
        facts: Mapping[str, Any] = redacted(told)
        items = [
            element("div", element("dt", name), element("dd", _value(value)))
            for name, value in facts.items()
        ]
        count = f"{len(facts)} facts" if len(facts) > 1 else "1 fact"
        yield element("details", element("summary", count), element("dl", *items))


def _audit(report: Report) -> Iterator[Element]:
    if not report.entries:
        return
    yield element("h2", "Audit log")
    yield _table(
        ("when", "who", "what", "outcome", "why"),
        [
            (
                _moment(entry.at),
                f"{entry.actor.user}@{entry.actor.host}",
                f"{entry.action} {entry.target}",
                _words(entry.outcome),
                redacted_text(_why(entry.reason, redacted(asdict(entry)["details"]))),
            )
            for entry in report.entries
        ],
    )


def _why(reason: str, details: Mapping[str, Any]) -> str:
    told = details.get("why") or details.get("outcome")
    return "; ".join(str(each) for each in (reason, told) if each)


def _table(
    columns: Sequence[str], rows: Sequence[Sequence[Child]], numbers: frozenset[int] = frozenset()
) -> Element:
    def cells(kind: str, row: Sequence[Child]) -> Iterator[Element]:
        for at, cell in enumerate(row):
            # On a narrow screen a row is a block, and each value says what it is.
            label = columns[at] if kind == "td" and columns[at] else None
            yield element(kind, cell, class_="number" if at in numbers else None, data_label=label)

    head = element("thead", element("tr", *cells("th", columns)))
    body = element("tbody", *(element("tr", *cells("td", row)) for row in rows))
    return element("div", element("table", head, body), class_="scroll")


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _mark(step: StepRecord) -> str:
    """Return the mark of a step; that it was undone does not hide that it failed."""
    return MARKS[StepState.FAILED if step.error else step.state]


def _colour(step: StepRecord) -> str:
    if step.error:
        return "bad"
    return "good" if step.state is StepState.DONE else "muted"


def _words(state: str) -> str:
    return str(state).replace("_", " ")


def _moment(at: str) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M:%S} UTC"
