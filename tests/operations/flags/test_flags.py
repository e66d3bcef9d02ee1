"""Feature flags are recorded by conditional writes, published in each region, and audited."""

import json
import threading
import uuid
from collections.abc import Callable
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore.config import Config
from hypothesis import given
from hypothesis import strategies as st
from support.operations import ACTOR, create_table
from support.ports import free_port
from support.region import RunningRegion

from platformctl.errors import InvocationError, ResourceError, StateError
from platformctl.operations.flags.change import Author, set_flag
from platformctl.operations.flags.find import FlagSet, Place, choose, flag_sets
from platformctl.operations.flags.model import Flag, Flags, decode
from platformctl.operations.flags.store import FlagStore
from platformctl.operations.kernel import audit
from platformctl.operations.kernel.table import OperationsTable

AUTHOR = Author(actor=ACTOR, reason="a canary")
REGIONS = ("us-east-1", "us-west-2")
Clients = Callable[[str, str], Any]
flags = st.builds(
    Flag,
    name=st.from_regex(r"[a-z][a-zA-Z0-9_-]{0,20}", fullmatch=True),
    enabled=st.booleans(),
    percentage=st.floats(0, 100),
    audience=st.lists(st.from_regex(r"[a-z]{1,8}=[A-Za-z0-9]{1,8}", fullmatch=True)).map(tuple),
)


@pytest.fixture
def clients(region: RunningRegion) -> Clients:
    return region.client


@pytest.fixture
def table(region: RunningRegion) -> OperationsTable:
    client, name = region.client("dynamodb"), f"operations-{uuid.uuid4()}"
    create_table(client, name)
    return OperationsTable(client, name)


@pytest.fixture
def flag_set() -> FlagSet:
    name = f"/platform/test/{uuid.uuid4().hex}/flags"
    return FlagSet(
        product="analytics", places=[Place(region=each, parameter=name) for each in REGIONS]
    )


def flag(name: str = "new", **changes: Any) -> Flag:
    return Flag(name=name, **{"enabled": True, "percentage": 20.0, **changes})


@given(st.lists(flags, unique_by=lambda each: each.name), st.integers(0, 10**6))
def test_what_a_parameter_holds_is_read_back_as_it_was(given: list[Flag], revision: int) -> None:
    written = Flags(revision=revision, flags={each.name: each for each in given})

    assert decode(written.encode()) == written


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"revision": 1, "flags": {"new": 1}}'])
def test_what_is_no_document_of_flags_is_refused(text: str) -> None:
    with pytest.raises(StateError, match="the flags cannot be read"):
        decode(text)


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        (flag("New"), "the name is 'New'"),
        (flag(percentage=101), "the percentage is 101: must be 0 to 100"),
        (flag(audience=["Germany"]), "the audience 'Germany' is not attribute=value"),
    ],
)
def test_a_flag_that_cannot_be_is_refused_before_anything_happens(
    table: OperationsTable, clients: Clients, flag_set: FlagSet, wrong: Flag, mistake: str
) -> None:
    with pytest.raises(InvocationError) as caught:
        set_flag(table, clients, flag_set, wrong, AUTHOR)

    assert mistake in caught.value.why
    assert FlagStore(table, clients, flag_set).wanted().revision == 0
    assert list(audit.entries(table)) == []


def test_a_flag_is_published_in_each_region_and_written_down(
    table: OperationsTable, clients: Clients, flag_set: FlagSet
) -> None:
    set_flag(table, clients, flag_set, flag(), AUTHOR)
    change = set_flag(table, clients, flag_set, flag(enabled=False), AUTHOR)

    store = FlagStore(table, clients, flag_set)
    assert change.before == flag()
    assert [store.published(place).flags for place in flag_set.places] == [
        {"new": flag(enabled=False)}
    ] * 2
    assert store.look().behind == []
    newest, first = audit.entries(table)
    assert (newest.action, newest.target) == ("flag set", "flag/analytics/new")
    assert (newest.actor, newest.reason, newest.outcome) == (ACTOR, "a canary", "done")
    assert newest.details == {
        "before": flag().document(),
        "after": flag(enabled=False).document(),
        "revision": 2,
    }
    assert first.details["before"] is None


