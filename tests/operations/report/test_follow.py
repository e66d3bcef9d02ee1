"""Looking on while another process runs an operation."""

import os
import threading

import pytest
from support.operations import Killed, Killer, SetStep, TurnedClock, World, plan

from platformctl.errors import InvocationError
from platformctl.operations.kernel.clock import SystemClock
from platformctl.operations.kernel.events import OperationChanged, Sampled, StepChanged, Told
from platformctl.operations.kernel.failures import InconclusiveError
from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.kernel.step import Step
from platformctl.operations.report.follow import Follower
from platformctl.operations.report.measurement import Measurement, SideNumbers

WITHIN = 20


class QuickClock(SystemClock):
    """The machine's clock, for somebody who looks often."""

    def wait(self, event, seconds):
        return super().wait(event, seconds / 50)


class Measuring(Step):
    """Measures once, then waits until the test lets it go on."""

    name, title = "measure", "measure the new side"

    def __init__(self):
        self.measured, self.go_on = threading.Event(), threading.Event()

    def apply(self, context):
        sides = [SideNumbers(key="green", role="new", weight=10, p95=40)]
        context.sample(**Measurement(sides=sides).document())
        self.measured.set()
        assert self.go_on.wait(WITHIN)
        return {}


class Doubtful(Step):
    """Cannot tell."""

    name, title = "doubtful", "find out"

    def apply(self, context):
        raise InconclusiveError("no requests came")


def follower(made, name, clock=None):
    return Follower(made.journal, made.leases, name, clock or QuickClock())


def steps_of(events):
    return [(e.step.name, str(e.step.state)) for e in events if isinstance(e, StepChanged)]


def test_another_process_is_seen_working_and_ending(console):
    world, measuring = World(), Measuring()
    made = console(
        lambda killer: [SetStep(world, killer, "one"), measuring, SetStep(world, killer, "two")]
    )
    made.lease = WITHIN
    ended = []
    worker = threading.Thread(target=lambda: ended.append(made.runner().run(plan())))
    worker.start()
    assert measuring.measured.wait(WITHIN)
    (begun,) = made.journal.all()

    seen = []
    for event in follower(made, begun.id).events():
        seen.append(event)
        if isinstance(event, Sampled):
            assert steps_of(seen) == [("one", "done"), ("measure", "running")]
            assert seen[-1].operation.state is State.RUNNING
            measuring.go_on.set()
    worker.join()

    (sample,) = [event for event in seen if isinstance(event, Sampled)]
    assert (sample.step, sample.numbers["sides"]["green"]["p95"]) == ("measure", 40)
    assert steps_of(seen)[-1] == ("two", "done")
    assert isinstance(seen[-1], OperationChanged)
    assert seen[-1].operation == ended[0]
    titles = {step.name: step.title for step in seen[-1].operation.steps}
    assert titles == {"one": "set one", "measure": "measure the new side", "two": "set two"}


def test_who_looks_on_at_an_operation_that_waits_is_told_that_nobody_works_on_it(console):
    world = World()
    made = console(lambda killer: [SetStep(world, killer, "one"), Doubtful()])
    paused = made.runner().run(plan())

    seen = list(follower(made, paused.id).events())
    assert isinstance(seen[-1], Told)
    assert seen[-1].text == "nobody is at work on it"
    assert seen[-1].operation.state is State.PAUSED_BY_FAILED_STEP
    assert seen[-1].operation.step("doubtful").state is StepState.FAILED


def test_a_holder_on_another_machine_that_gives_no_sign_of_life_is_taken_for_gone(console):
    world = World()
    made = console(lambda killer: [SetStep(world, killer, "one", waits=3), Doubtful()])
    with pytest.raises(Killed):
        made.runner(Killer(at=8)).run(plan())
    (abandoned,) = made.journal.all()
    tenure = made.leases.read(abandoned.plan.target)
    assert tenure.holder.actor.host != os.uname().nodename

    seen = list(follower(made, abandoned.id, TurnedClock()).events())
    assert seen[-1].text == "nobody is at work on it"
    assert not seen[-1].operation.state.is_final


def test_an_operation_that_has_ended_is_told_once(console):
    made = console(lambda killer: [SetStep(World(), killer, "one")])
    ended = made.runner().run(plan())

    seen = list(follower(made, ended.id).events())
    assert [type(event) for event in seen] == [OperationChanged, StepChanged]


def test_only_what_was_measured_after_a_moment_is_read(console):
    journal = console(lambda killer: []).journal
    moments = [f"2026-11-21T12:00:0{second}.000Z" for second in range(4)]
    for at in moments:
        journal.sample("x", at, "bake", {"n": 1})

    assert [each["at"] for each in journal.samples("x")] == moments
    assert [each["at"] for each in journal.samples("x", after=moments[1])] == moments[2:]
    assert journal.samples("x", after=moments[-1]) == []


def test_an_operation_that_is_not_there_is_named(console):
    made = console(lambda killer: [])

    with pytest.raises(InvocationError, match="there is no operation 'nothing'"):
        list(follower(made, "nothing").events())
