"""A function moves from version to version by the weights of its alias, and back by itself."""

import pytest
from support.functions_cutover import Function
from support.kills import CallKiller
from support.operations import Killed

from platformctl.operations.cutover.course import SmokeCheck
from platformctl.operations.cutover.version import Version
from platformctl.operations.kernel.states import State, StepState


@pytest.fixture
def function(region, tmp_path):
    return Function(region, tmp_path)


def test_a_new_version_gets_half_of_the_invocations_and_then_all(function):
    after = function.release("r2")

    with function.customers() as answers:
        operation = function.run(function.course(after))

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert [step.name for step in operation.steps] == [
        "preflight",
        "ready",
        "smoke",
        "shift-50",
        "analyse-50",
        "shift-100",
        "bake",
        "promote",
    ]
    assert (function.serving, function.ask()) == ({"2": 100.0}, "r2")
    assert set(answers) == {"r1", "r2"}
    assert (function.standing.side, function.standing.running) == ("2", after)
    assert operation.step("analyse-50").facts["requests"] >= 3


def test_what_each_version_is_asked_for_is_kept_for_the_report(function):
    after = function.release("r2")

    with function.customers():
        operation = function.run(function.course(after, timing={"stepSeconds": 5}))

    assert operation.state is State.SUCCEEDED, operation.outcome
    samples = function.journal.samples(operation.id)
    measured = [sample["sides"] for sample in samples if sample["step"] == "analyse-50"]
    for version in ("1", "2"):
        rates = [sides[version].get("requests") for sides in measured]
        assert any(rates), rates
        assert any(sides[version].get("p95") for sides in measured)


@pytest.mark.fault(16)
def test_a_version_that_fails_under_load_is_taken_back_with_its_figures(function):
    with function.customers() as answers:
        operation = function.run(function.course(function.release("r2", percent=40)))

    assert operation.state is State.ROLLED_BACK
    assert "success" in operation.outcome
    assert operation.step("shift-100").state is StepState.PENDING
    assert (function.serving, function.ask()) == ({"1": 100.0}, "r1")
    assert answers["failed"] > 0


@pytest.mark.fault(17)
def test_a_version_that_is_slow_is_taken_back(function):
    course = function.course(
        function.release("r2", seconds=0.3), timing={"analysis": {"p95Milliseconds": 250}}
    )

    with function.customers():
        operation = function.run(course)

    assert operation.state is State.ROLLED_BACK
    assert "p95" in operation.outcome
    assert function.serving == {"1": 100.0}


@pytest.mark.fault(19)
def test_without_invocations_nothing_is_promoted(function):
    operation = function.run(function.course(function.release("r2")))

    assert operation.state is State.PAUSED_BY_FAILED_STEP
    assert "no traffic" in operation.outcome
    assert function.serving == {"1": 50.0, "2": 50.0}
    aborted = function.runner().abort(operation.id, "nobody is there")
    assert aborted.state is State.CANCELLED
    assert function.serving == {"1": 100.0}


def test_without_invocations_it_is_measured_by_our_own_where_that_is_asked_for(function):
    check = SmokeCheck(name="it is there", path="", body='{"number": 7}')
    course = function.course(
        function.release("r2"), timing={"analysis": {"withoutData": "probe"}}, smoke=[check]
    )

    operation = function.run(course)

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert operation.step("analyse-50").facts["requests"] >= 3
    assert function.serving == {"2": 100.0}


def test_a_wrong_answer_to_our_own_event_is_enough(function):
    check = SmokeCheck(name="it adds", path="/", body='{"number": 7}', expressions={"total": 7})

    operation = function.run(function.course(function.release("r2", wrong=1), smoke=[check]))

    assert operation.state is State.FAILED
    assert "total is 8, must be 7" in operation.outcome
    assert function.serving == {"1": 100.0}


def test_it_goes_back_with_one_call(function):
    after = function.release("r2")
    at_once = {"weights": [100], "bakeSeconds": 0}
    function.run(function.course(after, timing=at_once))
    first = Version(release="r1", version="1", function_version="1")

    operation = function.run(function.course(first, timing=at_once, back=True), "rollback")

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert (function.serving, function.ask()) == ({"1": 100.0}, "r1")
    assert function.standing.degraded


@pytest.mark.fault(1)
@pytest.mark.fault(25)
@pytest.mark.parametrize("when", ["before", "after"])
def test_whoever_goes_on_after_a_kill_goes_on_from_the_last_weight(function, when):
    course = function.course(function.release("r2"), timing={"stepSeconds": 0, "bakeSeconds": 0})
    killer = CallKiller(function.clients, "UpdateAlias", 1, when)

    with pytest.raises(Killed):
        function.run(course, clients=killer.clients)
    expected = {"1": 50.0, "2": 50.0} if when == "before" else {"2": 100.0}
    assert function.serving == expected
    operation = function.run(course)

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert function.serving == {"2": 100.0}


@pytest.mark.fault(22)
def test_an_alias_that_somebody_else_moves_meanwhile_stops_the_cutover(function):
    operation = function.run(function.course(function.release("r2")))
    assert operation.state is State.PAUSED_BY_FAILED_STEP
    function.client.update_alias(
        FunctionName=function.name,
        Name="live",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.9}},
    )

    resumed = function.runner().resume(operation.id)

    assert resumed.state is State.PAUSED_BY_FAILED_STEP
    assert "behind this operation's back" in resumed.outcome
    assert function.serving == {"1": pytest.approx(10.0), "2": 90.0}
