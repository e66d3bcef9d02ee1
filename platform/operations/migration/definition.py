"""Which revision of the task definition runs: the deployed one, or one with a release's image."""

from typing import Any

from platformctl.aws.clients import Clients
from platformctl.operations.migration.find import Migrator

_TAKEN_OVER = (
    *("family", "taskRoleArn", "executionRoleArn", "networkMode", "cpu", "memory", "volumes"),
    *("requiresCompatibilities", "runtimePlatform"),
)


def deployed_image(clients: Clients, migrator: Migrator) -> str:
    """Return the reference of the image that the stack was deployed with."""
    ecs = clients("ecs", migrator.region)
    found = ecs.describe_task_definition(taskDefinition=migrator.task_definition_arn)
    return _container(found["taskDefinition"], migrator)["image"]


def definition_with(clients: Clients, migrator: Migrator, image: str | None) -> str:
    """Return the ARN of a task definition that runs an image.

    Args:
        clients: Makes boto3 clients.
        migrator: Whose task definition.
        image: Reference of the image; None for the deployed one.
    """
    deployed = migrator.task_definition_arn
    if image is None:
        return deployed
    ecs = clients("ecs", migrator.region)
    family = deployed.rpartition("/")[2].partition(":")[0]
    for arn in (deployed, family):
        found = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
        if _container(found, migrator)["image"] == image:
            return found["taskDefinitionArn"]
    answer = ecs.describe_task_definition(taskDefinition=deployed, include=["TAGS"])
    base = answer["taskDefinition"]
    containers = [
        {**each, "image": image} if each["name"] == migrator.container else each
        for each in base["containerDefinitions"]
    ]
    made = ecs.register_task_definition(
        **{key: base[key] for key in _TAKEN_OVER if base.get(key)},
        containerDefinitions=containers,
        **({"tags": answer["tags"]} if answer.get("tags") else {}),
    )
    return made["taskDefinition"]["taskDefinitionArn"]


def _container(definition: dict[str, Any], migrator: Migrator) -> dict[str, Any]:
    return next(
        each for each in definition["containerDefinitions"] if each["name"] == migrator.container
    )
