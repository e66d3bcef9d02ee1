"""Versions of a function are published from files; its alias spreads what it gets over two."""

import json
from dataclasses import replace

import pytest
from support.functions import make_function

from platformctl.aws.clients import local_clients
from platformctl.errors import InvocationError, ResourceError
from platformctl.operations.cutover import function_versions
from platformctl.operations.cutover.function_alias import AliasWeights
from platformctl.operations.cutover.function_versions import find_version, newest_version, publish
from platformctl.operations.kernel.failures import InconclusiveError
from platformctl.operations.services.model import Service, Side

SOURCE = """
def handle(event, context):
    return "RELEASE"
"""


@pytest.fixture
def clients(region):
    return local_clients(region.endpoint)


@pytest.fixture
def function(region):
    """A function with one version, behind the alias `live`."""
    arn = make_function(region, SOURCE.replace("RELEASE", "one"), Publish=True)
    name = arn.rpartition(":function:")[2].partition(":")[0]
    region.client("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return Service(
        name=name,
        product="shop",
        kind="function",
        region="us-east-1",
        function_name=name,
        alias="live",
        sides={number: Side(key=number, name=number) for number in ("1", "2")},
    )


def files(folder, release):
    path = folder / f"{release}.py"
    path.write_text(SOURCE.replace("RELEASE", release))
    return {"it.py": path}


def answer(region, function, qualifier="live"):
    said = region.client("lambda").invoke(FunctionName=function.name, Qualifier=qualifier)
    return json.load(said["Payload"])


def test_publishing_changes_nothing_for_whoever_invokes_the_alias(
    region, clients, function, tmp_path
):
    made = publish(clients, function, files(tmp_path, "two"), "two, from a test")

    assert (made.number, made.state, made.description) == ("2", "Active", "two, from a test")
    assert (answer(region, function), answer(region, function, "2")) == ("one", "two")
    assert find_version(clients, function, "2") == made
    assert newest_version(clients, function) == made


def test_the_same_files_are_the_version_that_is_there_already(clients, function, tmp_path):
    first = publish(clients, function, files(tmp_path, "two"), "once")
    again = publish(clients, function, files(tmp_path, "two"), "twice")

    assert again == first


def test_a_package_that_no_request_can_hold_is_refused_before_it_is_sent(
    clients, function, tmp_path, monkeypatch
):
    monkeypatch.setattr(function_versions, "LARGEST_PACKAGE", 10)

    with pytest.raises(InvocationError, match="in a request"):
        publish(clients, function, files(tmp_path, "two"), "too large")
    assert newest_version(clients, function) == find_version(clients, function, "1")


def test_a_version_that_was_never_published_is_named(clients, function):
    with pytest.raises(InvocationError, match="has no version 9"):
        find_version(clients, function, "9")


@pytest.fixture
def weights(clients, function, tmp_path):
    """The weights of the alias, with a second version to spread over."""
    publish(clients, function, files(tmp_path, "two"), "two")
    return AliasWeights(function, clients)


def test_the_alias_is_moved_by_weights_and_then_as_a_whole(region, function, weights):
    assert weights.shares() == {"1": 100, "2": 0}
    weights.shift({"1": 71, "2": 29})
    assert weights.shares() == {"1": 71, "2": 29}
    weights.shift({"1": 0, "2": 100})
    assert (weights.shares(), answer(region, function)) == ({"1": 0, "2": 100}, "two")
    weights.shift({"1": 100, "2": 0})
    assert (weights.shares(), answer(region, function)) == ({"1": 100, "2": 0}, "one")


def test_an_alias_that_somebody_else_moved_meanwhile_is_left_alone(region, function, weights):
    weights.shares()
    region.client("lambda").update_alias(
        FunctionName=function.name,
        Name="live",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.25}},
    )

    with pytest.raises(InconclusiveError, match="1 75 %, 2 25 %"):
        weights.shift({"1": 50, "2": 50})
    assert weights.shares() == {"1": 75, "2": 25}


def test_a_change_whose_answer_was_lost_is_no_change_by_somebody_else(clients, function, weights):
    late = AliasWeights(function, clients)
    late.shares()
    weights.shift({"1": 50, "2": 50})

    late.shift({"1": 50, "2": 50})

    assert late.shares() == {"1": 50, "2": 50}


def test_an_alias_that_leads_to_a_third_version_is_an_error(clients, function, weights, tmp_path):
    third = publish(clients, function, files(tmp_path, "three"), "three")
    AliasWeights(
        replace(function, sides={key: Side(key=key, name=key) for key in ("1", "3")}), clients
    ).shift({"1": 0, "3": 100})

    assert third.number == "3"
    with pytest.raises(ResourceError, match="3 100 %; version 3 is not part"):
        weights.shares()


def test_a_version_is_healthy_once_it_can_be_invoked(function, weights):
    assert weights.healthy(function.sides["2"]) == 1
    with pytest.raises(InvocationError, match="has no version 9"):
        weights.healthy(Side(key="9", name="9"))
