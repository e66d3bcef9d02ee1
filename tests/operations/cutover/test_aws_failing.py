"""AWS refuses, forgets to answer, or tells old news: nothing happens twice, nothing half."""

import pytest
from support.cutovers import StoreConsole
from support.fault_proxy import fault_proxy
from support.fault_rules import DENIED, EXPIRED, INTERNAL, THROTTLED, LoseReply, Refuse, Stale
from support.versions import STOREFRONT, good

from platformctl.errors import AuthenticationError
from platformctl.operations.cutover.steps import shift
from platformctl.operations.kernel.states import State

AT_ONCE = {"weights": [100], "bakeSeconds": 0}


@pytest.fixture
def proxy(store):
    with fault_proxy(store.region.endpoint) as made:
        yield made


@pytest.fixture
def console(store, proxy):
    """Return a place to operate from, whose calls to AWS go through the proxy."""
    return StoreConsole(store, proxy.clients)


@pytest.fixture
def after(store):
    return store.release("r2", good("2", STOREFRONT))


@pytest.mark.fault(6)
def test_calls_that_are_throttled_are_made_again(store, console, proxy, after):
    proxy.inject(Refuse(THROTTLED), "elbv2", share=0.3)
    proxy.inject(Refuse(THROTTLED), "ecs", share=0.3)

    operation = console.cut_over(after, AT_ONCE)

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert store.serving == "green"


@pytest.mark.fault(7)
@pytest.mark.parametrize(("service", "action"), [("elbv2", "ModifyRule"), ("ecs", "UpdateService")])
def test_a_change_whose_answer_was_lost_is_seen_to_have_happened(
    store, console, proxy, after, service, action
):
    rule = proxy.inject(LoseReply(), service, action, times=1)
    with store.customers(rate=40) as crowd:
        operation = console.cut_over(after, AT_ONCE)

    assert rule.hits == 1
    assert operation.state is State.SUCCEEDED, operation.outcome
    assert store.serving == "green"
    assert store.side("green").state().desired == 1
    assert crowd.failures == {}


@pytest.mark.fault(8)
def test_old_news_about_the_rule_are_waited_out(store, console, proxy, after):
    store.weights.shares()
    started = []

    def stale(event):
        if getattr(getattr(event, "step", None), "name", "") == "shift-100" and not started:
            started.append(proxy.inject(Stale(), "elbv2", "DescribeRules", seconds=3))

    console.observers.append(stale)
    operation = console.cut_over(after, AT_ONCE)

    assert started[0].hits > 1
    assert operation.state is State.SUCCEEDED, operation.outcome
    assert len(proxy.made("elbv2", "ModifyRule")) <= 3, "the rule is changed once, the tests' twice"


@pytest.mark.fault(22)
def test_weights_that_are_accepted_and_do_not_come_stop_everything(
    store, console, proxy, after, monkeypatch
):
    monkeypatch.setattr(shift, "READ_BACK_SECONDS", 1.0)
    started = []

    def stale(event):
        if getattr(getattr(event, "step", None), "name", "") == "shift-100" and not started:
            started.append(proxy.inject(Stale(), "elbv2", "DescribeRules"))

    console.observers.append(stale)
    operation = console.cut_over(after, AT_ONCE)

    assert operation.state is State.PAUSED_BY_FAILED_STEP
    assert "the rule does not take the weights that it accepted" in operation.outcome
    assert store.side("blue").state().desired == 1, "nobody is stopped"
    proxy.clear()
    console.observers.clear()
    assert console.runner().resume(operation.id).state is State.SUCCEEDED


@pytest.mark.fault(20)
def test_without_figures_for_too_long_it_goes_back(store, console, proxy, after):
    proxy.inject(Refuse(INTERNAL), "cloudwatch", "GetMetricData")
    timing = {"stepSeconds": 60, "analysis": {"errorLimit": 0}}
    with store.customers(rate=40) as crowd:
        operation = console.cut_over(after, timing)

    assert operation.state is State.ROLLED_BACK
    assert "CloudWatch did not answer" in operation.outcome
    assert store.serving == "blue"
    assert crowd.failures == {}


@pytest.mark.fault(10)
def test_a_late_step_that_is_not_allowed_keeps_what_was_reached(store, console, proxy, after):
    proxy.inject(Refuse(DENIED), "application-autoscaling", "RegisterScalableTarget", skip=1)

    operation = console.cut_over(after, AT_ONCE)

    assert operation.state is State.PAUSED_BY_FAILED_STEP
    assert "not authorized" in operation.outcome
    assert store.serving == "green"
    proxy.clear()
    assert console.runner().resume(operation.id).state is State.SUCCEEDED
    assert store.side("blue").state().desired == 0


@pytest.mark.fault(9)
def test_credentials_that_end_on_the_way_are_no_reason_to_lose_anything(
    store, console, proxy, after
):
    proxy.inject(Refuse(EXPIRED), "elbv2", "ModifyRule")
    with pytest.raises(AuthenticationError):
        console.cut_over(after, AT_ONCE)
    operation = next(console.journal.all())
    assert operation.state is State.PAUSED_BY_FAILED_STEP
    assert store.serving == "blue"

    proxy.clear()
    assert console.runner().resume(operation.id).state is State.SUCCEEDED
    assert store.serving == "green"


@pytest.mark.fault(27)
def test_a_way_back_that_aws_refuses_is_held_and_can_be_tried_again(store, console, proxy, after):
    def deny(event):
        if getattr(event, "step", "") == "analyse-50":
            console.observers.clear()
            proxy.inject(Refuse(DENIED), "elbv2", "ModifyRule")
            console.journal.ask(event.operation.id, abort="not good")

    console.observers.append(deny)
    with store.customers():
        operation = console.cut_over(after, {"stepSeconds": 60})
    assert operation.state is State.ROLLBACK_FAILED
    assert store.weights.shares() == {"blue": 50, "green": 50}
    assert store.side("green").state().desired == 1, "who gets requests is not stopped"

    proxy.clear()
    assert console.runner().resume(operation.id).state is State.CANCELLED
    assert store.serving == "blue"
