"""A release that does badly once it gets requests is reversed without a person."""

from dataclasses import replace

import pytest
from support.ecs import wait_for
from support.versions import STOREFRONT, crashes, errors, good, leaks, slow, slow_above

from platformctl.operations.kernel.states import State

LONG = {"weights": [50, 100], "stepSeconds": 12, "bakeSeconds": 12}


def only_the_old_release_answers(crowd):
    """Tell whether the next requests are all answered as they were before."""
    crowd.answers.clear()
    wait_for(lambda: sum(crowd.answers.values()) > 20, what="requests after it")
    return set(crowd.answers) == {(200, "r1")}


def reversed_(store, console, after, timing=(), rate=120, **changes):
    """Cut over to a release that must be reversed; return the operation and who asked."""
    with store.customers(rate) as crowd:
        operation = console.cut_over(after, timing, **changes)
        assert store.serving == "blue"
        # What was on its way to the other side when it lost its share is answered there.
        wait_for(lambda: only_the_old_release_answers(crowd), what="requests as before")
    assert operation.state is State.ROLLED_BACK, operation.outcome
    assert store.side("green").state().desired == 0
    assert console.standing.degraded
    return operation


@pytest.mark.fault(16)
def test_five_percent_of_errors_are_too_many(store, console):
    operation = reversed_(store, console, store.release("errors", errors(0.05, STOREFRONT)), LONG)

    assert "success" in operation.outcome
    assert "limit ≥ 99 %" in operation.outcome


def test_three_hundred_milliseconds_more_are_too_many(store, console):
    limits = {"p99Milliseconds": 250}
    after = store.release("slow", slow(300, STOREFRONT))
    operation = reversed_(store, console, after, {**LONG, "analysis": limits}, rate=60)

    assert "p99" in operation.outcome
    assert "limit ≤ 250 ms" in operation.outcome


def test_a_slow_release_shows_in_half_of_a_handful_of_requests(store, console):
    limits = {"p99Milliseconds": None, "p50Milliseconds": 250, "minimumRequests": 5}
    after = store.release("slow", slow(300, STOREFRONT))
    operation = reversed_(store, console, after, {**LONG, "analysis": limits}, rate=20)

    assert "p50" in operation.outcome
    assert "limit ≤ 250 ms" in operation.outcome


def test_slower_than_the_old_side_is_too_slow_though_no_limit_is_broken(store, console):
    limits = {"p99Milliseconds": None, "relativeLatencyPercent": 300}
    after = store.release("slow", slow(300, STOREFRONT))
    operation = reversed_(store, console, after, {**LONG, "analysis": limits}, rate=60)

    assert "p95 against the old side" in operation.outcome


@pytest.mark.fault(17)
def test_a_release_that_is_slow_only_under_load_is_reversed_where_it_shows(store, console):
    after = store.release("slow-above", slow_above(70, 500, STOREFRONT))
    timing = {"weights": [10, 100], "stepSeconds": 3, "bakeSeconds": 12}
    operation = reversed_(store, console, after, timing)

    assert operation.step("analyse-10").facts["verdict"] == "pass"
    assert operation.step("bake").error


def test_a_release_that_dies_after_a_while_is_reversed(store, console):
    after = store.release("dies", crashes(STOREFRONT, after_seconds=4))
    operation = reversed_(store, console, after, LONG)

    # Whichever shows first: what its customers are answered, or that it is no more.
    reasons = ("success", "exited with 70", "no healthy target")
    assert any(reason in operation.outcome for reason in reasons)


def test_a_release_that_leaks_until_it_is_killed_is_reversed(store, console):
    after = store.release("leaks", leaks(200, STOREFRONT, most=900))
    timing = {"weights": [50, 100], "stepSeconds": 20, "bakeSeconds": 20}
    operation = reversed_(store, console, after, timing)

    reasons = ("success", "memory", "no healthy target")
    assert any(reason in operation.outcome for reason in reasons)


@pytest.mark.fault(19)
def test_without_traffic_it_waits_where_it_is_and_never_promotes(store, console):
    after = store.release("r2", good("2", STOREFRONT))
    operation = console.cut_over(after)

    assert operation.state is State.PAUSED_BY_FAILED_STEP
    assert "too few requests to judge by" in operation.outcome
    assert store.weights.shares() == {"blue": 50, "green": 50}
    aborted = console.runner().abort(operation.id, "no traffic at night")
    assert aborted.state is State.CANCELLED
    assert store.serving == "blue"
    assert not console.standing


