"""Clusters, services and task definitions."""

from typing import Any

from platformctl.plugin.provider import CheckFailure
from platformctl.plugin.values import UNKNOWN
from platformctl.provider.validation.formats import arn, json_document, parsed
from platformctl.provider.validation.paths import objects
from platformctl.provider.validation.rules import (
    AtMostOne,
    Count,
    Custom,
    Distinct,
    ExactlyOne,
    Failures,
    Follows,
    Inputs,
    Length,
    OneOf,
    Pattern,
    Range,
    Requires,
    Row,
    When,
)

NAME = r"[\w-]{1,255}"
DEPLOYMENT = "deploymentConfiguration"
MEBIBYTES = 1024
FARGATE = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4097, MEBIBYTES)),
    1024: tuple(range(2048, 8193, MEBIBYTES)),
    2048: tuple(range(4096, 16_385, MEBIBYTES)),
    4096: tuple(range(8192, 30_721, MEBIBYTES)),
    8192: tuple(range(16_384, 61_441, 4 * MEBIBYTES)),
    16_384: tuple(range(32_768, 122_881, 8 * MEBIBYTES)),
}
"""Units of CPU → MiB of memory that a Fargate task can have (ECS developer guide, task size)."""


def _size(inputs: Inputs) -> Failures:
    """A Fargate task has one of the sizes that there are, in a network of its own."""
    kinds = inputs.get("requiresCompatibilities")
    if not isinstance(kinds, list) or "FARGATE" not in kinds:
        return
    cpu, memory = str(inputs.get("cpu")), str(inputs.get("memory"))
    if inputs.get("networkMode") not in ("awsvpc", UNKNOWN):
        yield CheckFailure("networkMode", "networkMode must be awsvpc for Fargate")
    if not (cpu.isdigit() and memory.isdigit()):
        return
    if int(memory) not in FARGATE.get(int(cpu), ()):
        yield CheckFailure("memory", f"Fargate has no tasks of {cpu} CPU units and {memory} MiB")


def _containers(inputs: Inputs) -> Failures:
    """There are containers; one of them is essential; the task has room for them."""
    place = "containerDefinitions"
    document = parsed(inputs.get(place))
    if document is None:
        return
    containers = [each for _, each in objects(document, "[]")]
    if not containers:
        yield CheckFailure(place, f"{place} must be a list of containers")
        return
    if not any(each.get("essential", True) for each in containers):
        yield CheckFailure(place, f"{place} must have an essential container")
    for unit in ("cpu", "memory"):
        shares = [share for each in containers if isinstance(share := each.get(unit), int)]
        # A limit of memory is each container's own; the shares of CPU add up.
        wanted, most = (sum if unit == "cpu" else max)(shares or [0]), str(inputs.get(unit))
        if most.isdigit() and wanted > int(most):
            yield CheckFailure(place, f"{place} wants {wanted} of the task's {most} {unit}")
    for each in containers:
        yield from _container(place, each, inputs.get("networkMode"))


def _container(place: str, container: Inputs, network: Any) -> Failures:
    """A container is named and has an image; its variables are texts, each there once."""
    name = container.get("name", "")
    yield from Pattern(f"{place}", NAME).judge({place: name})
    if not container.get("image"):
        yield CheckFailure(place, f"{place}: {name} has no image")
    for _, port in objects(container, "portMappings[]"):
        if network in ("awsvpc", "host") and port.get("hostPort") not in (
            None,
            port.get("containerPort"),
        ):
            yield CheckFailure(place, f"{place}: {name} maps a port, which {network} cannot")
    for _, pair in objects(container, "environment[]"):
        if not isinstance(pair.get("value", ""), str):
            yield CheckFailure(place, f"{place}: {name} is given {pair.get('name')} as no text")
    given = [
        str(pair.get("name"))
        for path in ("environment[]", "secrets[]")
        for _, pair in objects(container, path)
    ]
    for twice in sorted({variable for variable in given if given.count(variable) > 1}):
        yield CheckFailure(place, f"{place}: {name} is given {twice} twice")


