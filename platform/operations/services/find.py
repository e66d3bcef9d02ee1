"""Which services an environment has, by what was deployed, and which one is meant."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from platformctl.errors import InvocationError
from platformctl.operations.services.checkpoint import (
    Checkpoint,
    Resource,
    inputs,
    logical_name,
    outputs,
    region_of,
)
from platformctl.operations.services.fargate import fargate_service
from platformctl.operations.services.image import repository_of
from platformctl.operations.services.model import BLUE, GREEN, SOLE, Service, Side

FUNCTION = "platformctl:compute:LambdaFunction"
WORKLOAD = "platformctl:compute:KubernetesWorkload"
RELEASE, AWAITING = "platformctl.io/release", "awaiting-first-release"
"""Annotation of a workload whose application has no release yet (components/compute)."""
FARGATE = "platformctl:compute:FargateService"


def find_services(checkpoint: Mapping[str, Any]) -> list[Service]:
    """Return the services of an environment in all its regions, by name.

    Args:
        checkpoint: The stack's checkpoint as `pulumi stack export` prints it.
    """
    return sorted(_services(Checkpoint(checkpoint)), key=lambda service: service.name)


def choose(services: Sequence[Service], name: str) -> Service:
    """Return the service of a name.

    Raises:
        InvocationError: There is none of that name.
    """
    for service in services:
        if service.name == name:
            return service
    names = [service.name for service in services]
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names) or 'none'}"
    raise InvocationError(f"there is no service {name!r}", why=hint)


def _services(deployed: Checkpoint) -> Iterator[Service]:
    readers: Mapping[str, Callable[[Checkpoint, Resource], Service | None]] = {
        FARGATE: fargate_service,
        FUNCTION: _function,
        WORKLOAD: _workload,
    }
    for kind, read in readers.items():
        for component in deployed.of_type(kind):
            service = read(deployed, component)
            # One whose making failed half-way is not there yet.
            if service is not None:
                yield service


def _function(deployed: Checkpoint, component: Resource) -> Service | None:
    function = deployed.child(component, "aws:lambda/function:Function")
    alias = deployed.child(component, "aws:lambda/alias:Alias")
    if function is None or alias is None:
        return None
    made, said = outputs(function), outputs(component)
    return Service(
        name=logical_name(component),
        product=(made.get("tags") or {}).get("Product", ""),
        kind="function",
        region=region_of(made["arn"]),
        log_group=said.get("log_group_name", ""),
        function_name=made["name"],
        alias=outputs(alias)["name"] if said.get("deployment") == "blueGreen" else "",
        version=str(made.get("version") or ""),
    )


def _workload(deployed: Checkpoint, component: Resource) -> Service | None:
    service = deployed.child(component, "kubernetes:core/v1:Service")
    deployments = list(deployed.children(component, "kubernetes:apps/v1:Deployment"))
    home = deployed.provider_parent(service) if service else None
    cluster = deployed.child(home, "aws:eks/cluster:Cluster") if home else None
    if service is None or cluster is None or not deployments:
        return None
    metadata = outputs(service)["metadata"]
    container = outputs(deployments[0])["spec"]["template"]["spec"]["containers"][0]
    ports = container.get("ports") or ()
    sides = [_deployment_side(deployed, component, each, deployments) for each in deployments]
    return Service(
        name=logical_name(component),
        product=metadata["labels"].get("app.kubernetes.io/part-of", ""),
        kind="kubernetes",
        region=region_of(outputs(cluster)["arn"]),
        cluster=outputs(cluster)["name"],
        sides={side.key: side for side in sides},
        container=container["name"],
        port=ports[0]["containerPort"] if ports else None,
        repository=repository_of(container["image"]),
        namespace=metadata["namespace"],
        workload=metadata["name"],
        awaiting_release=(outputs(deployments[0])["metadata"].get("annotations") or {}).get(RELEASE)
        == AWAITING,
    )


def _deployment_side(
    deployed: Checkpoint, component: Resource, deployment: Resource, all_sides: Sequence[Resource]
) -> Side:
    made = outputs(deployment)
    name = made["metadata"]["name"]
    key = made["spec"]["selector"]["matchLabels"].get("side", SOLE)
    scalers = deployed.children(component, "kubernetes:autoscaling/v2:HorizontalPodAutoscaler")
    scaler = next(
        (one for one in scalers if outputs(one)["spec"]["scaleTargetRef"]["name"] == name), None
    )
    # What a side without an autoscaler begins with is what the one that serves was made with.
    fixed = max(int(inputs(each)["spec"].get("replicas") or 0) for each in all_sides)
    bounds = outputs(scaler)["spec"] if scaler else {"minReplicas": fixed, "maxReplicas": fixed}
    return Side(
        key=key if key in (BLUE, GREEN) else SOLE,
        name=name,
        scalable_target=outputs(scaler)["metadata"]["name"] if scaler else None,
        minimum_tasks=int(bounds["minReplicas"]),
        maximum_tasks=int(bounds["maxReplicas"]),
    )