def test_requests_that_another_release_answered_just_before_are_none_to_judge_by(store, console):
    reversed_(store, console, store.release("errors", errors(0.5, STOREFRONT)), LONG)
    operation = console.cut_over(store.release("r2", good("2", STOREFRONT)))

    assert operation.state is State.PAUSED_BY_FAILED_STEP
    assert store.weights.shares() == {"blue": 50, "green": 50}
    console.runner().abort(operation.id, "it was about the one before")


def test_a_pause_for_want_of_traffic_goes_on_once_there_is_some(store, console):
    after = store.release("r2", good("2", STOREFRONT))
    operation = console.cut_over(after)
    assert operation.state is State.PAUSED_BY_FAILED_STEP

    with store.customers() as crowd:
        operation = console.runner().resume(operation.id)

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert crowd.failures == {}


@pytest.mark.fault(19)
def test_without_traffic_it_fails_where_that_was_chosen(store, console):
    after = store.release("r2", good("2", STOREFRONT))
    operation = console.cut_over(after, {"analysis": {"withoutData": "fail"}})

    assert operation.state is State.ROLLED_BACK
    assert "no traffic" in operation.outcome


def test_without_traffic_it_sends_requests_of_its_own_where_that_was_chosen(store, console):
    after = store.release("r2", good("2", STOREFRONT))
    operation = console.cut_over(after, {"stepSeconds": 4, "analysis": {"withoutData": "probe"}})

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert operation.step("analyse-50").facts["requests"] >= 10


def alarm(store, name, state):
    """Make an alarm that stays in a state."""
    cloudwatch = store.region.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Test",
        MetricName=name,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="the test says so")
    return replace(store.service, alarms=[name])


def test_an_alarm_that_goes_off_on_the_way_takes_everything_back(store, console):
    service = alarm(store, "goes-off", "OK")

    def fire(event):
        if getattr(event, "step", "") == "analyse-50":
            alarm(store, "goes-off", "ALARM")

    console.observers.append(fire)
    after = store.release("r2", good("2", STOREFRONT))
    operation = reversed_(store, console, after, LONG, service=service)

    assert "alarm goes-off went off" in operation.outcome


@pytest.mark.fault(21)
@pytest.mark.parametrize("state", ["ALARM", "INSUFFICIENT_DATA"])
def test_an_alarm_that_cannot_watch_is_a_reason_not_to_begin(store, console, state):
    service = alarm(store, f"before-{state}", state)
    after = store.release("r2", good("2", STOREFRONT))
    operation = console.cut_over(after, service=service)

    assert operation.state is State.FAILED
    assert f"alarm before-{state} cannot watch over the cutover" in operation.outcome
    assert store.side("green").state().desired == 0


@pytest.mark.fault(21)
def test_an_alarm_that_is_left_out_does_not_count_and_the_journal_says_why(store, console):
    service = alarm(store, "left-out", "ALARM")
    after = store.release("r2", good("2", STOREFRONT))
    ignored = {"left-out": "it watches something that was taken down"}
    with store.customers():
        operation = console.cut_over(after, service=service, ignored_alarms=ignored)

    assert operation.state is State.SUCCEEDED, operation.outcome
    recorded = console.journal.read(operation.id).plan.parameters["ignored_alarms"]
    assert recorded == ignored


def test_an_alarm_that_is_not_there_is_a_reason_not_to_begin(store, console):
    after = store.release("r2", good("2", STOREFRONT))
    operation = console.cut_over(after, service=replace(store.service, alarms=["nobody-made-it"]))

    assert operation.state is State.FAILED
    assert "there is no alarm nobody-made-it" in operation.outcome
    assert store.side("green").state().desired == 0


def test_what_is_measured_is_kept_for_the_report(store, console):
    after = store.release("r2", good("2", STOREFRONT))
    with store.customers():
        operation = console.cut_over(after, {"stepSeconds": 5})

    measured = [sample for sample in console.samples(operation) if sample["step"] == "analyse-50"]
    last = measured[-1]
    assert last["sides"]["green"]["version"] == "r2"
    assert last["sides"]["green"]["weight"] == 50
    assert last["sides"]["green"]["requests"] > 10
    assert {gate["name"] for gate in last["gates"]} >= {"success", "p99"}
    assert all(gate["passed"] for gate in last["gates"])
