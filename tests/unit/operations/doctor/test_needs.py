"""What an environment needs is counted in its plan."""

from platformctl.cost.resources import Plan, Resource
from platformctl.operations.doctor import needs

SERVICE = "aws:ecs/service:Service"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
TARGET = "aws:appautoscaling/target:Target"
ON_DEMAND = needs.fargate(spot=False)
ON_DEMAND_AT_PEAK = needs.fargate_at_peak(spot=False)


def resource(type_, name, parent="", sources=None, **inputs):
    return Resource(
        urn=f"urn::{type_}::{name}",
        type=type_,
        inputs=inputs,
        parent=parent,
        sources=sources or {},
    )


def service(name, cpu, blue, green=0, maximum=None):
    """Return the resources of a blue-green service of so many tasks."""
    made = [
        resource(TASK, name, name, cpu=str(cpu)),
        resource(SERVICE, f"{name}-blue", name, desiredCount=blue),
        resource(SERVICE, f"{name}-green", name, desiredCount=green),
    ]
    if maximum:
        made.append(resource(TARGET, name, name, maxCapacity=maximum))
    return made


def counted(need, *resources):
    return need(resources, Plan(resources))


def test_of_the_two_sides_of_a_service_one_runs_and_the_largest_service_may_run_twice():
    found = counted(
        ON_DEMAND,
        *service("a", 512, blue=4),
        *service("b", 1024, blue=3, green=3),
    )

    assert found == (2 + 3) + 3


def test_scaled_out_a_service_has_all_the_tasks_it_may_have():
    found = counted(ON_DEMAND_AT_PEAK, *service("a", 1024, blue=1, maximum=10))

    assert found == 10 + 10


def test_what_nobody_has_released_needs_nothing():
    assert counted(ON_DEMAND_AT_PEAK, *service("a", 1024, blue=0, maximum=10)) == 0
    assert counted(ON_DEMAND) == 0


def test_what_runs_on_spot_has_a_quota_of_its_own():
    strategies = [
        {"capacityProvider": "FARGATE", "weight": 25},
        {"capacityProvider": "FARGATE_SPOT", "weight": 75},
    ]
    mixed = [
        resource(TASK, "a", "a", cpu="1024"),
        resource(SERVICE, "a", "a", desiredCount=4, capacityProviderStrategies=strategies),
    ]

    assert counted(ON_DEMAND, *mixed) == 1 + 1
    assert counted(needs.fargate(spot=True), *mixed) == 3 + 3
    assert counted(needs.fargate(spot=True), *service("b", 1024, blue=1)) == 0


def test_of_what_belongs_together_the_most_counts():
    rules = [
        resource("rule", str(number), sources={"group": [f"urn::group::{owner}"]}, way=way)
        for number, (owner, way) in enumerate(
            [("one", "in"), ("one", "in"), ("one", "out"), ("two", "in"), ("gone", "in")]
        )
    ]
    groups = [resource("group", "one"), resource("group", "two")]

    assert counted(needs.most("rule", "group", way="in"), *groups, *rules) == 2
    assert counted(needs.most("rule", "group", way="none"), *groups, *rules) == 0


def test_nodes_are_counted_by_their_size():
    group = resource(
        "aws:eks/nodeGroup:NodeGroup",
        "main",
        instanceTypes=["m6i.xlarge"],
        scalingConfig={"desiredSize": 3, "maxSize": 6},
    )

    assert counted(needs.nodes("desiredSize"), group) == 12
    assert counted(needs.nodes("maxSize"), group) == 24


def test_what_is_not_known_yet_counts_as_none():
    found = resource("cache", "one", nodes="04da6b54-80e4-46f7-96ec-b56ff0331ba9")

    assert counted(needs.total("cache", "nodes"), found, resource("cache", "two", nodes=2)) == 2
