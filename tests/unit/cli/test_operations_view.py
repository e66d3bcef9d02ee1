"""Lists of operations, locks and audit lines."""

import json
import os
from dataclasses import replace
from datetime import timedelta

from support.operation_story import ACTOR, BEGAN, Story, told

from platformctl.cli.views.operations import show_audit, show_locks, show_operations
from platformctl.operations.kernel.audit import Entry
from platformctl.operations.kernel.lease import Holder, Tenure
from platformctl.operations.kernel.operation import stamp


def operations():
    open_one = Story()
    list(open_one.events("bake"))
    return [open_one.operation, told(Story(fails="bake")).operation, told(Story()).operation]


def test_operations_are_a_line_each_and_the_open_one_is_pointed_at(capsys):
    show_operations("staging", operations(), as_json=False)

    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[0].split() == ["operation", "releases", "state", "took", "who", "started"]
    assert lines[2].split()[:7] == [
        *("20261121T120000-deploy-analytics-api-5a3c", "r6", "→", "r7"),
        *("rolled", "back", "49s"),
    ]
    assert lines[3].split()[4:6] == ["succeeded", "48s"]
    pointed = shown.err.split()
    assert pointed[-2:] == ["staging", "20261121T120000-deploy-analytics-api-5a3c"]


def test_the_open_one_of_a_rehearsal_is_pointed_at_where_it_is(capsys):
    show_operations("staging", operations(), as_json=False, rehearsed=True)

    said = "operation show staging 20261121T120000-deploy-analytics-api-5a3c --target local"
    assert said in " ".join(capsys.readouterr().err.split())


def test_operations_as_json_are_as_they_are_recorded(capsys):
    show_operations("staging", operations(), as_json=True)

    document = json.loads(capsys.readouterr().out)
    assert document["version"] == 1
    states = [each["state"] for each in document["operations"]]
    assert states == ["running", "rolled_back", "succeeded"]


def test_operations_as_json_keep_secrets(capsys):
    story = Story(parameters={"configuration": {"API_TOKEN": "hunter2"}})
    show_operations("staging", [story.operation], as_json=True)

    assert "hunter2" not in capsys.readouterr().out


def test_an_environment_without_operations_says_so(capsys):
    show_operations("staging", [], as_json=False)

    assert capsys.readouterr().err == "staging has no operations\n"

    show_operations("staging", [], as_json=False, open_only=True)

    assert capsys.readouterr().err == "staging has no open operations\n"


def test_locks_say_who_holds_them_and_which_nobody_works_on(capsys):
    holder = Holder(
        actor=ACTOR,
        pid=4711,
        process_started=1.0,
        purpose="deploy of analytics-api",
        since="2026-11-21T12:00:00.000Z",
    )
    tenures = [
        Tenure(target="service/analytics-api", token=4, operation="one", holder=holder),
        Tenure(target="product/analytics", token=2, operation="two"),
    ]
    show_locks("staging", tenures, as_json=False)

    _, first, second = capsys.readouterr().out.splitlines()
    assert first.split()[:5] == ["one", "service/analytics-api", "ada@console,", "process", "4711"]
    assert " ".join(second.split()) == "two product/analytics nobody: it waits to be taken up"


def test_a_lock_whose_process_was_here_and_is_gone_says_so(capsys):
    holder = Holder(
        actor=replace(ACTOR, host=os.uname().nodename),
        pid=os.getpid(),
        process_started=1.0,  # of an earlier process with the same number
        purpose="deploy of analytics-api",
        since="2026-11-21T12:00:00.000Z",
    )
    tenure = Tenure(target="service/analytics-api", token=4, operation="one", holder=holder)
    show_locks("staging", [tenure], as_json=False)

    assert f"process {os.getpid()} (gone)" in capsys.readouterr().out


def test_the_audit_log_shows_reasons_as_text_and_keeps_secrets(capsys):
    entries = [
        Entry(
            at=stamp(BEGAN),
            actor=ACTOR,
            action="deploy",
            target="service/web",
            outcome="rolled_back",
            reason="[red]token=abc[/]",
        )
    ]
    show_audit("staging", entries, as_json=False)
    shown = capsys.readouterr().out.splitlines()[1]
    show_audit("staging", entries, as_json=True)
    document = json.loads(capsys.readouterr().out)

    assert "rolled back" in shown
    assert "token=[secret]" in shown
    assert shown.split()[-1].startswith("[red]")
    assert document["entries"][0]["outcome"] == "rolled_back"
    assert "abc" not in json.dumps(document)


def transition(state, milliseconds, *, operation="one", actor=ACTOR):
    return Entry(
        at=stamp(BEGAN + timedelta(milliseconds=milliseconds)),
        actor=actor,
        action="deploy",
        target="service/web",
        outcome=state,
        details={"operation": operation},
    )


def test_states_that_an_operation_passes_within_a_second_share_a_line_for_people(capsys):
    bob = replace(ACTOR, user="bob")
    entries = [
        transition("succeeded", 9000),
        transition("running", 1200),
        transition("pending", 800),
        transition("cancelled", 700, operation="two", actor=bob),
        transition("cancelling", 600, operation="two"),
        transition("paused_by_operator", 500, operation="three"),
    ]
    show_audit("staging", entries, as_json=False)
    lines = capsys.readouterr().out.splitlines()[1:]
    show_audit("staging", entries, as_json=True)
    document = json.loads(capsys.readouterr().out)

    assert [line.partition("service/web")[2].strip() for line in lines] == [
        "succeeded",
        "pending → running",
        "cancelled",
        "cancelling",
        "paused by operator",
    ]
    assert [each["outcome"] for each in document["entries"]] == [each.outcome for each in entries]
