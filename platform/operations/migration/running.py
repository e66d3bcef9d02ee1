"""Which releases of a product run besides the ones that serve: tasks that ECS knows.

A database tells who is connected at that moment; a task of an older release that has no connection
just then, as on a side that is kept warm, takes the next one from its pool a second later.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.operations.cutover.fargate import FargateSide
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.migration.task import STOPPED
from platformctl.operations.services.model import Service
from platformctl.operations.services.traffic import active

ON_ECS = ("balanced", "consumer")
"""Kinds of services whose releases are tasks of ECS."""


def require_only_serving(services: Sequence[Service], clients: Clients, environment: str) -> None:
    """Insist that of each service nothing runs but the release that serves.

    Args:
        services: The services.
        clients: Makes boto3 clients.
        environment: Where they are.

    Raises:
        StepFailedError: Something else runs; names the tasks.
        ResourceError: It cannot be told which release serves.
    """
    found = [task for service in services for task in _others(service, clients)]
    if found:
        raise StepFailedError(
            "releases run that do not serve any more, or not alone",
            why=", ".join(found),
            remedy=f"once they have ended, again; platformctl status {environment} tells which "
            "side is kept warm, or is being cut over",
        )


def _others(service: Service, clients: Clients) -> Iterator[str]:
    """Yield the tasks of a service that are not of the release that serves, as people read them."""
    sides = {key: FargateSide(service, side, clients) for key, side in service.sides.items()}
    serving = active(service, clients).side
    definition = sides[serving].state().task_definition if serving else ""
    image = _image(service, clients, definition) if definition else ""
    for side in sides.values():
        # Those that were told to end run until they have.
        for task in (*side.tasks(), *side.tasks(stopped=True)):
            if task["lastStatus"] == STOPPED or task["taskDefinitionArn"] == definition:
                continue
            # The same image with other settings, as on the other side, knows the same schema.
            if not image or _own_image(service, task["containers"]) != image:
                revision = task["taskDefinitionArn"].rpartition("/")[2]
                yield f"{side.side.name}: task {task['taskArn'].rpartition('/')[2]} of {revision}"


def _image(service: Service, clients: Clients, definition: str) -> str:
    ecs = clients("ecs", service.region)
    found = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
    return _own_image(service, found["containerDefinitions"])


def _own_image(service: Service, containers: Sequence[Mapping[str, Any]]) -> str:
    own = (each.get("image", "") for each in containers if each["name"] == service.container)
    return str(next(own, ""))
