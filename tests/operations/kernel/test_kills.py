"""An operation that is killed at any moment, however often, ends as if it had not been."""

import contextlib
import uuid

from hypothesis import given, settings
from hypothesis import strategies as st
from support.operations import Console, Killed, Killer, SetStep, World, create_table, plan

from platformctl.operations.kernel.states import State

STEPS = st.lists(st.sampled_from([0.0, 0.0, 6.0]), min_size=1, max_size=5)


def console_of(dynamodb, waits, fails):
    """Return a console whose operation sets as many values, and the world it sets them in."""
    world, table = World(), f"operations-{uuid.uuid4()}"
    create_table(dynamodb, table)

    def make(killer):
        steps = [
            SetStep(world, killer, f"step-{number}", waits=wait)
            for number, wait in enumerate(waits)
        ]
        return [*steps, SetStep(world, killer, "gate", fails=True)] if fails else steps

    return Console(dynamodb, table, make), world


def moments_of(dynamodb, waits, fails):
    """Return how many moments there are to be killed at."""
    console, _ = console_of(dynamodb, waits, fails)
    killer = Killer()
    console.runner(killer).run(plan())
    return killer.moments


def run_with_kills(console, kills):
    """Run, be killed, run again; return how it ended."""
    for at in kills:
        try:
            return console.runner(Killer(at)).run(plan())
        except Killed:
            continue
    return console.runner().run(plan())


def expect_same_end(console, world, waits, fails, ended):
    names = [f"step-{number}" for number in range(len(waits))]
    if fails:
        assert ended.state == State.ROLLED_BACK
        assert set(world.values.values()) <= {"old"}
    else:
        assert ended.state == State.SUCCEEDED
        assert world.values == dict.fromkeys(names, "new")
        assert world.effects == [(name, "new") for name in names], "each exactly once, in order"
    assert console.leases.all() == []


def test_a_kill_at_each_moment_changes_nothing_in_the_end(dynamodb):
    for fails in (False, True):
        waits = [0.0, 0.0]
        for at in range(1, moments_of(dynamodb, waits, fails) + 1):
            console, world = console_of(dynamodb, waits, fails)
            ended = run_with_kills(console, [at])
            expect_same_end(console, world, waits, fails, ended)


@settings(max_examples=25)
@given(waits=STEPS, fails=st.booleans(), kills=st.lists(st.integers(1, 40), max_size=4))
def test_any_number_of_kills_changes_nothing_in_the_end(dynamodb, waits, fails, kills):
    console, world = console_of(dynamodb, waits, fails)
    ended = run_with_kills(console, kills)
    expect_same_end(console, world, waits, fails, ended)


@settings(max_examples=20)
@given(waits=STEPS, killed=st.integers(1, 40), kills=st.lists(st.integers(1, 30), max_size=3))
def test_what_is_aborted_is_undone_whatever_kills_come(dynamodb, waits, killed, kills):
    console, world = console_of(dynamodb, waits, fails=False)
    with contextlib.suppress(Killed):
        console.runner(Killer(killed)).run(plan())
    operation = next(console.journal.all(), None)
    if operation is None or operation.state.is_final:
        return
    for at in [*kills, None]:
        try:
            operation = console.runner(Killer(at)).abort(operation.id, "enough")
            break
        except Killed:
            operation = console.journal.read(operation.id)
            if operation.state.is_final:
                break
    assert operation.state == State.CANCELLED
    assert set(world.values.values()) <= {"old"}
