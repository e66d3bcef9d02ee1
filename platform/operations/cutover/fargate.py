"""One side of a service on Fargate: its tasks, how many there are, and what scales them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.errors import ResourceError
from platformctl.operations.services.model import Service, Side

DIMENSION = "ecs:service:DesiredCount"
_SUSPENDED = (
    "DynamicScalingInSuspended",
    "DynamicScalingOutSuspended",
    "ScheduledScalingSuspended",
)
_MOST_TASKS = 100
"""Tasks that one DescribeTasks takes."""


@dataclass(frozen=True, kw_only=True)
class ServiceEvent:
    """Something that ECS has to say about a service."""

    id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SideState:
    """What ECS says about a side.

    Attributes:
        task_definition: Revision that its tasks are made of.
        deployment: Id of its newest deployment, which started the tasks of that revision.
        desired: Tasks that it shall have.
        running: Tasks that it has.
        events: What ECS has to say, newest first.
        grace_seconds: Seconds in which failing health checks do not count against a new task.
    """

    task_definition: str
    deployment: str
    desired: int
    running: int
    events: Sequence[ServiceEvent]
    grace_seconds: int


class FargateSide:
    """One side.

    Args:
        service: The service.
        side: Which side of it.
        clients: Makes boto3 clients.
    """

    def __init__(self, service: Service, side: Side, clients: Clients) -> None:
        self.service = service
        self.side = side
        self._ecs = clients("ecs", service.region)
        self._scaling = clients("application-autoscaling", service.region)

    def state(self) -> SideState:
        """Return what ECS says about it.

        Raises:
            ResourceError: There is no such service in ECS.
        """
        found = self._ecs.describe_services(
            cluster=self.service.cluster, services=[self.side.name]
        )["services"]
        if not found or found[0]["status"] == "INACTIVE":
            raise ResourceError(
                f"there is no ECS service {self.side.name}",
                why=f"cluster {self.service.cluster} in {self.service.region} has none",
                remedy="deploy the stack: platformctl up ENV",
            )
        said = found[0]
        primary = next(each for each in said["deployments"] if each["status"] == "PRIMARY")
        return SideState(
            task_definition=said["taskDefinition"],
            deployment=primary["id"],
            desired=said["desiredCount"],
            running=said["runningCount"],
            events=[
                ServiceEvent(id=event["id"], text=event["message"])
                for event in said.get("events", ())
            ],
            grace_seconds=int(said.get("healthCheckGracePeriodSeconds") or 0),
        )

    def begin(self, task_definition: str, count: int) -> None:
        """Have a number of tasks of a revision; nothing is asked for that is so already."""
        now = self.state()
        if (now.task_definition, now.desired) == (task_definition, count):
            return
        self._ecs.update_service(
            cluster=self.service.cluster,
            service=self.side.name,
            taskDefinition=task_definition,
            desiredCount=count,
        )

    def stop(self) -> None:
        """Have no tasks: each one is drained first."""
        self.scale(serving=False)
        if self.state().desired:
            self._ecs.update_service(
                cluster=self.service.cluster, service=self.side.name, desiredCount=0
            )

    def scale(self, *, serving: bool) -> None:
        """Let autoscaling decide about the number of tasks, or keep it from doing so."""
        if self.side.scalable_target is None:
            return
        self._scaling.register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=self.side.scalable_target,
            ScalableDimension=DIMENSION,
            MinCapacity=self.side.minimum_tasks if serving else 0,
            MaxCapacity=self.side.maximum_tasks,
            SuspendedState=dict.fromkeys(_SUSPENDED, not serving),
        )

    def tasks(self, *, stopped: bool = False) -> list[dict[str, Any]]:
        """Describe the tasks that shall run, or those that were stopped within the last hour."""
        arns = self.task_arns(stopped=stopped)
        return [
            task
            for first in range(0, len(arns), _MOST_TASKS)
            for task in self._ecs.describe_tasks(
                cluster=self.service.cluster, tasks=arns[first : first + _MOST_TASKS]
            )["tasks"]
        ]

    def task_arns(self, *, stopped: bool = False) -> list[str]:
        """Name the tasks that shall run, or those that were stopped within the last hour."""
        pages = self._ecs.get_paginator("list_tasks").paginate(
            cluster=self.service.cluster,
            serviceName=self.side.name,
            desiredStatus="STOPPED" if stopped else "RUNNING",
        )
        return [arn for page in pages for arn in page["taskArns"]]


def address_of(task: dict[str, Any]) -> str:
    """Return the address by which a target group knows a task; "" before it has one."""
    for attachment in task.get("attachments", ()):
        for detail in attachment.get("details", ()):
            if detail["name"] == "privateIPv4Address":
                return str(detail["value"])
    return ""
