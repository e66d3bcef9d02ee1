"""Lambda, EKS or a cluster refuses or forgets to answer: a cutover ends where it would have."""

import threading

import pytest
from support.fault_proxy import cluster_proxy, fault_proxy
from support.fault_rules import INTERNAL, THROTTLED, LoseReply, Refuse
from support.functions_cutover import Function
from support.workload import Workload

from platformctl.operations.kernel.events import StepChanged
from platformctl.operations.kernel.states import State

AT_ONCE = {"weights": [100], "bakeSeconds": 0}


@pytest.fixture
def proxy(region):
    with fault_proxy(region.endpoint) as made:
        yield made


@pytest.fixture
def function(region, tmp_path):
    return Function(region, tmp_path)


@pytest.fixture(scope="module")
def running(region):
    return Workload(region)


@pytest.fixture
def workload(running):
    running.settle()
    return running


@pytest.fixture
def cluster(proxy, workload):
    """Return the proxy before the workload's cluster."""
    with cluster_proxy(proxy, workload.service.cluster) as made:
        yield made


@pytest.mark.fault(6)
@pytest.mark.fault(7)
@pytest.mark.parametrize(
    ("effect", "action", "more"),
    [
        (Refuse(THROTTLED), "*", {"share": 0.2}),
        (Refuse(INTERNAL), "UpdateAlias", {"times": 2}),
        (LoseReply(), "UpdateAlias", {"times": 1}),
        (LoseReply(), "UpdateAlias", {"times": 1, "skip": 1}),
    ],
    ids=["throttled", "errors", "first-answer-lost", "last-answer-lost"],
)
def test_a_function_moves_once_and_to_the_end(function, proxy, effect, action, more):
    after = function.release("r2")
    rule = proxy.inject(effect, "lambda", action, **more)
    course = function.course(after, timing={"stepSeconds": 0, "bakeSeconds": 0})

    with function.customers() as answers:
        operation = function.run(course, clients=proxy.clients)

    assert rule.hits
    assert operation.state is State.SUCCEEDED, operation.outcome
    assert (function.serving, function.ask()) == ({"2": 100.0}, "r2")
    assert set(answers) <= {"r1", "r2"}


@pytest.mark.fault(7)
def test_a_function_whose_alias_cannot_be_changed_stays_where_it_was(function, proxy):
    course = function.course(function.release("r2"), timing=AT_ONCE)
    proxy.inject(Refuse(INTERNAL), "lambda", "UpdateAlias")

    operation = function.run(course, clients=proxy.clients)

    assert operation.state is State.PAUSED_BY_FAILED_STEP
    assert function.serving == {"1": 100.0}
    proxy.clear()
    assert function.runner().resume(operation.id).state is State.SUCCEEDED


@pytest.mark.fault(6)
@pytest.mark.fault(7)
@pytest.mark.parametrize(
    ("effect", "action", "more"),
    [
        (Refuse(THROTTLED), "*", {"share": 0.2}),
        (Refuse(INTERNAL), "PATCH services", {"times": 1}),
        (LoseReply(), "PATCH deployments", {"times": 1}),
        (LoseReply(), "PATCH services", {"times": 1}),
    ],
    ids=["throttled", "errors", "start-answer-lost", "switch-answer-lost"],
)
def test_a_workload_moves_once_and_to_the_end(workload, proxy, cluster, effect, action, more):
    rule = cluster.inject(effect, "kubernetes", action, **more)

    operation = workload.run(
        workload.course(workload.release("r2"), timing=AT_ONCE), clients=proxy.clients
    )

    assert rule.hits
    assert operation.state is State.SUCCEEDED, operation.outcome
    assert (workload.serving, workload.ask()) == ("green", "green")
    assert workload.side("blue").state().wanted == 0


@pytest.mark.fault(7)
def test_a_workload_whose_service_cannot_be_changed_stays_where_it_was(workload, proxy, cluster):
    course = workload.course(workload.release("r2"), timing=AT_ONCE)
    cluster.inject(Refuse(INTERNAL), "kubernetes", "PATCH services")

    operation = workload.run(course, clients=proxy.clients)

    assert operation.state is State.PAUSED_BY_FAILED_STEP
    assert (workload.serving, workload.ask()) == ("blue", "blue")
    assert workload.runner().resume(operation.id).state is State.SUCCEEDED
    assert workload.serving == "green"


@pytest.mark.fault(6)
def test_eks_that_throttles_now_and_then_is_asked_again(workload, proxy):
    rule = proxy.inject(Refuse(THROTTLED), "eks", "DescribeCluster", share=0.3)

    operation = workload.run(
        workload.course(workload.release("r2"), timing=AT_ONCE), clients=proxy.clients
    )

    assert rule.hits
    assert operation.state is State.SUCCEEDED, operation.outcome
    assert (workload.serving, workload.ask()) == ("green", "green")


@pytest.mark.fault(6)
def test_eks_that_throttles_everything_leaves_it_waiting_where_it_is(workload, proxy):
    begun = threading.Event()

    def look(event):
        if isinstance(event, StepChanged) and event.step.name == "ready":
            begun.set()

    workload.observers.append(look)
    proxy.inject(Refuse(THROTTLED), "eks", "DescribeCluster", holds=lambda _: begun.is_set())
    operation = workload.run(
        workload.course(workload.release("r2"), timing=AT_ONCE), clients=proxy.clients
    )

    assert operation.state is State.PAUSED_BY_FAILED_STEP
    assert "DescribeCluster" in operation.outcome
    assert "Rate exceeded" in operation.outcome
    assert (workload.serving, workload.ask()) == ("blue", "blue")
    assert workload.runner().resume(operation.id).state is State.SUCCEEDED
    assert (workload.serving, workload.ask()) == ("green", "green")
