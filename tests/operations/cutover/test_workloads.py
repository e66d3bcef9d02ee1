"""A workload in Kubernetes moves from Deployment to Deployment by its Service's selector."""

from dataclasses import replace

import pytest
from support.operations import Killed
from support.workload import HEALTH, Workload

from platformctl.operations.cutover.course import SmokeCheck
from platformctl.operations.kernel.events import StepChanged
from platformctl.operations.kernel.states import State, StepState


@pytest.fixture(scope="module")
def running(region):
    return Workload(region)


@pytest.fixture
def workload(running):
    running.settle()
    return running


def test_every_request_goes_to_the_new_side_once_its_pods_are_ready_and_answer(workload):
    after = workload.release("r2")

    operation = workload.run(workload.course(after))

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert [step.name for step in operation.steps] == [
        "preflight",
        "start",
        "ready",
        "smoke",
        "shift-100",
        "bake",
        "promote",
        "retire",
    ]
    assert (workload.serving, workload.ask()) == ("green", "green")
    assert workload.side("blue").state().wanted == 0
    assert operation.step("smoke").facts["checks"] == [HEALTH.name]
    assert (workload.standing.side, workload.standing.running) == ("green", after)


def test_it_goes_back_the_same_way(workload):
    after = workload.release("r2")
    workload.run(workload.course(after))

    back = workload.course(workload.first, before=after, back=True)
    operation = workload.run(back, "rollback")

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert (workload.serving, workload.ask()) == ("blue", "blue")
    assert workload.standing.degraded


def test_weights_are_refused_with_the_reason(workload):
    operation = workload.run(workload.course(workload.release("r2"), timing={"weights": [10, 100]}))

    assert operation.state is State.FAILED
    assert "the pods of one selector" in operation.outcome
    assert workload.side("green").state().wanted == 0


@pytest.mark.fault(15)
def test_an_image_that_cannot_be_pulled_is_noticed_within_seconds(workload):
    missing = workload.first.image.rpartition(":")[0] + ":missing"

    operation = workload.run(workload.course(workload.release("r2", missing)))

    assert operation.state is State.ROLLED_BACK
    assert "web-green does not start" in operation.outcome
    assert (workload.serving, workload.ask()) == ("blue", "blue")
    assert workload.side("green").state().wanted == 0


def test_a_wrong_answer_of_a_pod_is_enough(workload):
    wrong = SmokeCheck(name="it is green", path="/", expressions={"VERSION": "red"})

    operation = workload.run(workload.course(workload.release("r2"), smoke=(HEALTH, wrong)))

    assert operation.state is State.ROLLED_BACK
    assert "VERSION is 'green', must be 'red'" in operation.outcome
    assert workload.serving == "blue"


@pytest.mark.fault(22)
def test_a_selector_that_somebody_else_changes_while_it_is_watched_stops_the_cutover(workload):
    def meddle(event):
        done = isinstance(event, StepChanged) and event.step.state is StepState.DONE
        if done and event.step.name == "shift-100":
            workload.give("blue")

    workload.observers.append(meddle)
    operation = workload.run(workload.course(workload.release("r2")))

    assert operation.state is State.PAUSED_BY_FAILED_STEP
    assert "behind this operation's back" in operation.outcome
    assert workload.serving == "blue"


@pytest.mark.fault(1)
@pytest.mark.fault(25)
@pytest.mark.parametrize("step", ["start", "ready", "shift-100", "promote"])
def test_whoever_goes_on_after_a_kill_ends_in_the_same_place(workload, step):
    def kill(event):
        running = isinstance(event, StepChanged) and event.step.state is StepState.DONE
        if running and event.step.name == step:
            workload.observers.clear()
            raise Killed

    course = workload.course(workload.release("r2"), timing={"bakeSeconds": 0})
    workload.observers.append(kill)
    with pytest.raises(Killed):
        workload.run(course)

    operation = workload.run(course)

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert (workload.serving, workload.ask()) == ("green", "green")


def test_a_side_that_is_not_whole_is_not_left(workload):
    course = workload.course(workload.release("r2"))
    gone = replace(course, old="green", new="blue")

    operation = workload.run(gone)

    assert operation.state is State.FAILED
    assert "not as the last operation left it" in operation.outcome
