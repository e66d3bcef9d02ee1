"""Releases are numbered, found by any of their names, and never changed."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from support.operations import ACTOR, create_table

from platformctl.errors import InvocationError, StateError
from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.releases.model import Release, read_release
from platformctl.operations.releases.store import Releases

RELEASE = Release(
    service="shop-api",
    number=0,
    version="1.4.0",
    image="1.dkr.ecr.us-east-1.amazonaws.com/shop-api@sha256:" + "a" * 64,
    digest="sha256:" + "a" * 64,
    definition={"family": "shop-api", "containerDefinitions": [], "cpu": "256"},
    configuration="c0ffee",
    smoke=[{"name": "it adds up", "path": "/sum"}],
    actor=ACTOR,
    created="2026-11-21T12:00:00.000Z",
)


@pytest.fixture
def releases(region):
    name = f"operations-{uuid.uuid4().hex[:8]}"
    create_table(region.client("dynamodb"), name)
    return Releases(OperationsTable(region.client("dynamodb"), name))


def test_releases_of_each_service_are_numbered_for_themselves(releases):
    first, second = releases.record(RELEASE), releases.record(RELEASE)
    other = releases.record(replace(RELEASE, service="shop-web"))

    assert [each.name for each in (first, second, other)] == ["r1", "r2", "r1"]
    assert list(releases.all("shop-api")) == [second, first]
    assert releases.newest("shop-web") == other
    assert releases.newest("nothing") is None


def test_releases_recorded_at_the_same_time_get_different_numbers(releases):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(releases.record, [RELEASE] * 12))

    assert sorted(each.number for each in made) == list(range(1, 13))


@pytest.mark.parametrize(
    "said", ["r2", "2", "shop-api r2", "2.0.0", "sha256:bbbbbbb", "bbbbbbbbbbbb"]
)
def test_a_release_is_found_by_whatever_people_call_it(said, releases):
    releases.record(RELEASE)
    wanted = releases.record(replace(RELEASE, version="2.0.0", digest="sha256:" + "b" * 64))

    assert releases.find("shop-api", said) == wanted


def test_of_one_version_the_newest_release_is_meant(releases):
    releases.record(RELEASE)
    newest = releases.record(replace(RELEASE, configuration="other"))

    assert releases.find("shop-api", "1.4.0") == newest


def test_a_release_that_is_not_there_is_answered_with_the_newest(releases):
    with pytest.raises(InvocationError, match="nothing of it was ever released"):
        releases.find("shop-api", "r1")
    releases.record(RELEASE)
    with pytest.raises(InvocationError, match=r"no release 'r9' .*the newest are r1 \(1\.4\.0\)"):
        releases.find("shop-api", "r9")


def test_a_release_of_another_service_is_refused(releases):
    releases.record(replace(RELEASE, service="shop-web"))

    with pytest.raises(InvocationError, match="it is one of shop-web, whose releases"):
        releases.find("shop-api", "shop-web r1")


def test_a_release_that_a_newer_platformctl_wrote_is_not_guessed_at():
    document = {**RELEASE.document(), "format": 2}

    with pytest.raises(StateError, match="it has format 2"):
        read_release(document)


def test_a_release_is_found_by_what_a_side_runs(releases):
    task = releases.record(RELEASE)
    function = releases.record(replace(RELEASE, definition={"version": "3"}))
    workload = releases.record(replace(RELEASE, definition={"image": RELEASE.image}))
    releases.remember_revision(task, "blue", "arn:shop-api:9")

    for what, release in (("arn:shop-api:9", task), ("3", function), (RELEASE.image, workload)):
        assert releases.running("shop-api", what) == release
    assert releases.running("shop-api", "arn:shop-api:10") is None
