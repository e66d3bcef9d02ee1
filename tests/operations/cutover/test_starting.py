"""A release that cannot start is noticed within seconds, with the reason, and nobody notices."""

import pytest
from support.versions import (
    STOREFRONT,
    crashes,
    flapping,
    good,
    logs_and_crashes,
    port_taken,
    unhealthy,
    wrong,
)

from platformctl.operations.cutover import probe
from platformctl.operations.cutover.course import LONGEST_KEPT, SmokeCheck
from platformctl.operations.cutover.version import Version
from platformctl.operations.kernel.events import Told, Waiting
from platformctl.operations.kernel.states import State


def refused(store, console, after, timing=(), **changes):
    """Cut over to a release that must not get any request; return the operation."""
    with store.customers(rate=40) as crowd:
        operation = console.cut_over(after, timing, **changes)
    assert crowd.failures == {}
    assert {release for _, release in crowd.answers} == {"r1"}
    assert store.serving == "blue"
    assert store.side("green").state().desired == 0
    assert console.standing.degraded
    assert console.standing.running == store.releases["r1"]
    assert all(not step.name.startswith("shift") or not step.attempt for step in operation.steps)
    return operation


@pytest.mark.fault(15)
def test_tasks_that_crash_are_told_with_exit_code_and_log(store, console):
    after = store.release("crashes", crashes(STOREFRONT))
    operation = refused(store, console, after)

    assert operation.state is State.ROLLED_BACK, "and not timed out"
    assert "Essential container in task exited" in operation.outcome
    assert "exited with 1" in operation.outcome
    assert "this version cannot start: no such table: prices" in operation.outcome
    told = [event for event in console.events if isinstance(event, Told)]
    assert any("cannot start" in line for event in told for line in event.details)


def test_what_a_task_logged_as_a_document_is_told_in_words(store, console):
    after = store.release("logs-and-crashes", logs_and_crashes(STOREFRONT))
    operation = refused(store, console, after)

    said = "error prices: this version cannot start: FileNotFoundError: [Errno 2] No such file"
    assert f"it said last: {said}" in operation.outcome


def test_a_side_that_never_was_ready_is_not_kept_to_look_at(store, console):
    after = store.release("crashes-again", crashes(STOREFRONT))
    refused(store, console, after, keep_failed_seconds=LONGEST_KEPT)

    kept = [event for event in console.events if isinstance(event, Waiting)]
    assert not [event for event in kept if "keeps running" in event.what]


@pytest.mark.fault(15)
def test_an_image_that_is_not_there_needs_no_second_attempt(store, console):
    image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/storefront:missing"
    after = Version(
        release="r9", version="missing", task_definition=store.define("r9", image=image)
    )
    operation = refused(store, console, after)

    assert operation.state is State.ROLLED_BACK
    assert "CannotPullContainerError" in operation.outcome


@pytest.fixture
def without_room(store):
    """Have no room for new Fargate tasks while a test runs; return how to have some again."""
    zones = [f"us-east-1{letter}" for letter in "abc"]
    region = store.region.controller
    region.take_fargate_room(*zones)
    yield lambda: region.give_fargate_room(*zones)
    region.give_fargate_room(*zones)


@pytest.mark.fault(15)
@pytest.mark.usefixtures("without_room")
def test_without_room_for_tasks_it_goes_back_at_its_deadline_and_says_why(store, console):
    after = store.release("r2", good("2", STOREFRONT))
    operation = refused(store, console, after, {"deadlineSeconds": 5})

    assert operation.state is State.TIMED_OUT
    why = "was unable to place a task. Reason: Capacity is unavailable at this time."
    assert f"0 of 1 tasks run; (service {store.side('green').side.name}) {why}" in operation.outcome
    assert operation.outcome.count(why) == 1, "though ECS says it at every attempt"
    told = [event for event in console.events if isinstance(event, Told)]
    assert [why in line for event in told for line in event.details].count(True) == 1


def test_the_lack_of_room_is_told_at_once_and_it_goes_on_where_some_is_found(
    store, console, without_room
):
    def look(event):
        if isinstance(event, Told) and "finds no room" in event.text:
            without_room()

    console.observers.append(look)
    after = store.release("r2", good("2", STOREFRONT))
    operation = console.cut_over(after, {"weights": [100], "bakeSeconds": 0})

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert any("finds no room" in event.text for event in console.events if isinstance(event, Told))
    assert store.serving == "green"


def test_a_secret_that_is_not_there_is_told_by_name(store, console):
    secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:nobody-made-it"
    arn = store.define("r8", secrets=[{"name": "KEY", "valueFrom": secret}])
    after = Version(release="r8", version="8", task_definition=arn)
    operation = refused(store, console, after)

    assert "ResourceInitializationError" in operation.outcome
    assert "nobody-made-it" in operation.outcome


def test_a_port_that_is_taken_is_told(store, console):
    operation = refused(store, console, store.release("port", port_taken(STOREFRONT)))

    assert operation.state is State.ROLLED_BACK
    said = operation.outcome.lower().partition("it said last: ")[2]
    assert "address already in use" in said, "and not what it logged after that"


@pytest.mark.fault(18)
@pytest.mark.parametrize("version", [unhealthy(STOREFRONT), flapping(STOREFRONT)])
def test_a_release_that_is_not_steadily_healthy_gets_no_request(store, console, version):
    after = store.release(version.name, version)
    operation = refused(store, console, after, {"readySeconds": 30, "deadlineSeconds": 5})

    assert operation.state in (State.ROLLED_BACK, State.TIMED_OUT)
    assert "health check" in operation.outcome.lower() or "Health check" in operation.outcome


def test_a_healthy_release_with_wrong_answers_is_stopped_by_its_smoke_checks(store, console):
    check = SmokeCheck(name="things cost something", path="/items/7", expressions={"price": 107})
    after = store.release("wrong", wrong(STOREFRONT))
    operation = refused(store, console, after, smoke=[check])

    assert operation.state is State.ROLLED_BACK
    assert "things cost something: price is 0, must be 107" in operation.outcome


@pytest.mark.fault(29)
def test_a_check_that_hangs_is_a_no(store, console, monkeypatch):
    monkeypatch.setattr(probe, "SECONDS", 1.0)
    check = SmokeCheck(name="it answers in time", path="/slow?seconds=20")
    operation = refused(store, console, store.release("r2", good("2", STOREFRONT)), smoke=[check])

    assert operation.state is State.ROLLED_BACK
    assert "it answers in time: GET /slow?seconds=20 was not answered in 1 s" in operation.outcome


@pytest.mark.fault(29)
def test_a_check_that_is_answered_with_nonsense_is_a_no(store, console):
    check = SmokeCheck(name="it has a colour", path="/items/7", expressions={"colour": "blue"})
    operation = refused(store, console, store.release("r2", good("2", STOREFRONT)), smoke=[check])

    assert "it has a colour: colour is None, must be 'blue'" in operation.outcome


def test_a_release_whose_answers_are_right_passes_them(store, console):
    check = SmokeCheck(name="things cost something", path="/items/7", expressions={"price": 107})
    after = store.release("r2", good("2", STOREFRONT))
    operation = console.cut_over(after, {"weights": [100], "bakeSeconds": 0}, smoke=[check])

    assert operation.state is State.SUCCEEDED, operation.outcome
    names = operation.step("smoke").facts["checks"]
    assert names == ["it says that it is healthy", "things cost something"]
