"""Operations that run, fail, pause, are undone, and are taken up."""

import pytest
from support.operations import Killed, Killer, SetStep, Step, TurnedClock, World, plan, states

from platformctl.errors import AuthenticationError, InvocationError, LockedError
from platformctl.operations.kernel import audit
from platformctl.operations.kernel.failures import InconclusiveError
from platformctl.operations.kernel.states import State
from platformctl.operations.kernel.table import OperationsTable

NAMES = ("one", "two", "three")


class Broken(Step):
    """Raises what it is given, until it is mended."""

    name, title = "broken", "break"

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    def apply(self, context):
        if self.error:
            raise self.error
        return {}


class Final(Step):
    """A point of no return."""

    name, title, irreversible = "final", "cross the point of no return", True

    def apply(self, context):
        return {}


def outcomes(console):
    table = OperationsTable(console.client, console.table)
    return [entry.outcome for entry in audit.entries(table)]


def test_an_operation_takes_its_steps_in_order_and_leaves_its_target_free(console, world):
    made = console()
    ended = made.runner().run(plan(release="r7"), reason="a new version", commit="abc")
    assert ended.state == State.SUCCEEDED
    assert world.effects == [(name, "new") for name in NAMES]
    kept = made.journal.read(ended.id)
    assert kept == ended
    assert (kept.reason, kept.commit, kept.plan.parameters) == (
        "a new version",
        "abc",
        {"release": "r7"},
    )
    assert made.leases.all() == []
    assert outcomes(made) == ["succeeded", "running", "pending"]


def test_a_check_that_says_no_undoes_everything_in_reverse(console, world):
    made = console(
        lambda killer: [
            SetStep(world, killer, "one"),
            SetStep(world, killer, "two"),
            SetStep(world, killer, "three", fails=True),
        ]
    )
    ended = made.runner().run(plan())
    assert ended.state == State.ROLLED_BACK
    assert ended.outcome == "three said no"
    assert world.effects[2:] == [("two", "old"), ("one", "old")]
    assert set(states(ended.steps).values()) == {"compensated"}
    assert made.leases.all() == []


def test_nothing_is_undone_where_a_check_refuses_before_anything_was_changed(console, world):
    class Preflight(SetStep):
        mutates = False

    made = console(lambda killer: [Preflight(world, killer, "preflight", fails=True)])
    ended = made.runner().run(plan())
    assert (ended.state, ended.outcome) == (State.FAILED, "preflight said no")
    assert world.effects == []


def test_what_cannot_be_told_pauses_and_is_taken_up_when_it_can(console, world):
    broken = Broken(InconclusiveError("no requests came"))
    made = console(lambda killer: [SetStep(world, killer, "one"), broken])
    paused = made.runner().run(plan())
    assert (paused.state, paused.outcome) == (State.PAUSED_BY_FAILED_STEP, "no requests came")
    assert world.values == {"one": "new"}

    broken.error = None
    ended = made.runner().resume(paused.id)
    assert ended.state == State.SUCCEEDED
    assert ended.step("broken").attempt == 2
    assert world.effects == [("one", "new")], "what is done is not done again"


def test_another_operation_is_refused_while_one_is_open_and_told_how_to_go_on(console, world):
    broken = Broken(InconclusiveError("no requests came"))
    made = console(lambda killer: [SetStep(world, killer, "one"), broken])
    paused = made.runner().run(plan(release="r7"))
    with pytest.raises(LockedError) as refused:
        made.runner().run(plan(release="r8"))
    assert paused.id in str(refused.value)
    assert f"operation abort local {paused.id}" in refused.value.remedy
    assert outcomes(made)[0] == "refused"

    broken.error = None
    again = made.runner().run(plan(release="r7"))
    assert (again.id, again.state) == (paused.id, State.SUCCEEDED)


def test_an_aborted_operation_is_undone(console, world):
    made = console(
        lambda killer: [SetStep(world, killer, "one"), Broken(InconclusiveError("who knows"))]
    )
    paused = made.runner().run(plan())
    ended = made.runner().abort(paused.id, "not today")
    assert (ended.state, ended.outcome) == (State.CANCELLED, "aborted: not today")
    assert world.values == {"one": "old"}
    with pytest.raises(InvocationError, match="has ended"):
        made.runner().resume(paused.id)


def test_past_the_point_of_no_return_only_the_way_forward_is_left(console, world):
    broken = Broken(InconclusiveError("who knows"))
    made = console(lambda killer: [SetStep(world, killer, "one"), Final(), broken])
    paused = made.runner().run(plan())
    with pytest.raises(InvocationError, match="cannot be undone any more"):
        made.runner().abort(paused.id, "too late")
    broken.error = None
    assert made.runner().resume(paused.id).state == State.SUCCEEDED
    assert world.values == {"one": "new"}


