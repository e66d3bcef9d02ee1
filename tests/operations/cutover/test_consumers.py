"""A consumer is handed over: nothing is done twice, nothing is left half done."""

from dataclasses import replace

import pytest
from support.kills import CallKiller
from support.operations import Killed
from support.press import Press

from platformctl.errors import InvocationError
from platformctl.operations.cutover.intake import Intake
from platformctl.operations.cutover.standing import Standing, write_standing
from platformctl.operations.kernel.events import StepChanged
from platformctl.operations.kernel.states import State, StepState


@pytest.fixture(scope="module")
def running(region):
    return Press(region)


@pytest.fixture
def press(running):
    running.settle()
    return running


def test_the_new_side_takes_over_when_the_old_one_has_finished_what_it_began(press):
    after = press.release("r2", "green")

    operation = press.run(press.course(after))

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert (press.intake, press.task_arns("blue")) == ("green", [])
    assert press.is_working("green")
    assert press.overlaps() == []
    assert press.unfinished() == []
    assert (press.standing.side, press.standing.running) == ("green", after)
    assert len(operation.step("hand-over").facts["ended"]) == 1


def test_it_goes_back_the_same_way(press):
    after = press.release("r2", "green")
    press.run(press.course(after))

    operation = press.run(press.course(press.first, before=after, back=True), "rollback")

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert press.intake == "blue"
    assert press.is_working("blue")
    assert press.task_arns("green") == []
    assert press.overlaps() == []
    assert press.unfinished() == []
    assert press.standing.degraded


def test_a_side_that_ends_otherwise_than_in_order_gets_its_intake_back(press):
    careless = press.release("r1b", "blue", flaw="careless")
    press.replace_blue(careless)

    operation = press.run(press.course(press.release("r2", "green"), before=careless))

    assert operation.state is State.ROLLED_BACK
    assert "exited with 3" in operation.outcome
    assert press.intake == "blue"
    assert press.is_working("blue")
    assert press.task_arns("green") == []
    assert press.pieces("green") == [] or press.overlaps() == []


def test_a_side_that_is_not_well_never_takes_over(press):
    before = press.task_arns("blue")

    operation = press.run(press.course(press.release("r2", "green", flaw="sick")))

    assert operation.state is State.ROLLED_BACK
    assert "health" in operation.outcome
    assert press.task_arns("blue") == before
    assert press.intake == "blue"
    assert press.task_arns("green") == []


@pytest.mark.fault(15)
def test_a_side_that_does_not_start_is_noticed_within_seconds_with_what_it_said(press):
    before = press.task_arns("blue")

    operation = press.run(press.course(press.release("r2", "green", flaw="broken")))

    assert operation.state is State.ROLLED_BACK
    assert "exited with 1" in operation.outcome
    assert press.task_arns("blue") == before
    assert press.is_working("blue")


@pytest.mark.fault(16)
def test_a_side_that_takes_messages_and_does_nothing_with_them_gives_them_back(press):
    after = press.release("r2", "green", flaw="stuck")

    operation = press.run(press.course(after, deadlineSeconds=10))

    assert operation.state is State.TIMED_OUT
    assert "catching up" in operation.outcome
    assert press.intake == "blue"
    assert press.is_working("blue")
    assert press.task_arns("green") == []
    assert press.overlaps() == []


@pytest.mark.fault(22)
def test_somebody_else_who_gives_the_intake_away_meanwhile_is_not_overruled(press):
    after = press.release("r2", "green")

    def meddle(event):
        done = isinstance(event, StepChanged) and event.step.state is StepState.DONE
        if done and event.step.name == "ready":
            press.give_intake("green")

    press.observers.append(meddle)
    operation = press.run(press.course(after))

    assert operation.state is State.PAUSED_BY_FAILED_STEP
    assert "behind this operation's back" in operation.outcome
    assert press.task_arns("blue") != []
    assert press.intake == "green"

    press.give_intake("blue")
    resumed = press.runner().resume(operation.id)
    assert resumed.state is State.SUCCEEDED, resumed.outcome
    assert press.intake == "green"


def test_a_consumer_that_is_not_where_it_was_left_is_not_touched(press):
    after = press.release("r2", "green")
    write_standing(
        press.table, Standing(service=press.name, side="green", running=after, desired="r2")
    )

    operation = press.run(press.course(after))

    assert operation.state is State.FAILED
    assert "not as the last operation left it" in operation.outcome
    assert (press.intake, press.task_arns("green")) == ("blue", [])


def test_tasks_that_do_not_know_their_side_are_refused(press):
    operation = press.run(press.course(press.release("r2", "blue")))

    assert operation.state is State.FAILED
    assert "would not know that they are green" in operation.outcome


def test_messages_are_never_shared_out(press):
    with pytest.raises(InvocationError, match="go to one side as a whole"):
        Intake(press.service, press.clients).shift({"blue": 50, "green": 50})
    assert press.intake == "blue"


def test_a_consumer_without_a_parameter_is_refused(press):
    course = press.course(press.release("r2", "green"))
    alone = replace(course, service=replace(press.service, intake_parameter=None))

    operation = press.run(alone)

    assert operation.state is State.PAUSED_BY_FAILED_STEP
    assert "as soon as it runs" in operation.outcome


KILLS = [
    ("UpdateService", 0, "before"),
    ("UpdateService", 0, "after"),
    ("UpdateService", 1, "before"),
    ("UpdateService", 1, "after"),
    ("PutParameter", 0, "before"),
    ("PutParameter", 0, "after"),
]
"""Call, which one of them, and when: starting green, stopping blue, giving green the intake."""


@pytest.mark.fault(1)
@pytest.mark.fault(25)
@pytest.mark.parametrize(("action", "number", "when"), KILLS)
def test_whoever_goes_on_after_a_kill_ends_in_the_same_place(press, action, number, when):
    killer = CallKiller(press.clients, action, number, when)
    course = press.course(press.release("r2", "green"))

    with pytest.raises(Killed):
        press.run(course, clients=killer.clients)
    operation = press.run(course)

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert (press.intake, press.task_arns("blue")) == ("green", [])
    assert press.is_working("green")
    assert press.overlaps() == []
    assert press.unfinished() == []


@pytest.mark.fault(24)
def test_a_task_that_is_killed_while_it_hands_over_gives_its_side_the_intake_back(press):
    deaf = press.release("r1d", "blue", flaw="deaf")
    press.replace_blue(deaf)

    operation = press.run(press.course(press.release("r2", "green"), before=deaf))

    assert operation.state is State.ROLLED_BACK
    assert "exited with 137" in operation.outcome
    assert press.intake == "blue"
    assert press.is_working("blue")
    assert press.overlaps() == []
