"""What ECS refuses in a task definition, in its words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from platformctl.region.services.base import ServiceError
from platformctl.region.services.ecs import fargate

NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
CONDITIONS = ("START", "COMPLETE", "SUCCESS", "HEALTHY")
HEALTH_RANGES = {
    "interval": (5, 300),
    "timeout": (2, 60),
    "retries": (1, 10),
    "startPeriod": (0, 300),
}
AWSLOGS_OPTIONS = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix")


def refused(message: str) -> ServiceError:
    """Return ECS's error for a task definition that cannot be."""
    return ServiceError("ClientException", message)


def check(definition: Mapping[str, Any]) -> None:
    """Refuse a task definition that ECS refuses.

    Raises:
        ServiceError: The first mistake.
    """
    if not NAME.fullmatch(definition["family"]):
        raise refused("Family contains invalid characters.")
    containers = definition.get("containerDefinitions") or ()
    if not containers:
        raise refused("Container list cannot be empty.")
    names = [container.get("name", "") for container in containers]
    for container in containers:
        _check_container(container, names)
    if not any(container.get("essential", True) for container in containers):
        raise refused("At least one container must be essential.")
    _check_cycles(containers)
    if "FARGATE" in (definition.get("requiresCompatibilities") or ()):
        _check_fargate(definition)


def _check_container(container: Mapping[str, Any], names: list[str]) -> None:
    name = container.get("name", "")
    if not NAME.fullmatch(name):
        raise refused("Container.name contains invalid characters.")
    if names.count(name) > 1:
        raise refused(f"Container name '{name}' is used more than once.")
    if not container.get("image"):
        raise refused("Container.image should not be null or empty.")
    for mapping in container.get("portMappings") or ():
        port = mapping.get("containerPort", 0)
        if not 1 <= port <= 65535:
            raise refused(f"Container port {port} is not between 1 and 65535.")
    for dependency in container.get("dependsOn") or ():
        if dependency["containerName"] not in names:
            raise refused(
                f"Container '{name}' depends on '{dependency['containerName']}', "
                "which is not in the task definition."
            )
        if dependency["condition"] not in CONDITIONS:
            raise refused(f"Dependency condition must be one of {', '.join(CONDITIONS)}.")
    if "healthCheck" in container:
        _check_health_check(container["healthCheck"])
    variables = {variable["name"] for variable in container.get("environment") or ()}
    for secret in container.get("secrets") or ():
        if secret["name"] in variables:
            raise refused(
                "The secret name must be unique and not shared with any new or existing "
                f"environment variables set on the container, such as '{secret['name']}'."
            )
        variables.add(secret["name"])


def _check_health_check(check_: Mapping[str, Any]) -> None:
    command = check_.get("command") or [""]
    if command[0] not in {"CMD", "CMD-SHELL", "NONE"}:
        raise refused("Health check command must start with CMD, CMD-SHELL or NONE.")
    for key, (low, high) in HEALTH_RANGES.items():
        if key in check_ and not low <= check_[key] <= high:
            raise refused(f"Health check {key} must be between {low} and {high}.")


def _check_cycles(containers: list[Mapping[str, Any]]) -> None:
    waiting = {
        container["name"]: {one["containerName"] for one in container.get("dependsOn") or ()}
        for container in containers
    }
    while ready := [name for name, needs in waiting.items() if not needs & waiting.keys()]:
        for name in ready:
            del waiting[name]
    if waiting:
        raise refused(f"Container dependencies form a cycle: {', '.join(sorted(waiting))}.")


def _check_fargate(definition: Mapping[str, Any]) -> None:
    cpu = fargate.units(definition.get("cpu") or "")
    memory = fargate.mebibytes(definition.get("memory") or "")
    if cpu is None or memory is None:
        raise refused("Fargate requires that 'cpu' and 'memory' be defined at the task level.")
    if not fargate.exists(cpu, memory):
        raise refused(
            f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. "
            "See the Amazon ECS documentation for the valid values."
        )
    if definition.get("networkMode") != "awsvpc":
        raise refused("Fargate only supports network mode 'awsvpc'.")
    for container in definition["containerDefinitions"]:
        _check_fargate_container(container, memory)
    for what in _needs_execution_role(definition):
        if not definition.get("executionRoleArn"):
            raise refused(
                f"Fargate requires task definition to have execution role ARN to support {what}."
            )


def _check_fargate_container(container: Mapping[str, Any], memory: int) -> None:
    if container.get("memory", 0) > memory:
        raise refused(
            f"Invalid 'memory' setting for container '{container['name']}': it is greater than "
            "that of the task."
        )
    for mapping in container.get("portMappings") or ():
        if mapping.get("hostPort", mapping["containerPort"]) != mapping["containerPort"]:
            raise refused(
                "When networkMode=awsvpc, the host ports and container ports in port mappings "
                "must match."
            )
    logging = container.get("logConfiguration") or {}
    if logging.get("logDriver") == "awslogs":
        options = logging.get("options") or {}
        for option in AWSLOGS_OPTIONS:
            if not options.get(option):
                raise refused(f"Log driver awslogs requires options: {', '.join(AWSLOGS_OPTIONS)}.")
    elif logging and logging.get("logDriver") not in {"splunk", "awsfirelens"}:
        raise refused("Fargate supports the log drivers awslogs, splunk and awsfirelens.")


def _needs_execution_role(definition: Mapping[str, Any]) -> Iterator[str]:
    for container in definition["containerDefinitions"]:
        if (container.get("logConfiguration") or {}).get("logDriver") == "awslogs":
            yield "log driver awslogs"
        if container.get("secrets"):
            yield "container secrets"
