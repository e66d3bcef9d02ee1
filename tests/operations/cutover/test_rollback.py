"""A rollback gives every request to what served before, in seconds while that still runs."""

from dataclasses import replace

import pytest
from support.ecs import wait_for
from support.versions import STOREFRONT, errors, good

from platformctl.config.cutover import CutoverConfig
from platformctl.errors import InvocationError
from platformctl.operations.cutover.rollback import roll_back
from platformctl.operations.cutover.standing import write_standing
from platformctl.operations.kernel.states import State

WARM = {"weights": [100], "bakeSeconds": 0, "keepWarmSeconds": 300}


def going_back(console, reason="bad"):
    timing = CutoverConfig.model_validate({"deadlineSeconds": 20})
    return roll_back(
        console.runner(), "dev", console.store.service, timing, console.table, reason=reason
    )


@pytest.fixture
def moved(store, console):
    """Return the cutover to r2 that left r1 warm on blue."""
    return console.cut_over(store.release("r2", good("2", STOREFRONT)), WARM)


def test_after_a_cutover_the_old_side_stays_warm_and_a_schedule_is_to_stop_it(store, moved):
    assert moved.state is State.SUCCEEDED, moved.outcome
    assert store.side("blue").state().desired == 1
    assert store.schedules() == ["retire-store-store-blue"]
    assert store.ask(port=store.test_port).headers["x-release"] == "r1"


def test_a_rollback_within_the_window_starts_nothing_and_fails_nobody(store, console, moved):
    tasks = store.side("blue").task_arns()
    with store.customers() as crowd:
        operation = going_back(console)
        shifted = store.serving
        crowd.ask_again()
        crowd.answers.clear()
        wait_for(lambda: sum(crowd.answers.values()) > 20, what="requests after it")

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert operation.follows == moved.id
    assert shifted == "blue"
    assert set(crowd.answers) == {(200, "r1")}
    assert store.schedules() == []
    assert store.side("green").state().desired == 0
    assert store.side("blue").task_arns() == tasks, "who was warm serves; nobody is waited for"


def test_after_a_deployment_that_was_undone_the_refusal_names_the_release_before(
    store, console, moved
):
    write_standing(console.table, replace(console.standing, desired="r3"))

    with pytest.raises(InvocationError, match=r"it runs r2.*, and not r3") as refused:
        going_back(console)
    assert f"platformctl rollback ENV {store.service.name} --to r1" in refused.value.remedy


def test_a_rollback_marks_the_service_as_degraded_until_something_is_deployed(
    store, console, moved
):
    going_back(console)

    assert console.standing.degraded
    assert (console.standing.running.release, console.standing.desired) == ("r1", "r2")
    with pytest.raises(InvocationError, match="was rolled back already") as refused:
        going_back(console)
    assert "--to RELEASE" in refused.value.remedy, "r2 is what one came back from"
    console.cut_over(store.release("r3", good("3", STOREFRONT)), {**WARM, "keepWarmSeconds": 0})
    assert not console.standing.degraded


@pytest.mark.fault(26)
def test_after_the_window_the_old_release_is_started_again_first(store, console, moved):
    blue = store.side("blue")
    blue.stop()
    wait_for(lambda: not blue.tasks(), what="blue without tasks")
    with store.customers() as crowd:
        operation = going_back(console)

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert crowd.failures == {}
    assert store.ask().headers["x-release"] == "r1"


@pytest.mark.fault(27)
def test_a_rollback_to_a_release_that_cannot_start_stays_where_requests_are_answered(
    store, console
):
    """As when its image was deleted from the registry in the meantime."""
    gone = store.define("r0", image="000000000000.dkr.ecr.us-east-1.amazonaws.com/storefront:gone")
    before = store.releases["r1"]
    console.cut_over(store.release("r2", good("2", STOREFRONT)), {**WARM, "keepWarmSeconds": 0})
    blue = store.side("blue")
    wait_for(lambda: not blue.tasks(), what="blue without tasks")
    standing = console.standing
    write_standing(console.table, replace(standing, other=replace(before, task_definition=gone)))
    with store.customers() as crowd:
        operation = going_back(console)

    assert operation.state is State.FAILED, operation.outcome
    assert "CannotPullContainerError" in operation.outcome
    assert store.serving == "green"
    assert crowd.failures == {}
    again = going_back(console)
    assert (again.state, store.serving) == (State.FAILED, "green"), "a retry is safe"


def test_rolling_back_during_a_cutover_undoes_it(store, console):
    after = store.release("r2", good("2", STOREFRONT))
    states = []

    def roll_back_meanwhile(event):
        if getattr(event, "step", "") == "analyse-50" and not states:
            states.append(going_back(console, "changed my mind").state)

    console.observers.append(roll_back_meanwhile)
    with store.customers() as crowd:
        operation = console.cut_over(after, {"stepSeconds": 20})

    assert operation.state is State.CANCELLED
    assert "changed my mind" in operation.outcome
    assert store.serving == "blue"
    assert store.side("green").state().desired == 0
    assert crowd.failures == {}


def test_a_service_that_no_operation_has_changed_has_nothing_to_go_back_to(console):
    with pytest.raises(InvocationError, match="nothing to roll store back to"):
        going_back(console)


def test_the_release_with_errors_that_came_after_the_bake_is_left_behind(store, console):
    """A fault that only shows late: the old side is still warm."""
    failing = store.release("errors", errors(0.05, STOREFRONT))
    operation = console.cut_over(failing, WARM)
    assert operation.state is State.SUCCEEDED, operation.outcome

    going_back(console)

    with store.customers() as crowd:
        pass
    assert crowd.failures == {}
