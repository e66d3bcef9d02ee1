"""A cutover that could not end well is not begun, and the message says why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.ecs import wait_for
from support.versions import STOREFRONT, good

from platformctl.config.cutover import CutoverConfig
from platformctl.errors import InvocationError, ResourceError
from platformctl.operations.cutover.begin import Wishes, forward
from platformctl.operations.cutover.course import SmokeCheck, read_course
from platformctl.operations.cutover.plan import make_plan
from platformctl.operations.cutover.standing import Standing, write_standing
from platformctl.operations.cutover.version import Version
from platformctl.operations.kernel.states import State

AT_ONCE = {"weights": [100], "bakeSeconds": 0}


def refused(store, console, course):
    """Run a course that must change nothing; return why it was refused."""
    before = store.weights.shares()
    operation = console.run(course)
    assert operation.state is State.FAILED, operation.outcome
    assert store.weights.shares() == before
    assert store.side("green").state().desired == 0
    assert console.runner().open_on(store.service.target) is None
    return operation.outcome


@pytest.fixture
def after(store):
    return store.release("r2", good("2", STOREFRONT))


def test_weights_other_than_the_last_operation_left_them(store, console, after):
    write_standing(
        console.table, Standing(service="store", side="green", running=store.releases["r1"])
    )

    why = refused(store, console, console.course(after))

    assert "store is not as the last operation left it" in why
    assert "blue 100 %, green 0 %; green is expected to get them all" in why


@pytest.mark.fault(22)
def test_weights_that_lead_to_a_side_without_tasks(store, console, after):
    """What ECS's own blue-green deployments do not notice."""
    store.weights.shift({"blue": 0, "green": 100})

    why = console.run(console.course(after, timing=AT_ONCE)).outcome

    assert "store is served by a side without tasks" in why
    assert store.serving == "green"


def test_several_sides_that_serve_without_an_operation(store, console, after):
    store.weights.shift({"blue": 30, "green": 70})
    wishes = Wishes(timing=CutoverConfig())

    with pytest.raises(ResourceError, match="blue 30 %, green 70 %"):
        forward(store.service, lambda side: after, wishes, store.clients, console.table)


def test_an_old_side_that_is_not_whole(store, console, after):
    blue = store.side("blue")
    blue.begin(store.releases["r1"].task_definition, 2)
    wait_for(lambda: store.weights.healthy(blue.side) == 2, what="two tasks")
    task = blue.task_arns()[0]
    ecs = store.region.client("ecs")
    blue.begin(store.define("crashing", command=["python", "-c", "raise SystemExit(3)"]), 2)
    ecs.stop_task(cluster="store", task=task)
    wait_for(lambda: store.weights.healthy(blue.side) == 1, what="one task")

    why = refused(store, console, console.course(after))

    assert "store-blue is not whole" in why
    assert "1 of its 2 tasks are healthy" in why


def test_a_task_definition_that_was_taken_away(store, console):
    arn = store.define("r6")
    store.region.client("ecs").deregister_task_definition(taskDefinition=arn)

    why = refused(store, console, console.course(Version(release="r6", task_definition=arn)))

    assert "the task definition of r6 cannot be used" in why
    assert "inactive" in why


@pytest.mark.fault(9)
def test_credentials_of_another_account(store, console, after):
    elsewhere = after.task_definition.replace(":000000000000:", ":111111111111:")
    course = console.course(replace(after, task_definition=elsewhere))

    why = refused(store, console, course)

    assert "these are the credentials of another account" in why


def test_credentials_that_end_before_the_cutover_may(store, console, after, monkeypatch):
    end = datetime.now(UTC) + timedelta(seconds=30)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", end.isoformat())

    why = refused(store, console, console.course(after, timing={"bakeSeconds": 600}))

    assert "the credentials expire before the cutover can be over" in why


def test_a_side_that_nobody_could_stop_after_its_time(store, console, after):
    service = replace(store.service, retire_role_arn="")
    course = console.course(after, timing={"keepWarmSeconds": 60}, service=service)

    why = refused(store, console, course)

    assert "nobody could stop store-blue after it was kept warm" in why


def test_a_service_with_one_side(store, console, after):
    sole = replace(store.service, sides={"sole": store.service.sides["blue"]})

    with pytest.raises(InvocationError, match="it has one side only"):
        make_plan("deploy", "dev", replace(console.course(after), service=sole))


def test_clients_that_stay_on_their_side_are_worth_a_warning(store, console, after):
    elb = store.region.client("elbv2")
    rule = store.service.balancing.rule_arn
    action = elb.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]
    sticky = {"Enabled": True, "DurationSeconds": 120}
    config = {**action["ForwardConfig"], "TargetGroupStickinessConfig": sticky}
    elb.modify_rule(RuleArn=rule, Actions=[{"Type": "forward", "ForwardConfig": config}])
    try:
        operation = console.run(console.course(after, timing=AT_ONCE))
        assert operation.state is State.SUCCEEDED, operation.outcome
        texts = [getattr(event, "text", "") for event in console.events]
        assert any("stay on their side for 120 s" in text for text in texts)
        kept = elb.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]["ForwardConfig"]
        assert kept["TargetGroupStickinessConfig"]["Enabled"], "a cutover changes weights alone"
    finally:
        config = {**config, "TargetGroupStickinessConfig": {"Enabled": False}}
        elb.modify_rule(RuleArn=rule, Actions=[{"Type": "forward", "ForwardConfig": config}])


def test_a_course_is_read_from_a_plan_as_it_was_written(console, after):
    check = SmokeCheck(name="answers", path="/items/7", expressions={"price": 107})
    course = console.course(after, smoke=(check,), ignored_alarms={"x": "y"})

    assert read_course(make_plan("deploy", "dev", course).parameters) == course