ROWS = {
    "aws:ecs/cluster:Cluster": Row(
        "ecs/cluster.go",
        (
            Pattern("name", NAME),
            Follows("serviceConnectDefaults.namespace", arn),
            OneOf("settings[].name", ("containerInsights",)),
            OneOf("settings[].value", ("enabled", "enhanced", "disabled")),
        ),
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": Row(
        "ecs/cluster_capacity_providers.go",
        (
            Pattern("clusterName", NAME),
            Range("defaultCapacityProviderStrategies[].base", 0, 100_000),
            Range("defaultCapacityProviderStrategies[].weight", 0, 1000),
        ),
    ),
    "aws:ecs/service:Service": Row(
        "ecs/service.go",
        (
            Pattern("name", NAME),
            AtMostOne(("launchType", "capacityProviderStrategies")),
            Range("capacityProviderStrategies[].weight", 0, 1000),
            Range("capacityProviderStrategies[].base", 0, 100_000),
            Count("loadBalancers", 0, 5),
            ExactlyOne(("targetGroupArn", "elbName"), within="loadBalancers[]"),
            Range("loadBalancers[].containerPort", 0, 65_535),
            Follows("loadBalancers[].targetGroupArn", arn),
            Requires("healthCheckGracePeriodSeconds", ("loadBalancers",)),
            Range("healthCheckGracePeriodSeconds", 0, 2_147_483_647),
            OneOf("propagateTags", ("SERVICE", "TASK_DEFINITION", "NONE")),
            OneOf("schedulingStrategy", ("REPLICA", "DAEMON")),
            When("schedulingStrategy", ("DAEMON",), excludes=("desiredCount",)),
            Range("desiredCount", 0, 5000),
            Range("deploymentMinimumHealthyPercent", 0, 100),
            Range("deploymentMaximumPercent", 100, 400),
            OneOf("deploymentController.type", ("ECS", "CODE_DEPLOY", "EXTERNAL")),
            Count("networkConfiguration.subnets", 1, 16),
            Count("networkConfiguration.securityGroups", 0, 5),
            Count("serviceRegistries", 0, 1),
            Count("orderedPlacementStrategies", 0, 5),
            Count("placementConstraints", 0, 10),
            Follows("serviceRegistries.registryArn", arn),
            When(
                "deploymentController.type",
                ("CODE_DEPLOY", "EXTERNAL"),
                excludes=("deploymentCircuitBreaker", "deploymentConfiguration"),
            ),
            Range(f"{DEPLOYMENT}.bakeTimeInMinutes", 0, 1440),
            Range(f"{DEPLOYMENT}.linearConfiguration.stepBakeTimeInMinutes", 0, 1440),
            Range(f"{DEPLOYMENT}.linearConfiguration.stepPercent", 3, 100),
            Range(f"{DEPLOYMENT}.canaryConfiguration.canaryBakeTimeInMinutes", 0, 1440),
            Range(f"{DEPLOYMENT}.canaryConfiguration.canaryPercent", 0.1, 100),
            Follows(f"{DEPLOYMENT}.lifecycleHooks[].hookTargetArn", arn),
            Follows(f"{DEPLOYMENT}.lifecycleHooks[].roleArn", arn),
        ),
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Row(
        "ecs/task_definition.go",
        (
            Pattern("family", NAME),
            Follows("containerDefinitions", json_document),
            Custom(_containers),
            Custom(_size),
            OneOf("requiresCompatibilities[]", ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")),
            OneOf("networkMode", ("bridge", "host", "awsvpc", "none")),
            Follows("taskRoleArn", arn),
            Follows("executionRoleArn", arn),
            When("requiresCompatibilities", (["FARGATE"],), needs=("cpu", "memory")),
            Range("ephemeralStorage.sizeInGib", 21, 200),
            Distinct("volumes[].name"),
            Count("placementConstraints", 0, 10),
            Length("family", 1, 255),
            OneOf("runtimePlatform.cpuArchitecture", ("X86_64", "ARM64")),
        ),
    ),
}
