"""How many tasks a service has where nothing but its configuration says so."""

from collections.abc import Sequence

from platformctl.operations.services.model import Service
from platformctl.operations.services.traffic import Clients, active


def follow_counts(services: Sequence[Service], clients: Clients) -> list[Service]:
    """Give the side that serves as many tasks as its stack says; return what was changed.

    Pulumi leaves the counts of sides to cutovers, and autoscaling owns those that it scales; of
    what is left, this is who follows the configuration.

    Args:
        services: The services, as they are deployed now.
        clients: Makes boto3 clients.
    """
    changed = []
    for service in services:
        if service.awaiting_release or service.kind not in ("balanced", "consumer"):
            continue
        side = service.sides.get(active(service, clients).side or "")
        if side is None or side.scalable_target is not None:
            continue
        ecs = clients("ecs", service.region)
        now = ecs.describe_services(cluster=service.cluster, services=[side.name])["services"][0]
        # No task at all is what somebody wanted, or what waits for its first release.
        if now["desiredCount"] not in (0, side.minimum_tasks):
            ecs.update_service(
                cluster=service.cluster, service=side.name, desiredCount=side.minimum_tasks
            )
            changed.append(service)
    return changed
