"""Services with two sides, and services whose application has no release yet."""

import pytest
from support.component_examples import ROUTE, SCALING, SERVICE
from support.paper import PaperProject, document

SIDES = 'deployment=BlueGreen(test_listener_arn="arn:test"),'
IDLE = {
    "dynamicScalingInSuspended": True,
    "dynamicScalingOutSuspended": True,
    "scheduledScalingSuspended": True,
}
AWAKE = dict.fromkeys(IDLE, False)


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    project = PaperProject(tmp_path_factory.mktemp("sides"))
    return project.up(SERVICE.format(more=ROUTE + SIDES + SCALING + "desired_count=3"))


def weights(rule):
    (action,) = rule.inputs["actions"]
    return {group["arn"]: group["weight"] for group in action["forward"]["targetGroups"]}


def test_blue_serves_and_green_waits_without_tasks(sides):
    services = {each.inputs["name"]: each.inputs for each in sides.all("ecs/service:Service")}

    assert {name: inputs["desiredCount"] for name, inputs in services.items()} == {
        "it-blue": 3,
        "it-green": 0,
    }
    assert [
        services[f"it-{side}"]["loadBalancers"][0]["targetGroupArn"] for side in ("blue", "green")
    ] == ["arn:aws:TargetGroup/it-blue", "arn:aws:TargetGroup/it-green"]


def test_requests_go_to_blue_and_tests_go_to_green(sides):
    serving, testing = (sides.one("ListenerRule", f"it-{key}") for key in ("rule", "test-rule"))
    blue, green = "arn:aws:TargetGroup/it-blue", "arn:aws:TargetGroup/it-green"

    assert weights(serving) == {blue: 100, green: 0}
    assert weights(testing) == {blue: 0, green: 100}
    assert testing.inputs["listenerArn"] == "arn:test"
    assert testing.inputs["conditions"] == serving.inputs["conditions"]


def test_both_target_groups_are_alike(sides):
    blue, green = (sides.one("TargetGroup", f"it-{side}").inputs for side in ("blue", "green"))
    same = ("healthCheck", "port", "protocol", "vpcId", "deregistrationDelay", "targetType")

    assert {key: blue[key] for key in same} == {key: green[key] for key in same}


def test_only_the_side_that_serves_is_scaled(sides):
    blue, green = (
        sides.one("appautoscaling/target:Target", f"it-scaling-{side}").inputs
        for side in ("blue", "green")
    )

    assert (blue["minCapacity"], blue["suspendedState"]) == (1, AWAKE)
    assert (green["minCapacity"], green["suspendedState"]) == (0, IDLE)
    assert green["tags"]["MinimumTasks"] == "1"
    assert (blue["maxCapacity"], green["maxCapacity"]) == (4, 4)


def test_outputs_tell_the_sides_apart(sides):
    (made,) = [each for each in sides.resources if each.type.endswith(":FargateService")]

    assert made.outputs["service_names"] == {"blue": "it-blue", "green": "it-green"}
    assert made.outputs["target_group_arns"] == {
        "blue": "arn:aws:TargetGroup/it-blue",
        "green": "arn:aws:TargetGroup/it-green",
    }
    assert made.outputs["rule_arn"] == "arn:aws:ListenerRule/it-rule"
    assert made.outputs["test_rule_arn"] == "arn:aws:ListenerRule/it-test-rule"


def test_a_worker_has_two_sides_as_well(paper):
    plan = paper.up(SERVICE.format(more="deployment=BlueGreen(),"))

    assert sorted(each.inputs["name"] for each in plan.all("ecs/service:Service")) == [
        "it-blue",
        "it-green",
    ]
    assert plan.all("TargetGroup") == []


def test_long_names_of_target_groups_still_say_their_side(paper):
    source = SERVICE.format(more=ROUTE + SIDES)
    plan = paper.up(source.replace('FargateService("it"', 'FargateService("a-really-long-name-it"'))
    names = plan.names("TargetGroup")

    assert {name.rpartition("-")[2] for name in names} == {"blue", "green"}
    assert max(map(len, names)) + len("-1234567") <= 32


def test_pulumi_leaves_versions_and_counts_of_sides_to_the_cutover(paper):
    source = SERVICE.format(more=ROUTE + SIDES + "desired_count=2")
    paper.up(source)
    result = paper.preview(source.replace("repo:1", "repo:2"))

    assert set(result.changes) == {"same", "update"}
    assert result.changes["update"] == 1, "the task definition"