def test_flags_that_many_set_at_once_are_all_set_and_published(
    table: OperationsTable, clients: Clients, flag_set: FlagSet
) -> None:
    names = [f"flag-{number}" for number in range(8)]
    together = threading.Barrier(len(names))

    def work(name: str) -> None:
        together.wait()
        set_flag(table, clients, flag_set, flag(name), AUTHOR)

    threads = [threading.Thread(target=work, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    store = FlagStore(table, clients, flag_set)
    assert store.wanted() == Flags(revision=8, flags={name: flag(name) for name in names})
    assert [store.published(place) for place in flag_set.places] == [store.wanted()] * 2


def test_saying_the_same_again_completes_a_publication_that_was_interrupted(
    table: OperationsTable, clients: Clients, flag_set: FlagSet
) -> None:
    store = FlagStore(table, clients, flag_set)
    set_flag(table, clients, flag_set, flag("old"), AUTHOR)
    store.change(flag())  # and no more: whoever did it was killed here
    assert store.look().behind == list(REGIONS)

    change = set_flag(table, clients, flag_set, flag(), AUTHOR)

    assert change.revision == 2
    assert store.look().behind == []


def test_a_region_that_is_away_does_not_keep_the_others_from_it(
    table: OperationsTable, clients: Clients, flag_set: FlagSet
) -> None:
    def impaired(service: str, region: str) -> Any:
        return nobody if (service, region) == ("ssm", "us-east-1") else clients(service, region)

    nobody = boto3.client(
        "ssm",
        endpoint_url=f"http://127.0.0.1:{free_port()}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with (
        closing(nobody),
        pytest.raises(ResourceError, match="not published in us-east-1") as caught,
    ):
        set_flag(table, impaired, flag_set, flag(), AUTHOR)

    store = FlagStore(table, clients, flag_set)
    assert "the same command again" in caught.value.remedy
    assert store.published(flag_set.places[1]).flags == {"new": flag()}
    assert store.look().behind == ["us-east-1"]
    assert "not published in us-east-1" in next(audit.entries(table)).outcome


def test_more_flags_than_a_parameter_holds_are_refused(
    table: OperationsTable, clients: Clients, flag_set: FlagSet
) -> None:
    many = flag(audience=[f"user={number:06}" for number in range(400)])

    with pytest.raises(InvocationError, match="more than 4096 bytes"):
        set_flag(table, clients, flag_set, many, AUTHOR)


def checkpoint(*regions: str) -> dict[str, Any]:
    resources = []
    for region in regions:
        component = f"urn:pulumi:test::platform::platformctl:compute:FeatureFlags::flags-{region}"
        resources.append({"urn": component, "type": "platformctl:compute:FeatureFlags"})
        resources.append(
            {
                "urn": f"urn:pulumi:test::platform::aws:ssm/parameter:Parameter::flags-{region}",
                "type": "aws:ssm/parameter:Parameter",
                "parent": component,
                "outputs": {
                    "arn": f"arn:aws:ssm:{region}:000000000000:parameter/flags",
                    "name": "/flags",
                    "tags": {"Product": "analytics"},
                },
            }
        )
    return json.loads(json.dumps({"deployment": {"resources": resources}}))


def test_the_flags_of_a_product_are_found_in_the_checkpoint_primary_region_first() -> None:
    found = flag_sets(checkpoint("us-east-1", "us-west-2"), "us-west-2")

    assert [each.product for each in found] == ["analytics"]
    assert [place.region for place in found[0].places] == ["us-west-2", "us-east-1"]
    assert choose(found, "analytics") is found[0]


def test_a_product_without_flags_is_refused_with_the_nearest_that_has_some() -> None:
    found = flag_sets(checkpoint("us-east-1"), "us-east-1")

    with pytest.raises(InvocationError) as caught:
        choose(found, "analytic")
    assert caught.value.why == "did you mean 'analytics'?"
    with pytest.raises(InvocationError, match="products with flags: analytics"):
        choose(found, "zebra")
