"""Status tells which side serves, what it runs, what is under way, and what is not as meant."""

from dataclasses import replace

import pytest
from support.cutovers import AT_ONCE, Store
from support.functions_cutover import Function
from support.operations import ACTOR
from support.versions import STOREFRONT, good

from platformctl.operations.kernel.states import State
from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.releases.model import Release
from platformctl.operations.releases.store import Releases
from platformctl.operations.status.serving import OpenOperation, read_records, read_services

RELEASE = Release(
    service="store",
    number=0,
    version="1",
    image="",
    digest="",
    definition={},
    configuration="",
    actor=ACTOR,
    created="2026-11-21T12:00:00.000Z",
)


@pytest.fixture(scope="module")
def deployed(region, tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"), region)


@pytest.fixture
def store(deployed):
    deployed.settle()
    return deployed


@pytest.fixture
def console(store):
    return store.console()


def look(console, service=None):
    """Return what status says about the service."""
    store = console.store
    services = [service or store.service]
    return read_services(services, store.clients, read_records(console.table))[0]


def test_before_the_first_operation_the_side_is_known_and_no_release(console):
    found = look(console)

    assert (found.active, found.release, found.degraded, found.operation) == ("blue", "", "", None)
    assert [(side.key, side.share, side.desired) for side in found.sides] == [
        ("blue", 100.0, 1),
        ("green", 0.0, 0),
    ]


def test_before_the_first_operation_the_release_that_up_recorded_is_told(store, console):
    releases = Releases(console.table)
    adopted = releases.record(RELEASE)
    releases.remember_revision(adopted, "blue", store.releases["r1"].task_definition)

    found = look(console)

    assert (found.active, found.release, found.degraded) == ("blue", "r1 (1)", "")
    assert {side.key: side.release for side in found.sides} == {"blue": "r1 (1)", "green": ""}


def test_after_a_cutover_it_tells_the_release_and_what_the_other_side_had(store, console):
    after = store.release("r2", good("2", STOREFRONT))
    assert console.cut_over(after, timing=AT_ONCE).state is State.SUCCEEDED

    found = look(console)

    assert (found.active, found.release, found.degraded) == ("green", str(after), "")
    assert {side.key: side.release for side in found.sides} == {
        "green": str(after),
        "blue": str(store.releases["r1"]),
    }


def test_an_operation_that_waits_is_named(store, console):
    after = store.release("r2", good("2", STOREFRONT))
    operation = console.cut_over(after, timing={"analysis": {"withoutData": "pause"}})
    assert operation.state is State.PAUSED_BY_FAILED_STEP

    found = look(console)

    assert found.operation == OpenOperation(
        id=operation.id,
        kind="deploy",
        target="service/store",
        state="paused_by_failed_step",
        outcome=operation.outcome,
    )
    assert (found.active, found.degraded) == ("", "")
    assert {side.key: side.share for side in found.sides} == {"blue": 50.0, "green": 50.0}
    console.runner().abort(operation.id, "the test is over")


def test_weights_that_nobody_answers_for_are_told(store, console):
    store.weights.shift({"blue": 70, "green": 30})

    found = look(console)

    assert found.degraded == "several sides serve, and no operation is under way"


def test_a_service_that_cannot_be_asked_does_not_hide_the_others(store, console):
    gone = replace(store.service, cluster="nowhere", name="gone")
    records = read_records(console.table)

    found = read_services([gone, store.service], store.clients, records)

    assert "Cluster not found" in found[0].trouble
    assert (found[1].trouble, found[1].active) == ("", "blue")


def test_an_environment_without_a_table_still_has_sides(store, console):
    records = read_records(OperationsTable(console.table.client, "nobody-made-it"))

    found = read_services([store.service], store.clients, records)

    assert "there is no operations table" in records.trouble
    assert found[0].active == "blue"


def test_a_function_tells_its_version_and_how_it_was_degraded(region, tmp_path):
    function = Function(region, tmp_path)
    first = replace(function.release("r1"), release="r1")
    after = function.release("r2")
    function.run(function.course(after, timing=AT_ONCE))
    function.run(function.course(first, timing=AT_ONCE, back=True), "rollback")

    found = read_services([function.service], function.clients, read_records(function.table))[0]

    assert (found.kind, found.active) == ("function", first.function_version)
    assert found.degraded == f"r2 was to serve, and {first} does"
