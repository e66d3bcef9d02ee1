"""Operations in a pipe: plain lines, and JSON lines."""

import io
import json

import pytest
from rich.console import Console
from support.drawing import tells_while_drawing
from support.operation_story import Story

from platformctl.cli.views.operation import (
    LiveView,
    PlainView,
    operation_view,
    show_operation,
)
from platformctl.cli.views.operation_lines import JsonLinesView
from platformctl.cli.views.operation_progress import OperationProgress
from platformctl.operations.kernel.events import Stopping, Told
from platformctl.operations.report.report import Report

PLAIN = """\
deploy analytics-api r6 → r7
  20261121T120000-deploy-analytics-api-5a3c
running
… preflight: make sure that it may begin
✓ preflight (0.4s)
… expand: add what the new release needs to the schema
✓ expand (0.4s)
… start: start the idle side
✓ start (3.0s)
… ready: wait until every task of it takes requests
a task of green was started again
    HealthCheck: no answer on /health
✓ ready (6.0s)
… smoke: check it on the test listener
✓ smoke (1.0s)
… shift-10: give the new side 10 % of the requests
✓ shift-10 (0.4s)
… analyse-10: compare both sides
  analyse-10: 12 s of requests, at most 12s more
  blue r6, 90 % of the traffic, 2/2 tasks, 270 req/s, 0.0 % errors, p95 41 ms
  green r7, 10 % of the traffic, 2/2 tasks, 30 req/s, 0.1 % errors, p95 44 ms
  blue r6, 90 % of the traffic, 2/2 tasks, 270 req/s, 0.0 % errors, p95 42 ms
  green r7, 10 % of the traffic, 2/2 tasks, 30 req/s, 0.1 % errors, p95 46 ms
✗ analyse-10 (12s): green fails too often: 5.2 % of its requests (at most 1 %)
    requests 12 (at least 50)
cancelling
"""


def plain(story, until=None):
    out = io.StringIO()
    view = PlainView(Console(file=out, width=200, soft_wrap=True))
    view.progress = OperationProgress(clock=story.clock, now=story.now)
    for event in story.events(until):
        view.on_event(event)
    return view, out


def test_a_pipe_gets_a_line_for_whatever_is_new():
    _, out = plain(Story(fails="analyse-10"))
    text = out.getvalue()

    expected = PLAIN.replace("30 req/s, 0.1 %", "30 req/s, 5.2 %").replace(
        "    requests 12", "    success 94.8 % (at least 99 %)\n    requests 12"
    )
    assert text.startswith(expected)
    assert text.splitlines()[-1] == "rolled back", "what has been said is not said again"
    assert "↩ shift-10 undone (0.4s)" in text.splitlines()


def test_an_operation_that_succeeded_ends_with_what_it_did_and_where_its_report_is(tmp_path):
    story = Story()
    view, out = plain(story)
    view.finish(story.operation, tmp_path / "report.html", well=True)

    last = out.getvalue().splitlines()[-2:]
    assert last == [
        "✓ deploy of analytics-api r6 → r7: succeeded in 48s",
        f"  report: {tmp_path}/report.html",
    ]


def test_an_operation_that_was_to_be_undone_ends_well(tmp_path):
    story = Story(fails="analyse-10")
    view, out = plain(story)
    view.finish(story.operation, well=True)

    assert (
        out.getvalue().splitlines()[-1].startswith("✓ deploy of analytics-api r6 → r7: rolled back")
    )


def test_json_lines_are_one_event_each_and_the_last_one_is_the_operation(capsys, tmp_path):
    story = Story()
    view = operation_view(as_json=True)
    assert isinstance(view, JsonLinesView)
    for event in story.events():
        view.on_event(event)
    view.finish(story.operation, tmp_path / "report.html", well=True)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["version"] for line in lines} == {1}
    assert {line["event"] for line in lines} == {
        "operation",
        "step",
        "waiting",
        "sample",
        "told",
        "finished",
    }
    assert lines[-1]["operation"]["state"] == "succeeded"
    assert lines[-1]["report"] == str(tmp_path / "report.html")
    sample = next(line for line in lines if line["event"] == "sample")
    assert sample["numbers"]["sides"]["green"]["weight"] == 10


@pytest.mark.parametrize("variable", ["CI", "NO_COLOR"])
def test_nothing_is_redrawn_where_nobody_looks(monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    terminal = Console(force_terminal=True)

    assert isinstance(operation_view(as_json=False, console=terminal), PlainView)


def test_a_terminal_gets_a_picture(monkeypatch):
    for variable in ("CI", "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)

    view = operation_view(as_json=False, console=Console(force_terminal=True))
    assert isinstance(view, LiveView)


def test_the_last_picture_stays_on_the_screen():
    story, out = Story(), io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, height=60, color_system=None)
    with LiveView(console) as view:
        for event in story.events():
            view.on_event(event)

    assert "deploy analytics-api  staging  r6 → r7  succeeded" in out.getvalue()


def test_telling_something_never_waits_for_a_picture_that_waits_for_it():
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=40)
    event = Told(operation=Story().operation, text="a task was started again")

    assert tells_while_drawing(LiveView(console), event)


@pytest.mark.parametrize("view", [PlainView, LiveView])
def test_who_presses_ctrl_c_reads_what_happens_and_how_to_go_on(view):
    out, operation = io.StringIO(), Story().operation
    console = Console(file=out, force_terminal=True, width=300, height=40, color_system=None)
    with view(console, rehearsed=True) as shown:
        shown.on_event(Stopping(operation=operation, undoing=False))
        shown.on_event(Stopping(operation=operation, undoing=True))

    command = f"platformctl operation resume staging {operation.id} --target local"
    rest = f"; Ctrl-C again leaves it as it is: `{command}` goes on"
    assert f"stopping at the next safe point{rest}" in out.getvalue()
    assert f"it is being undone, which goes on to its end{rest}" in out.getvalue()


def test_programs_are_told_that_it_is_going_to_stop(capsys):
    operation_view(as_json=True).on_event(Stopping(operation=Story().operation, undoing=False))

    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["undoing"]) == ("stopping", False)


def test_an_operation_is_shown_once_as_it_is_recorded(capsys):
    story = Story()
    list(story.events())
    show_operation(Report(operation=story.operation), as_json=False)

    shown = capsys.readouterr().out
    assert "succeeded" in shown
    assert "promote" in shown


@pytest.mark.parametrize("kind", [PlainView, JsonLinesView])
def test_no_secret_is_shown(kind, capsys):
    story, out = Story(), io.StringIO()
    view = kind(Console(file=out, width=200)) if kind is PlainView else kind()
    told_by_a_log = Told(
        operation=story.operation, text="it ended", details=("login with password=hunter2 failed",)
    )
    view.on_event(told_by_a_log)

    shown = out.getvalue() + capsys.readouterr().out
    assert "password=[secret] failed" in shown
    assert "hunter2" not in shown
