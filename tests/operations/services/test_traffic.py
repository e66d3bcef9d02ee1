"""A service is found in what was deployed, and AWS says which of its sides serves."""

import pytest
from support.ecs import wait_for
from support.region import running_region
from support.shop import Shop

from platformctl.errors import InvocationError, ResourceError
from platformctl.operations.services.find import choose, find_services
from platformctl.operations.services.traffic import active


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("traffic")
    with running_region(folder / "region") as region:
        made = Shop(folder / "shop", region)
        made.up("1")
        yield made


def test_a_two_sided_service_is_found_with_everything_a_cutover_needs(shop):
    web = shop.found("web")
    rules, groups = shop.output("rules"), shop.output("groups")

    assert (web.kind, web.region, web.cluster) == ("balanced", "us-east-1", "shop")
    assert (web.container, web.port, web.repository) == ("web", 8080, "web")
    assert web.task_definition_arn == shop.output("revision")
    assert web.log_group == "/ecs/web"
    assert [web.balancing.rule_arn, web.balancing.test_rule_arn] == rules
    assert web.balancing.url == f"http://{shop.output('host')}:{shop.port}"
    assert web.balancing.test_url == f"http://{shop.output('host')}:{shop.test_port}"
    assert (web.balancing.health_path, list(web.balancing.paths)) == ("/health", ["/*"])
    assert {key: side.target_group_arn for key, side in web.sides.items()} == groups
    blue, green = web.sides["blue"], web.sides["green"]
    assert (blue.name, green.name) == ("web-blue", "web-green")
    assert blue.scalable_target == "service/shop/web-blue"
    assert (green.minimum_tasks, green.maximum_tasks) == (1, 2)
    assert blue.target_group == groups["blue"].split(":")[-1]


def test_the_weights_of_the_rule_say_which_side_serves(shop):
    web = shop.found("web")

    assert active(web, shop.clients).side == "blue"
    shop.shift(25, 75)
    mixed = active(web, shop.clients)
    assert (mixed.side, mixed.mixed, mixed.shares) == (None, True, {"blue": 25.0, "green": 75.0})
    shop.shift(0, 100)
    assert active(web, shop.clients).side == "green"
    shop.shift(0, 0)
    assert (active(web, shop.clients).side, active(web, shop.clients).mixed) == (None, False)
    shop.shift(100, 0)


def test_a_rule_that_leads_elsewhere_is_an_error_and_no_side(shop):
    web, elb = shop.found("web"), shop.region.client("elbv2")
    other = elb.create_target_group(
        Name="other", Protocol="HTTP", Port=80, VpcId="vpc-1", TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    before = elb.describe_rules(RuleArns=[web.balancing.rule_arn])["Rules"][0]["Actions"]
    elb.modify_rule(
        RuleArn=web.balancing.rule_arn, Actions=[{"Type": "forward", "TargetGroupArn": other}]
    )

    with pytest.raises(ResourceError, match="a target group that is not its own"):
        active(web, shop.clients)
    elb.modify_rule(RuleArn=web.balancing.rule_arn, Actions=before)


def test_a_service_with_one_side_always_serves_and_says_that_it_awaits_a_release(shop):
    later = shop.found("later")

    assert (later.two_sided, later.awaiting_release) == (False, True)
    assert active(later, shop.clients).side == "sole"


def test_a_worker_that_takes_work_by_itself_works_where_it_is_wanted(shop):
    worker, ecs = shop.found("worker"), shop.region.client("ecs")

    assert (worker.kind, worker.balancing, worker.sides["blue"].minimum_tasks) == (
        "consumer",
        None,
        2,
    )
    assert active(worker, shop.clients).side == "blue"
    ecs.update_service(cluster="shop", service="worker-green", desiredCount=2)
    assert active(worker, shop.clients).shares == {"blue": 50.0, "green": 50.0}
    ecs.update_service(cluster="shop", service="worker-green", desiredCount=0)
    wait_for(lambda: shop.service("worker-green")["runningCount"] == 0, what="green stops")


def test_a_name_that_nobody_has_is_answered_with_the_nearest(shop):
    services = find_services(shop.project.stack.export())

    with pytest.raises(InvocationError, match="did you mean 'worker'"):
        choose(services, "wroker")
    with pytest.raises(InvocationError, match="there are: later, web, worker"):
        choose(services, "nothing-like-it")
