"""How much of something the resources of a region are, counted in a plan."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby

from platformctl.cost.meters import number, spot_share, vcpus
from platformctl.cost.resources import Plan, Resource

Need = Callable[[Sequence[Resource], Plan], float]

SERVICE = "aws:ecs/service:Service"
_CPU_UNITS = 1024


def each(type_: str) -> Need:
    """Count the resources of a type."""
    return lambda resources, _: len(_of(resources, type_))


def total(type_: str, name: str) -> Need:
    """Add up a property of the resources of a type."""
    return lambda resources, _: sum(_number(one, name) for one in _of(resources, type_))


def most(type_: str, owner: str, **given: str) -> Need:
    """Count the resources of a type that belong to the same owner, where those are the most.

    Args:
        type_: The type.
        owner: Property that names what they belong to.
        given: Values that properties must have to be counted.
    """

    def need(resources: Sequence[Resource], plan: Plan) -> float:
        counted = [
            one
            for one in _of(resources, type_)
            if all(one.inputs.get(name) == value for name, value in given.items())
        ]
        owners = (plan.source(one, owner) for one in counted)
        found = Counter(one.urn for one in owners if one is not None)
        return max(found.values(), default=0)

    return need


def fargate(*, spot: bool) -> Need:
    """Count the vCPUs of all tasks; those of the largest service twice, as when it is cut over.

    Args:
        spot: Whether those on Fargate Spot are meant, or those that are not.
    """

    def tasks(services: Sequence[Resource], _: Plan) -> float:
        return max(map(_desired, services))

    return _vcpus_of_tasks(tasks, spot=spot)


def fargate_at_peak(*, spot: bool) -> Need:
    """Count the vCPUs as `fargate` does, of services that have all the tasks they may have."""

    def tasks(services: Sequence[Resource], plan: Plan) -> float:
        wanted = max(map(_desired, services))
        targets = plan.siblings(services[0], "aws:appautoscaling/target:Target")
        # What nobody has released yet has no task to begin with.
        return max([wanted, *(_number(one, "maxCapacity") for one in targets)]) if wanted else 0

    return _vcpus_of_tasks(tasks, spot=spot)


def nodes(size: str) -> Need:
    """Count the vCPUs of Kubernetes nodes, of as many as `desiredSize` or `maxSize` says."""

    def need(resources: Sequence[Resource], _: Plan) -> float:
        return sum(
            vcpus((group.inputs.get("instanceTypes") or [""])[0])
            * number((group.inputs.get("scalingConfig") or {}).get(size))
            for group in _of(resources, "aws:eks/nodeGroup:NodeGroup")
        )

    return need


def _vcpus_of_tasks(count: Callable[[Sequence[Resource], Plan], float], *, spot: bool) -> Need:
    """Add up the vCPUs of services; the sides of one are siblings, of which one runs."""

    def need(resources: Sequence[Resource], plan: Plan) -> float:
        services = sorted(_of(resources, SERVICE), key=lambda one: one.parent)
        used = [0.0]
        for _, sides in groupby(services, key=lambda one: one.parent):
            same = list(sides)
            definitions = plan.siblings(same[0], "aws:ecs/taskDefinition:TaskDefinition")
            cpu = max((_number(one, "cpu") for one in definitions), default=0)
            share = spot_share(same[0]) if spot else 1 - spot_share(same[0])
            used.append(count(same, plan) * cpu / _CPU_UNITS * share)
        return sum(used) + max(used)

    return need


def _of(resources: Sequence[Resource], type_: str) -> Sequence[Resource]:
    return [one for one in resources if one.type == type_]


def _desired(service: Resource) -> float:
    return _number(service, "desiredCount")


def _number(resource: Resource, name: str) -> float:
    return number(resource.inputs.get(name))
