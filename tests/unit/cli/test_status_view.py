"""What people see of an environment's status."""

import json

from platformctl.cli.views.status import show_status
from platformctl.operations.status.parts import Health, Part, StatusReport
from platformctl.operations.status.serving import OpenOperation, ServiceStatus, SideStatus

PART = Part("service", "api-blue", Health.HEALTHY, "1/1 running")
SIDES = (
    SideStatus(key="green", share=100.0, running=2, desired=2, release="r7 (1.4.0)"),
    SideStatus(key="blue", share=0.0, running=2, desired=2, release="r6 (1.3.9)"),
)


ALARMS = (
    Part("alarm", "api-errors", Health.HEALTHY, "ok"),
    Part("alarm", "api-latency", Health.HEALTHY, "ok"),
    Part("alarm", "api-memory", Health.HEALTHY, "no data yet"),
    Part("alarm", "queue-age", Health.UNHEALTHY, "in alarm"),
)


def shown(capsys, *services, trouble=""):
    report = StatusReport("staging", [PART], 0.1, services, trouble)
    show_status(report, as_json=False)
    return " ".join(capsys.readouterr().out.split())


def test_the_side_that_serves_is_shown_with_its_release_and_what_is_warm(capsys):
    service = ServiceStatus(
        name="api", kind="balanced", active="green", sides=SIDES, release="r7 (1.4.0)"
    )

    said = shown(capsys, service)

    assert "api green r7 (1.4.0) blue: warm, 2/2, r6 (1.3.9)" in said


def test_a_service_on_its_way_shows_its_shares_and_the_operation(capsys):
    sides = (SideStatus(key="blue", share=90.0), SideStatus(key="green", share=10.0))
    under_way = OpenOperation(id="op-1", kind="deploy", target="service/api", state="running")
    service = ServiceStatus(name="api", kind="balanced", sides=sides, operation=under_way)

    said = shown(capsys, service)

    assert "blue 90 %, green 10 %" in said
    assert "deploy running: op-1" in said


def test_an_operation_whose_process_is_gone_does_not_look_as_if_it_went_on(capsys):
    under_way = OpenOperation(
        id="op-1", kind="deploy", target="service/api", state="waiting_approval", abandoned=True
    )
    service = ServiceStatus(name="api", kind="balanced", sides=SIDES, operation=under_way)

    said = shown(capsys, service)

    assert "deploy waiting approval: op-1" in said
    assert "nobody is at work on it: the process that was is gone" in said
    assert StatusReport("staging", [PART], 0.1, [service, service]).abandoned == ["op-1"]


def test_why_something_is_not_as_it_was_meant_to_be_is_said(capsys):
    service = ServiceStatus(
        name="api", kind="balanced", active="blue", degraded="r7 was to serve, and r6 does"
    )
    report = StatusReport("staging", [PART], 0.1, [service])

    assert "r7 was to serve, and r6 does" in shown(capsys, service)
    assert (report.healthy, report.degraded, report.document()["degraded"]) == (True, True, True)


def test_alarms_that_are_quiet_share_a_line_and_the_others_have_their_own(capsys):
    show_status(StatusReport("staging", [*ALARMS, PART], 0.1), as_json=False)

    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[1:] == [
        "✓ alarm api-memory healthy no data yet",
        "✗ alarm queue-age unhealthy in alarm",
        "✓ service api-blue healthy 1/1 running",
        "✓ alarm 2 alarms OK healthy",
        "staging: 4 of 5 parts healthy (0.1s)",
    ]


def test_a_quiet_alarm_alone_is_named_and_programs_get_all_of_them(capsys):
    show_status(StatusReport("staging", ALARMS[1:], 0.1), as_json=False)
    assert "api-latency" in capsys.readouterr().out

    show_status(StatusReport("staging", ALARMS, 0.1), as_json=True)
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert [each["name"] for each in parts] == [each.name for each in ALARMS]


def test_records_that_cannot_be_read_are_no_reason_to_say_nothing(capsys):
    service = ServiceStatus(name="api", kind="balanced", active="blue")

    assert "no table" in shown(capsys, service, trouble="there is no table")
