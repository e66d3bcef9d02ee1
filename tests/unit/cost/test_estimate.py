"""Estimates of small plans, and the books they are made with."""

import pytest
from support.policies import resource

from platformctl.cost.book import price_book
from platformctl.cost.difference import difference
from platformctl.cost.estimate import HOURS, SERVICES, assumptions, estimate
from platformctl.cost.meters import METERS
from platformctl.cost.resources import planned
from platformctl.errors import InvocationError
from platformctl.provider import registry

AWS = price_book("aws")
TAGS = {"Product": "shop"}
DATABASE = "aws:rds/instance:Instance"
PRIMARY = resource(
    DATABASE,
    "db-primary",
    inputs={
        "instanceClass": "db.t3.medium",
        "allocatedStorage": 100,
        "multiAz": True,
        "tags": TAGS,
    },
)


def steps(*pairs):
    """Return steps for pairs of records before and after; None where there is none."""
    keys = ("oldState", "newState")
    return [{key: state for key, state in zip(keys, pair, strict=True) if state} for pair in pairs]


def created(*records):
    return planned(steps(*((None, record) for record in records)))


def charged(plan, environment="production", **options):
    return {
        (line.name, line.meter): round(line.monthly, 2)
        for line in estimate(plan, AWS, environment, **options).lines
    }


def test_an_instance_costs_its_hours_and_its_storage():
    assert charged(created(PRIMARY)) == {
        ("db-primary", "rds.multi-az.db.t3.medium"): round(0.145 * HOURS, 2),
        ("db-primary", "rds.storage.multi-az"): 23.0,
    }


def test_a_replica_has_as_much_storage_as_its_source():
    replica = resource(
        DATABASE,
        "db-replica",
        inputs={"instanceClass": "db.t3.medium", "tags": TAGS},
        sources={"replicateSourceDb": [PRIMARY]},
    )

    assert charged(created(PRIMARY, replica))["db-replica", "rds.storage.single-az"] == 11.5


def fargate(desired, strategies):
    definition = resource(
        "aws:ecs/taskDefinition:TaskDefinition", "web", inputs={"cpu": "512", "memory": "1024"}
    )
    service = resource(
        "aws:ecs/service:Service",
        "web",
        inputs={"desiredCount": desired, "capacityProviderStrategies": strategies, "tags": TAGS},
    )
    return created(definition, service)


def test_tasks_on_spot_are_counted_at_its_price():
    shares = [
        {"capacityProvider": "FARGATE", "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 3},
    ]

    assert charged(fargate(4, shares)) == {
        ("web", "fargate.vcpu"): round(0.5 * 0.04048 * HOURS, 2),
        ("web", "fargate.memory"): round(1.0 * 0.004445 * HOURS, 2),
        ("web", "fargate-spot.vcpu"): round(1.5 * 0.012144 * HOURS, 2),
        ("web", "fargate-spot.memory"): round(3.0 * 0.0013335 * HOURS, 2),
    }


def test_the_idle_side_of_a_service_costs_nothing():
    assert charged(fargate(0, [])) == {}


def test_traffic_is_assumed_where_something_takes_it_and_less_of_it_in_staging():
    site = resource(
        "aws:cloudfront/distribution:Distribution",
        "page",
        inputs={"tags": {"Product": "analytics"}},
    )

    assert charged(created(site)) == {("", "cloudfront.transfer"): 85.0}
    assert charged(created(site), "staging") == {("", "cloudfront.transfer"): 8.5}
    assert charged(created(site), "local") == {}


def test_a_measure_makes_its_lines_cheaper_and_is_named():
    lines = estimate(created(PRIMARY), AWS, "production", optimised=True).lines

    assert {line.meter: line.saving.partition(" ")[0] for line in lines} == {
        "rds.multi-az.db.t3.medium": "Reserved",
        "rds.storage.multi-az": "",
    }


def test_what_has_no_price_is_told_and_not_counted_as_free():
    exotic = resource(DATABASE, "x", inputs={"instanceClass": "db.x2g.large", "tags": TAGS})

    assert estimate(created(exotic), AWS, "production").unpriced == {
        "rds.single-az.db.x2g.large": 1
    }


def test_a_region_outside_the_book_is_told():
    far = resource(DATABASE, "far", inputs={"instanceClass": "db.t3.medium", "region": "sa-east-1"})

    found = estimate(created(far), AWS, "production")

    assert found.lines == ()
    assert found.unpriced == {"sa-east-1": 1}


def test_a_change_is_compared_by_service():
    larger = {**PRIMARY, "inputs": {**PRIMARY["inputs"], "allocatedStorage": 200}}

    found = difference(steps((PRIMARY, larger)), AWS, "production")

    assert round(found.delta, 2) == 23.0
    assert [(change.product, change.service) for change in found.changes] == [
        ("shop", "RDS PostgreSQL")
    ]


def test_a_deletion_saves_what_it_cost():
    found = difference(steps((PRIMARY, None)), AWS, "production")

    assert found.after == 0
    assert found.delta == -found.before


def test_an_unknown_product_is_refused_with_those_there_are():
    with pytest.raises(InvocationError, match="shop"):
        estimate(created(PRIMARY), AWS, "production").only("shoe")


@pytest.mark.parametrize("token", METERS)
def test_every_metered_type_is_one_the_provider_knows(token):
    assert token in registry.types()


def test_every_assumed_meter_has_a_price_and_a_service():
    meters = {meter for product in assumptions().products.values() for meter in product}

    assert meters - AWS.prices.keys() == set()
    assert {meter.partition(".")[0] for meter in meters} - SERVICES.keys() == set()


@pytest.mark.parametrize("name", ["aws", "document-004"])
def test_every_measure_is_about_something_in_its_book(name):
    book = price_book(name)

    for measure in book.measures:
        assert any(meter.startswith(measure.meters) for meter in book.prices), measure.name
