"""Services as records: what a request must say, what it makes, what the API shows of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from platformctl.region.services.ecs.names import arn, invalid, tags_from

INTERNAL_DEPLOYMENT = frozenset({"everCompleted", "loadBalancers"})
CHANGES_TASKS = (
    "taskDefinition",
    "networkConfiguration",
    "loadBalancers",
    "platformVersion",
    "capacityProviderStrategy",
    "serviceRegistries",
    "volumeConfigurations",
    "serviceConnectConfiguration",
)
"""What starts a new deployment when it is changed."""
CHANGES_NOTHING_RUNNING = (
    "desiredCount",
    "healthCheckGracePeriodSeconds",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
    "placementConstraints",
    "placementStrategy",
    "availabilityZoneRebalancing",
)


def deployment_configuration(
    asked: Mapping[str, Any] | None, before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return a complete deployment configuration.

    Raises:
        ServiceError: Its percentages cannot work together.
    """
    complete = {
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "deploymentCircuitBreaker": {"enable": False, "rollback": False},
        "strategy": "ROLLING",
        "bakeTimeInMinutes": 0,
        **(before or {}),
        **(asked or {}),
    }
    if complete["strategy"] != "ROLLING":
        raise invalid(f"The deployment strategy {complete['strategy']} is not in the local region.")
    if complete["maximumPercent"] <= 100 and complete["minimumHealthyPercent"] >= 100:
        raise invalid(
            "maximumPercent must be over 100 when minimumHealthyPercent is 100, otherwise a "
            "deployment could start nothing."
        )
    if not 0 <= complete["minimumHealthyPercent"] <= complete["maximumPercent"]:
        raise invalid("minimumHealthyPercent must be between 0 and maximumPercent.")
    return complete


def new_service(
    region: str,
    account: str,
    cluster: str,
    asked: Mapping[str, Any],
    task_definition: str,
    now: float,
) -> dict[str, Any]:
    """Return the record of a service that is about to be created.

    Raises:
        ServiceError: The request cannot be.
    """
    name = asked["serviceName"]
    strategy = asked.get("schedulingStrategy") or "REPLICA"
    controller = asked.get("deploymentController") or {"type": "ECS"}
    if strategy != "REPLICA" or controller["type"] != "ECS":
        raise invalid("The local region has REPLICA services with the ECS deployment controller.")
    if asked.get("launchType") and asked.get("capacityProviderStrategy"):
        raise invalid(
            "Specifying both a launch type and capacity provider strategy is not supported."
        )
    desired = asked.get("desiredCount", 1)
    if desired < 0:
        raise invalid("desiredCount must not be negative.")
    launch_type = None if asked.get("capacityProviderStrategy") else asked.get("launchType")
    return {
        "serviceArn": arn(region, account, f"service/{cluster}/{name}"),
        "serviceName": name,
        "clusterArn": arn(region, account, f"cluster/{cluster}"),
        "cluster": cluster,
        "status": "ACTIVE",
        "taskDefinition": task_definition,
        "desiredCount": desired,
        "deploymentConfiguration": deployment_configuration(asked.get("deploymentConfiguration")),
        "deploymentController": controller,
        "schedulingStrategy": strategy,
        "launchType": launch_type or (None if asked.get("capacityProviderStrategy") else "FARGATE"),
        "capacityProviderStrategy": asked.get("capacityProviderStrategy"),
        "platformVersion": asked.get("platformVersion") or "LATEST",
        "platformFamily": "Linux",
        "networkConfiguration": asked.get("networkConfiguration"),
        "loadBalancers": list(asked.get("loadBalancers") or ()),
        "serviceRegistries": list(asked.get("serviceRegistries") or ()),
        "healthCheckGracePeriodSeconds": asked.get("healthCheckGracePeriodSeconds"),
        "placementConstraints": [],
        "placementStrategy": [],
        "enableECSManagedTags": asked.get("enableECSManagedTags", False),
        "enableExecuteCommand": asked.get("enableExecuteCommand", False),
        "propagateTags": asked.get("propagateTags") or "NONE",
        "availabilityZoneRebalancing": asked.get("availabilityZoneRebalancing") or "ENABLED",
        "createdAt": now,
        "createdBy": f"arn:aws:iam::{account}:root",
        "clientToken": asked.get("clientToken"),
        "deployments": [],
        "events": [],
        "tags": tags_from(asked),
    }


def check_ports(record: Mapping[str, Any], definition: Mapping[str, Any]) -> None:
    """Refuse a service whose load balancers or network do not fit its task definition.

    Raises:
        ServiceError: The first mistake.
    """
    containers = {one["name"]: one for one in definition["containerDefinitions"]}
    network = (record.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    if definition.get("networkMode") == "awsvpc" and not network.get("subnets"):
        raise invalid(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        )
    for balancer in record["loadBalancers"]:
        container = containers.get(balancer.get("containerName", ""))
        if container is None:
            raise invalid(
                f"The container {balancer.get('containerName')} does not exist in the task "
                "definition."
            )
        ports = [mapping["containerPort"] for mapping in container["portMappings"]]
        if balancer.get("containerPort") not in ports:
            raise invalid(
                f"The container {container['name']} did not have a container port "
                f"{balancer.get('containerPort')} defined."
            )


def check_target_group(group: Mapping[str, Any] | None, arn_: str) -> None:
    """Refuse a target group that does not exist or that no load balancer sends requests to.

    Raises:
        ServiceError: It is one of those.
    """
    if group is None:
        raise invalid(f"Unable to describe target group {arn_}: it does not exist.")
    if not group.get("LoadBalancerArns"):
        raise invalid(
            f"The target group with targetGroupArn {arn_} does not have an associated load "
            "balancer."
        )
    if group.get("TargetType", "ip") != "ip":
        raise invalid(
            f"The provided target group {arn_} has target type {group['TargetType']}, which is "
            "incompatible with the awsvpc network mode specified in the task definition."
        )


def shown_service(
    record: Mapping[str, Any], counts: Sequence[tuple[str | None, int, int]], *, tags: bool
) -> dict[str, Any]:
    """Return a service as the API shows it.

    Args:
        record: Its record.
        counts: Running and pending tasks by deployment id; None stands for all.
        tags: Whether its tags are asked for.
    """
    by_deployment = {deployment: (running, pending) for deployment, running, pending in counts}
    running, pending = by_deployment.get(None, (0, 0))
    shown = {
        key: value
        for key, value in record.items()
        if value is not None and key not in {"cluster", "clientToken", "tags"}
    }
    deployments: list[dict[str, Any]] = []
    for deployment in record["deployments"]:
        here, soon = by_deployment.get(deployment["id"], (0, 0))
        primary = deployment["status"] == "PRIMARY"
        deployments.append(
            {
                **{k: v for k, v in deployment.items() if k not in INTERNAL_DEPLOYMENT},
                "desiredCount": record["desiredCount"] if primary else 0,
                "runningCount": here,
                "pendingCount": soon,
            }
        )
    answer = {**shown, "runningCount": running, "pendingCount": pending, "deployments": deployments}
    return {**answer, "tags": record["tags"]} if tags else answer
