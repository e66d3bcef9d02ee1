"""Revisions of task definitions: what ECS starts when it is to run a release."""

from typing import Any

from platformctl.aws.clients import Clients
from platformctl.errors import InvocationError, ResourceError
from platformctl.operations.releases.definition import on_side
from platformctl.operations.releases.model import Release
from platformctl.operations.releases.store import Releases
from platformctl.operations.services.model import Service


def describe(clients: Clients, service: Service, arn: str) -> dict[str, Any]:
    """Return a revision of a service as ECS describes it, its tags included.

    Raises:
        ResourceError: It is gone.
    """
    ecs = clients("ecs", service.region)
    try:
        found = ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])
    except ecs.exceptions.ClientException as error:
        raise ResourceError(
            f"the task definition of {service.name} is gone",
            why=f"{arn}: {error}",
            remedy="deploy the stack again: platformctl up ENV",
        ) from error
    return {**found["taskDefinition"], "tags": found.get("tags") or []}


def register(
    clients: Clients, releases: Releases, service: Service, release: Release, side: str
) -> str:
    """Return the ARN of the revision by which a release runs on a side, made if there is none.

    Args:
        clients: Makes boto3 clients.
        releases: Where releases are recorded.
        service: The service.
        release: One of its releases.
        side: `blue` or `green`.

    Raises:
        InvocationError: The release is another service's.
    """
    if release.service != service.name:
        raise InvocationError(
            f"{service.name} cannot run {release}", why=f"it is a release of {release.service}"
        )
    known = releases.revision(release, side)
    if known and describe(clients, service, known)["status"] == "ACTIVE":
        return known
    definition = on_side(release.definition, service, release.name, side)
    registered = clients("ecs", service.region).register_task_definition(**definition)
    arn = registered["taskDefinition"]["taskDefinitionArn"]
    releases.remember_revision(release, side, arn)
    return arn
