"""A cutover that is killed, held or meddled with can be finished or undone by anybody."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from support.ecs import wait_for
from support.operations import Killed, KilledTable, Killer
from support.versions import STOREFRONT, good

from platformctl.errors import LockedError
from platformctl.operations.cutover.course import read_course
from platformctl.operations.cutover.plan import make_plan, steps
from platformctl.operations.cutover.rollback import resume_or_undo
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.lease import Leases
from platformctl.operations.kernel.runner import Runner
from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.load.traffic import Client

AT_ONCE = {"weights": [100], "bakeSeconds": 0}
HELD = {"weights": [50, 100], "stepSeconds": 300, "bakeSeconds": 0}
READS = ("describe", "get", "list")
OPERATOR = """
import json, sys
from support.cutovers import run_plan
run_plan(*sys.argv[1:])
"""


class DeadTable(KilledTable):
    """The operations table of a process that is killed at some moment of its work on AWS."""

    def _call(self, action, **arguments):
        if self.killer.dead:
            self.killer.moment()
        return super(KilledTable, self)._call(action, **arguments)


class Mortal:
    """A boto3 client whose every change is followed, and preceded, by a moment to be killed at."""

    def __init__(self, client, killer):
        self._client, self._killer = client, killer
        self.meta, self.exceptions = client.meta, client.exceptions

    def __getattr__(self, name):
        found = getattr(self._client, name)
        if name.startswith(READS) or name not in self.meta.method_to_api_mapping:
            return found
        return lambda **arguments: self._killer.around(lambda: found(**arguments))


def mortal_runner(console, killer):
    """Return a runner in a process that is killed at a moment of its work on AWS."""
    table = DeadTable(console.table.client, console.table.name, killer)
    runner = console.runner()
    tools = replace(
        runner.tools,
        journal=Journal(table),
        clients=lambda service, region: Mortal(console.clients(service, region), killer),
    )
    surroundings = Surroundings(connect=Client, table=table)
    return Runner(tools, Leases(table, duration=0.3), lambda plan: steps(plan, surroundings))


@pytest.mark.fault(1)
def test_killed_right_after_any_change_it_ends_where_an_undisturbed_one_does(store, console):
    versions = [store.releases["r1"], store.release("r2", good("2", STOREFRONT))]
    moments, killed = 0, True
    with store.customers(rate=40) as crowd:
        while killed:
            moments += 2  # Those between are right before a change: nothing has happened yet.
            before, after = versions
            course = console.course(after, before=before, timing=AT_ONCE)
            runner = mortal_runner(console, Killer(at=moments))
            try:
                runner.run(make_plan("deploy", "dev", course))
                killed = False
            except Killed:
                operation = next(console.journal.all())
                if operation.state.is_final:
                    continue
                resumed = mortal_runner(console, Killer()).resume(operation.id)
                assert resumed.state is State.SUCCEEDED, (moments, resumed.outcome)
            assert store.serving == course.new, moments
            assert console.standing.running == after
            assert store.side(course.old).state().desired == 0
            assert store.side(course.new).state().desired == 1
            versions.reverse()
    assert moments > 8, "there are that many changes at least"
    assert crowd.failures == {}


@pytest.fixture
def other_process(console):
    """Return what cuts over in a process of its own; none is left behind."""
    started = []

    def start(course):
        request = {
            "endpoint": console.store.region.endpoint,
            "table": console.table.name,
            "parameters": course.parameters(),
        }
        process = subprocess.Popen(
            [sys.executable, "-c", OPERATOR, json.dumps(request)],
            env={**os.environ, "PYTHONPATH": "tests"},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(10)
        process.stdout.close()


def killed_at_half(store, console, other_process):
    """Return an operation whose process was killed while half of the requests had moved."""
    after = store.release("r2", good("2", STOREFRONT))
    process = other_process(console.course(after, timing=HELD))

    def analyses():
        found = next(console.journal.all(), None)
        running = found and found.step("analyse-50").state is StepState.RUNNING
        assert process.poll() is None, process.stdout.read()
        return found if running else None

    operation = wait_for(analyses, 60, what="half of the requests moved")
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    return operation


@pytest.mark.fault(25)
def test_killed_between_weights_the_last_weights_stay_and_anybody_goes_on(
    store, console, other_process
):
    with store.customers() as crowd:
        operation = killed_at_half(store, console, other_process)
        assert store.weights.shares() == {"blue": 50, "green": 50}
        console.journal.ask(operation.id, promote="analyse-50")
        ended = console.runner().resume(operation.id)

    assert ended.state is State.SUCCEEDED, ended.outcome
    assert store.serving == "green"
    assert crowd.failures == {}
    assert {release for _, release in crowd.answers} == {"r1", "r2"}


def test_what_was_left_too_long_ago_is_undone_instead(store, console, other_process):
    operation = killed_at_half(store, console, other_process)

    ended = resume_or_undo(console.runner(), operation, 0.0)

    assert ended.state is State.CANCELLED
    assert "is the most" in ended.outcome
    assert store.serving == "blue"


@pytest.mark.fault(25)
def test_a_deployment_of_something_else_is_refused_while_one_is_open(store, console, other_process):
    operation = killed_at_half(store, console, other_process)
    other = replace(read_course(operation.plan.parameters), after=store.releases["r1"])

    with pytest.raises(LockedError, match=operation.id):
        console.run(other)
    console.runner().abort(operation.id, "the end")
    assert store.serving == "blue"


@pytest.mark.fault(22)
def test_weights_that_somebody_changed_meanwhile_are_reported_and_nothing_is_done(
    store, console, other_process
):
    operation = killed_at_half(store, console, other_process)
    store.weights.shift({"blue": 80, "green": 20})

    held = console.runner().resume(operation.id)

    assert held.state is State.PAUSED_BY_FAILED_STEP
    assert "changed behind this operation's back" in held.outcome
    assert "blue 80 %, green 20 %" in held.outcome
    assert store.weights.shares() == {"blue": 80, "green": 20}
    aborted = console.runner().abort(operation.id, "who was that?")
    assert aborted.state is State.CANCELLED
    assert store.serving == "blue"


@pytest.mark.fault(22)
def test_weights_changed_while_it_measures_stop_it_where_it_is(store, console):
    def meddle(event):
        if getattr(event, "step", "") == "analyse-50":
            store.weights.shift({"blue": 10, "green": 90})

    console.observers.append(meddle)
    with store.customers():
        held = console.cut_over(store.release("r2", good("2", STOREFRONT)), HELD)

    assert held.state is State.PAUSED_BY_FAILED_STEP
    assert "blue 10 %, green 90 %" in held.outcome
    console.observers.clear()
    assert console.runner().abort(held.id, "").state is State.CANCELLED
    assert store.serving == "blue"


def test_an_operator_ends_the_waiting(store, console):
    def promote(event):
        if getattr(event, "step", "") == "analyse-50":
            console.journal.ask(event.operation.id, promote="analyse-50")

    console.observers.append(promote)
    with store.customers() as crowd:
        ended = console.cut_over(store.release("r2", good("2", STOREFRONT)), HELD)

    assert ended.state is State.SUCCEEDED, ended.outcome
    assert ended.step("analyse-50").facts["promoted"]
    assert crowd.failures == {}


def test_an_operator_holds_it_and_lets_it_go_on(store, console):
    held = []

    def hold(event):
        if getattr(event, "step", "") == "analyse-50" and not held:
            held.append(store.weights.shares())
            console.journal.ask(event.operation.id, pause=True)
        if event.operation.state is State.PAUSED_BY_OPERATOR:
            held.append(store.weights.shares())
            console.journal.ask(event.operation.id, pause=False)

    console.observers.append(hold)
    with store.customers() as crowd:
        ended = console.cut_over(
            store.release("r2", good("2", STOREFRONT)), {"stepSeconds": 6, "bakeSeconds": 0}
        )

    assert held == [{"blue": 50, "green": 50}] * 2
    assert ended.state is State.SUCCEEDED, ended.outcome
    assert crowd.failures == {}


@pytest.mark.fault(24)
def test_the_old_side_dying_on_the_way_leaves_nobody_without_an_answer_for_long(store, console):
    blue = store.side("blue")

    def kill(event):
        if getattr(event, "step", "") == "analyse-50" and blue.task_arns():
            console.observers.clear()
            console.clients("ecs", "us-east-1").update_service(
                cluster="store", service="store-blue", desiredCount=0
            )

    console.observers.append(kill)
    with store.customers():
        ended = console.cut_over(store.release("r2", good("2", STOREFRONT)), HELD)

    assert ended.state is State.ROLLED_BACK
    assert "store-blue has no healthy target any more" in ended.outcome
    assert store.serving == "blue", "it was started again before it got the requests back"
    assert store.ask().headers["x-release"] == "r1"
    assert read_course(ended.plan.parameters).old == "blue"
