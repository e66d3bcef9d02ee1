"""A service with two sides, deployed into a running region as `up` does it."""

import pytest
from support.ecs import wait_for
from support.region import running_region
from support.shop import Shop

from platformctl.operations.status.parts import Health


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sides")
    with running_region(folder / "region") as region:
        made = Shop(folder / "shop", region)
        made.up("1")
        yield made


@pytest.mark.fault(23)
def test_a_cutover_moves_the_requests_and_the_next_up_leaves_it_alone(shop):
    assert wait_for(lambda: shop.ask(shop.port) == "1", what="blue serves")
    assert shop.ask(shop.test_port) == 503, "the idle side has no tasks yet"
    assert shop.service("web-green")["desiredCount"] == 0

    shop.up("2")
    assert shop.ask(shop.port) == "1", "a new version is not deployed by `up`"
    ecs = shop.region.client("ecs")
    ecs.update_service(
        cluster="shop",
        service="web-green",
        desiredCount=1,
        taskDefinition=shop.output("revision"),
    )
    wait_for(lambda: shop.ask(shop.test_port) == "2", what="tests reach green")
    assert shop.ask(shop.port) == "1"
    shop.shift(0, 100)
    assert shop.ask(shop.port) == "2"

    shop.up("3")
    assert shop.ask(shop.port) == "2"
    assert shop.service("web-green")["desiredCount"] == 1
    traffic = shop.parts()["traffic", "web-rule"]
    assert (traffic.health, traffic.detail) == (Health.HEALTHY, "blue 0 %, green 100 %")


def test_a_service_without_a_release_has_no_tasks_and_is_not_ill(shop):
    part = shop.parts()["service", "later"]

    assert shop.service("later")["desiredCount"] == 0
    assert (part.health, part.detail) == (Health.IDLE, "awaiting first release")


def test_an_up_without_a_change_changes_nothing(shop):
    changes = shop.up("3").changes

    assert set(changes) == {"same"}