def test_a_fixed_number_of_tasks_is_a_tag_for_the_cutover(paper):
    source = SERVICE.format(more=ROUTE + SIDES + "desired_count=2")
    paper.up(source)
    plan = paper.up(source.replace("desired_count=2", "desired_count=5"))
    services = {each.name: each.inputs for each in plan.all("ecs/service:Service")}

    assert {name: each["tags"]["MinimumTasks"] for name, each in services.items()} == {
        "it-service-blue": "5",
        "it-service-green": "5",
    }
    assert {name: each["desiredCount"] for name, each in services.items()} == {
        "it-service-blue": 2,
        "it-service-green": 0,
    }


def test_old_versions_of_sides_stay_for_whoever_goes_back(sides):
    assert sides.one("TaskDefinition", "it-task-definition").inputs["skipDestroy"] is True


def test_a_side_with_a_route_needs_somewhere_to_test(paper):
    with pytest.raises(Exception, match="deployment has no test_listener_arn"):
        paper.up(SERVICE.format(more=ROUTE + "deployment=BlueGreen()"))


@pytest.mark.parametrize("more", ["", SIDES])
def test_without_a_release_nothing_runs_and_nobody_waits(more, paper):
    plan = paper.up(SERVICE.format(more=ROUTE + SCALING + more + "awaiting_release=True"))
    definition = plan.one("TaskDefinition", "it-task-definition").inputs

    for service in plan.all("ecs/service:Service"):
        assert service.inputs["desiredCount"] == 0
        assert service.inputs["waitForSteadyState"] is False
        assert service.inputs["tags"]["Release"] == "awaiting-first-release"
    for target in plan.all("appautoscaling/target:Target"):
        assert (target.inputs["minCapacity"], target.inputs["suspendedState"]) == (0, IDLE)
    assert document(definition["containerDefinitions"])[0]["image"] == "repo:none"


def test_the_first_release_wakes_the_scaling_that_starts_the_tasks(paper):
    paper.up(SERVICE.format(more=SCALING + "awaiting_release=True"))
    plan = paper.up(SERVICE.format(more=SCALING))
    target = plan.one("appautoscaling/target:Target", "it-scaling").inputs

    assert (target["minCapacity"], target["suspendedState"]) == (1, AWAKE)
    assert "Release" not in plan.one("ecs/service:Service", "it").inputs["tags"]


def test_a_parameter_says_which_side_of_a_worker_takes_messages_in(paper):
    source = SERVICE.format(more='deployment=BlueGreen(intake_parameter="/shop/it/intake"),')
    plan = paper.up(source)
    parameter = plan.one("ssm/parameter:Parameter", "it-intake").inputs
    policy = document(plan.one("RolePolicy", "it-task-policy").inputs["policy"])
    container = document(
        plan.one("TaskDefinition", "it-task-definition").inputs["containerDefinitions"]
    )[0]
    variables = {each["name"]: each["value"] for each in container["environment"]}

    assert (parameter["name"], parameter["insecureValue"]) == ("/shop/it/intake", "blue")
    assert (variables["SIDE"], variables["INTAKE_PARAMETER"]) == ("blue", "/shop/it/intake")
    assert {
        "Effect": "Allow",
        "Action": ["ssm:GetParameter"],
        "Resource": ["arn:aws:Parameter/it-intake"],
    } in policy["Statement"]


@pytest.mark.parametrize(
    ("more", "mistake"),
    [
        ('deployment=BlueGreen(intake_parameter="intake")', "must begin with /"),
        ('deployment=BlueGreen(intake_parameter="/aws/intake")', "must begin with /"),
        (
            ROUTE + 'deployment=BlueGreen(test_listener_arn="arn:t", intake_parameter="/a/b")',
            "has an intake_parameter: a service with a route",
        ),
    ],
)
def test_an_intake_that_cannot_be_is_refused(more, mistake, paper):
    with pytest.raises(Exception, match=mistake):
        paper.up(SERVICE.format(more=more))


def test_the_scheduler_may_stop_either_side_and_nothing_else(sides):
    trust = document(sides.one("iam/role:Role", "it-retire").inputs["assumeRolePolicy"])
    policy = document(sides.one("RolePolicy", "it-retire-policy").inputs["policy"])

    assert trust["Statement"][0]["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert policy["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["ecs:UpdateService"],
            "Resource": ["arn:aws:Service/it-service-blue", "arn:aws:Service/it-service-green"],
        }
    ]


def test_a_service_that_gets_sides_keeps_its_target_group_which_its_rule_leads_to(paper):
    before = paper.up(SERVICE.format(more=ROUTE)).one("TargetGroup", "it-http")
    plan = paper.up(SERVICE.format(more=ROUTE + SIDES))
    blue = plan.one("TargetGroup", "it-blue")
    rule = plan.one("ListenerRule", "it-rule").inputs

    assert blue.outputs["arn"] == before.outputs["arn"]
    assert rule["actions"][0]["targetGroupArn"] == blue.outputs["arn"]
    assert plan.names("TargetGroup") == ["it-blue", "it-green"]
