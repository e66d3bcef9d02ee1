"""The deployments in a service's record, and the events that tell of them."""

import uuid
from collections.abc import Mapping
from typing import Any

from platformctl.region.services.ecs.names import new_deployment_id

KEPT_EVENTS = 100
PRIMARY, ACTIVE = "PRIMARY", "ACTIVE"
IN_PROGRESS, COMPLETED, FAILED = "IN_PROGRESS", "COMPLETED", "FAILED"
COPIED = (
    "taskDefinition",
    "launchType",
    "capacityProviderStrategy",
    "platformVersion",
    "networkConfiguration",
    "loadBalancers",
)


def primary(service: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service's primary deployment."""
    return next(one for one in service["deployments"] if one["status"] == PRIMARY)


def begin(service: dict[str, Any], now: float) -> dict[str, Any]:
    """Make a new primary deployment of a service as it is configured now."""
    deployment_id = new_deployment_id()
    deployment = {
        "id": deployment_id,
        "status": PRIMARY,
        "createdAt": now,
        "updatedAt": now,
        "failedTasks": 0,
        "rolloutState": IN_PROGRESS,
        "rolloutStateReason": f"ECS deployment {deployment_id} in progress.",
        "everCompleted": False,
        **{key: service[key] for key in COPIED if service.get(key) is not None},
    }
    for earlier in service["deployments"]:
        earlier["status"] = ACTIVE
    service["deployments"] = [deployment, *service["deployments"]]
    return deployment


def complete(service: dict[str, Any], now: float) -> None:
    """Mark the primary deployment as completed; earlier ones are over."""
    deployment = primary(service)
    deployment.update(
        rolloutState=COMPLETED,
        rolloutStateReason=f"ECS deployment {deployment['id']} completed.",
        everCompleted=True,
        updatedAt=now,
    )
    service["deployments"] = [deployment]
    add_event(service, f"(deployment {deployment['id']}) deployment completed.", now)


def fail(service: dict[str, Any], now: float, *, roll_back: bool) -> bool:
    """Mark the primary deployment as failed, and go back to the last completed one.

    Returns:
        Whether the service rolls back.
    """
    failed = primary(service)
    reason = "ECS deployment circuit breaker: tasks failed to start."
    failed.update(rolloutState=FAILED, rolloutStateReason=reason, updatedAt=now)
    add_event(
        service, f"(deployment {failed['id']}) deployment failed: tasks failed to start.", now
    )
    good = next((one for one in service["deployments"][1:] if one["everCompleted"]), None)
    if not roll_back or good is None:
        return False
    failed["status"] = ACTIVE
    good.update(
        status=PRIMARY,
        rolloutState=IN_PROGRESS,
        rolloutStateReason=(
            f"ECS deployment circuit breaker: rolling back to deploymentId {good['id']}."
        ),
        failedTasks=0,
        updatedAt=now,
    )
    service.update({key: good[key] for key in COPIED if key in good})
    others = [one for one in service["deployments"] if one is not good]
    service["deployments"] = [good, *others]
    add_event(service, f"rolling back to deployment {good['id']}.", now)
    return True


def add_event(service: dict[str, Any], text: str, now: float) -> None:
    """Tell what happened to a service; the newest event comes first."""
    event = {
        "id": str(uuid.uuid4()),
        "createdAt": now,
        "message": f"(service {service['serviceName']}) {text}",
    }
    service["events"] = [event, *service["events"]][:KEPT_EVENTS]
