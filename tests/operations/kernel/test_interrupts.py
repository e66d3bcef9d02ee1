"""Ctrl-C, SIGTERM, and what other people ask of an operation while it runs."""

import signal

import pytest
from support.operations import Killer, SetStep, Step, plan, states

from platformctl.operations.kernel.events import Stopping, Waiting
from platformctl.operations.kernel.states import State


class Signalled(Step):
    """Sends this process signals while it works."""

    name, title = "signalled", "work while signals come"

    def __init__(self, *signals: signal.Signals) -> None:
        self.signals = signals

    def apply(self, context):
        signals, self.signals = self.signals, ()
        for each in signals:
            signal.raise_signal(each)
        context.pause(2, "the work to be done")
        return {}

    def undo(self, context):
        signal.raise_signal(signal.SIGINT)
        context.pause(2, "the work to be undone")


def told_to_stop(console):
    """Return whether it was being undone, each time that people were told that it stops."""
    return [event.undoing for event in console.events if isinstance(event, Stopping)]


@pytest.mark.fault(2)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_at_a_safe_point_and_what_was_done_stays(console, world, number):
    signalled = Signalled(number)
    made = console(lambda killer: [SetStep(world, killer, "one"), signalled])
    paused = made.runner().run(plan())
    assert (paused.state, paused.outcome) == (State.PAUSED_BY_OPERATOR, "interrupted")
    assert states(paused.steps) == {"one": "done", "signalled": "running"}
    assert told_to_stop(made) == [False]
    assert made.runner().resume(paused.id).state == State.SUCCEEDED


@pytest.mark.fault(2)
def test_a_second_signal_stops_at_once_and_the_operation_can_be_taken_up(console, world):
    made = console(
        lambda killer: [
            SetStep(world, killer, "one"),
            Signalled(signal.SIGINT, signal.SIGINT),
        ]
    )
    with pytest.raises(KeyboardInterrupt):
        made.runner().run(plan())
    operation = next(made.journal.all())
    assert operation.state == State.RUNNING
    made.make = lambda killer: [SetStep(world, killer, "one"), Signalled()]
    assert made.runner().resume(operation.id).state == State.SUCCEEDED


@pytest.mark.fault(2)
def test_undoing_is_not_interrupted(console, world):
    made = console(
        lambda killer: [
            SetStep(world, killer, "one"),
            Signalled(),
            SetStep(world, killer, "two", fails=True),
        ]
    )
    ended = made.runner().run(plan())
    assert ended.state == State.ROLLED_BACK
    assert world.values == {"one": "old"}
    assert told_to_stop(made) == [True]


def test_a_signal_before_anything_was_changed_leaves_nothing_open(console):
    class Looking(Signalled):
        mutates = False

    made = console(lambda killer: [Looking(signal.SIGINT)])
    ended = made.runner().run(plan())
    assert ended.state == State.CANCELLED
    assert made.leases.all() == []


class Asking:
    """Asks something of the operation as soon as it waits."""

    def __init__(self, made, ask):
        self.made, self.ask, self.asked = made, ask, False

    def append(self, event):
        if isinstance(event, Waiting) and not self.asked:
            self.asked = True
            self.ask(self.made.runner(), event.operation)


def test_another_process_can_have_it_undone(console, world):
    made = console(lambda killer: [SetStep(world, killer, "one", waits=60)])
    made.lease = 5.0  # this process keeps its lease, so that the other one asks it
    made.events = Asking(made, lambda runner, operation: runner.abort(operation.id, "too risky"))
    ended = made.runner().run(plan())
    assert (ended.state, ended.outcome) == (State.CANCELLED, "aborted: too risky")
    assert made.clock.elapsed < 60


def test_another_process_can_end_its_waiting(console, world):
    made = console(lambda killer: [SetStep(world, killer, "bake", waits=600)])
    made.events = Asking(made, lambda runner, operation: runner.promote(operation.id, "bake"))
    assert made.runner().run(plan()).state == State.SUCCEEDED
    assert made.clock.elapsed < 60


def test_another_process_can_pause_it_and_let_it_go_on(console, world):
    made = console(lambda killer: [SetStep(world, killer, "bake", waits=30)])
    made.events = Asking(made, lambda runner, operation: runner.pause(operation.id))
    seen = []

    class Going(type(made.clock)):
        def wait(self, event, seconds):
            operation = next(made.journal.all())
            seen.append(operation.state)
            if operation.state == State.PAUSED_BY_OPERATOR:
                made.journal.ask(operation.id, pause=False)
            return super().wait(event, seconds)

    made.clock = Going()
    ended = made.runner(Killer()).run(plan())
    assert ended.state == State.SUCCEEDED
    assert State.PAUSED_BY_OPERATOR in seen
    assert made.clock.elapsed >= 30, "what it waited for is not shortened by the pause"