def test_a_skipped_step_is_recorded_with_who_and_why(console, world):
    broken = Broken(InconclusiveError("who knows"))
    made = console(lambda killer: [SetStep(world, killer, "one"), broken])
    paused = made.runner().run(plan())
    made.runner().skip(paused.id, "broken", "measured by hand")
    ended = made.runner().resume(paused.id)
    assert ended.state == State.SUCCEEDED_WITH_EXCEPTIONS
    by = ended.step("broken").by
    assert by is not None
    assert "ada" in by
    assert "measured by hand" in by
    with pytest.raises(InvocationError, match="has ended"):
        made.runner().skip(paused.id, "one", "why not")


def test_a_rollback_that_fails_keeps_the_target_and_can_be_tried_again(console, world):
    class Stuck(SetStep):
        stuck = True

        def undo(self, context):
            if Stuck.stuck:
                raise RuntimeError("the balancer does not answer")
            super().undo(context)

    made = console(
        lambda killer: [
            Stuck(world, killer, "one"),
            SetStep(world, killer, "two", fails=True),
        ]
    )
    failed = made.runner().run(plan())
    assert failed.state == State.ROLLBACK_FAILED
    assert "two said no" in failed.outcome
    assert "the balancer does not answer" in failed.outcome
    assert [tenure.operation for tenure in made.leases.all()] == [failed.id]

    Stuck.stuck = False
    ended = made.runner().resume(failed.id)
    assert ended.state == State.ROLLED_BACK
    assert world.values == {"one": "old"}


class Fatal(TurnedClock):
    """A clock at which a process dies when so much time has passed."""

    def __init__(self, killer, at):
        super().__init__()
        self.killer, self.at = killer, at

    def wait(self, event, seconds):
        if self.elapsed >= self.at:
            self.killer.dead = True
            raise Killed
        return super().wait(event, seconds)


@pytest.mark.fault(13, 25)
def test_time_that_was_waited_before_a_kill_counts_and_turned_clocks_do_not(console, world):
    made = console(lambda killer: [SetStep(world, killer, "bake", waits=60)])
    killer = Killer()
    made.clock = Fatal(killer, 20)
    with pytest.raises(Killed):
        made.runner(killer).run(plan())
    operation = next(made.journal.all())
    waited = operation.step("bake").elapsed
    assert waited == pytest.approx(20, abs=6)

    made.clock = TurnedClock()
    made.clock.wall = made.clock.wall.replace(year=2027)
    assert made.runner().resume(operation.id).state == State.SUCCEEDED
    assert made.clock.elapsed == pytest.approx(60 - waited, abs=1)


def test_refused_credentials_pause_with_the_status_of_authentication(console, world):
    from botocore.exceptions import ClientError

    expired = ClientError({"Error": {"Code": "ExpiredTokenException"}}, "ModifyRule")
    broken = Broken(expired)
    made = console(lambda killer: [SetStep(world, killer, "one"), broken])
    with pytest.raises(AuthenticationError) as refused:
        made.runner().run(plan())
    operation = next(made.journal.all())
    assert operation.state == State.PAUSED_BY_FAILED_STEP
    assert f"operation resume local {operation.id}" in refused.value.remedy
    broken.error = None
    assert made.runner().resume(operation.id).state == State.SUCCEEDED


def test_throttling_is_waited_for_and_then_paused_for(console, world):
    from botocore.exceptions import ClientError

    throttled = ClientError({"Error": {"Code": "ThrottlingException"}}, "ModifyRule")
    broken = Broken(throttled)
    made = console(lambda killer: [SetStep(world, killer, "one"), broken])
    paused = made.runner().run(plan())
    assert paused.state == State.PAUSED_BY_FAILED_STEP
    assert made.clock.elapsed == 2, "two pauses of a second"
    assert world.values == {"one": "new"}, "nothing is half undone"


def test_approval_is_waited_for(console, world):
    class Gate(Step):
        name, title = "gate", "wait for approval"

        def apply(self, context):
            return {"by": context.approval()}

    made = console(lambda killer: [Gate(), SetStep(world, killer, "one")])

    class Approving(type(made.clock)):
        def wait(self, event, seconds):
            operation = next(made.journal.all())
            if operation.state == State.WAITING_APPROVAL:
                made.runner().approve(operation.id, "gate", "looks good")
            return super().wait(event, seconds)

    made.clock = Approving()
    ended = made.runner().run(plan())
    assert ended.state == State.SUCCEEDED
    assert "looks good" in ended.step("gate").facts["by"]


def test_a_world_is_left_alone_by_a_resume_of_what_still_holds(console, world: World):
    made = console()
    for at in range(1, 8):
        with pytest.raises(Killed):
            made.runner(Killer(at)).run(plan())
    assert made.runner().run(plan()).state == State.SUCCEEDED
    assert world.effects == [(name, "new") for name in NAMES]


@pytest.mark.fault(14)
def test_an_output_that_is_closed_stops_nothing(console, world):
    class Closed(list):
        def append(self, event):
            super().append(event)
            if len(self) > 2:
                raise BrokenPipeError(32, "Broken pipe")

    made = console()
    made.events = Closed()
    assert made.runner().run(plan()).state == State.SUCCEEDED
    assert world.effects == [(name, "new") for name in NAMES]
    assert len(made.events) == 3, "it is not written to again"
