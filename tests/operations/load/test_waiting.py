"""Where events are that went in and did not come out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.region import RunningRegion, running_region

from platformctl.operations.load.profile import load_profile
from platformctl.operations.load.waiting import find_waiting

PROFILE = """
send: {output: url, path: /events, list: events, accepted: accepted, event: {id: "{uuid}"}}
count: {output: url, path: "/count", total: total, groups: "groups[]"}
sample: {file: events.jsonl, secondsAgo: age}
places:
  - name: the broker
    means: "{} events wait"
    namespace: Shop
    metric: Lag
    dimensions: {Cluster Name: shop, Topic: "{topic}"}
  - name: the replica
    means: "{} s behind"
    namespace: Shop
    metric: Behind
    dimensions: {Database: "{database}"}
"""


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with running_region(tmp_path_factory.mktemp("region")) as running:
        yield running


@pytest.fixture
def profile(tmp_path: Path):
    folder = tmp_path / "apps" / "shop"
    folder.mkdir(parents=True)
    (folder / "load.yaml").write_text(PROFILE)
    return load_profile(tmp_path, "shop")


def put(region, place, metric, figure, **dimensions):
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    data = {"MetricName": metric, "Value": figure, "Dimensions": named}
    region.client("cloudwatch", place).put_metric_data(Namespace="Shop", MetricData=[data])


def test_each_place_is_asked_in_both_regions(region, profile):
    topic = {"Cluster Name": "shop", "Topic": "both"}
    put(region, "us-east-1", "Lag", 0, **topic)
    put(region, "us-west-2", "Lag", 100, **topic)
    put(region, "us-east-1", "Behind", 0.5, Database="primary")
    outputs = {
        "topic": "both",
        "database": "primary",
        "region": "us-east-1",
        "recovery_region": "us-west-2",
    }

    assert [figure.sentence for figure in find_waiting(profile, outputs, region.client)] == [
        "the broker in us-east-1: 0 events wait",
        "the replica in us-east-1: 0.5 s behind",
        "the broker in us-west-2: 100 events wait",
    ]


def test_places_that_are_not_there_or_say_nothing_are_left_out(region, profile):
    outputs = {"topic": "silent", "region": "us-east-1", "recovery_region": None}

    assert find_waiting(profile, outputs, region.client) == []


def test_the_figures_can_be_read_by_programs(region, profile):
    put(region, "us-east-1", "Lag", 7, **{"Cluster Name": "shop", "Topic": "one"})
    (figure,) = find_waiting(profile, {"topic": "one", "region": "us-east-1"}, region.client)

    assert (figure.place, figure.region, figure.value) == ("the broker", "us-east-1", 7)
