"""Why a task ended: the codes and sentences of ECS."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StopReason:
    """What a stopped task says about its end.

    Attributes:
        code: `TaskFailedToStart`, `EssentialContainerExited`, `UserInitiated`,
            `ServiceSchedulerInitiated` or `TerminationNotice`.
        text: The sentence behind it.
    """

    code: str
    text: str


class TaskStartError(Exception):
    """A task could not be started; it stops with code `TaskFailedToStart`.

    Attributes:
        reason: What the task says.
        container: Name of the container that says the same, empty where it is the task's alone.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.reason = StopReason("TaskFailedToStart", text)
        self.container = ""


def cannot_pull(image: str, why: str) -> TaskStartError:
    """Return the failure of an image that cannot be had."""
    return TaskStartError(
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to "
        f"resolve ref {image}: {image}: not found ({why})"
    )


def resource_initialization(why: str) -> TaskStartError:
    """Return the failure of something a task needs before its containers start."""
    return TaskStartError(f"ResourceInitializationError: {why}")


class PlacementError(Exception):
    """Fargate has no room for a task: there is none, and it says why in AWS's words."""


NO_CAPACITY = (
    "Capacity is unavailable at this time. Please try again later or in a different availability "
    "zone"
)
"""Why Fargate has no room: a failure of `RunTask`, and in an event of a service."""
UNPLACED = (
    "was unable to place a task. Reason: {why}. For more information, see the Troubleshooting "
    "section of the Amazon ECS Developer Guide."
)
ESSENTIAL_EXITED = StopReason("EssentialContainerExited", "Essential container in task exited")
REGION_STOPPED = StopReason("TerminationNotice", "The local region was stopped.")
SCALED_IN = "Scaling activity initiated by (deployment {deployment})"
OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"
UNHEALTHY_CONTAINER = StopReason("ServiceSchedulerInitiated", "Task failed container health checks")


def unhealthy_target(target_group: str) -> StopReason:
    """Return the reason of a task that its load balancer finds unhealthy."""
    return StopReason(
        "ServiceSchedulerInitiated",
        f"Task failed ELB health checks in (target-group {target_group})",
    )


def scaled_in(deployment: str) -> StopReason:
    """Return the reason of a task that is no longer needed."""
    return StopReason("ServiceSchedulerInitiated", SCALED_IN.format(deployment=deployment))
