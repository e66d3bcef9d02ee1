"""Why the tasks of a side do not start, told as soon as ECS knows it.

Waiting for a deadline says nothing that the stopped tasks do not say within seconds.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from platformctl.aws.clients import Clients
from platformctl.operations.cutover.fargate import FargateSide, SideState
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.logs.lines import readable
from platformctl.operations.report.redaction import redacted_text

HOPELESS = (
    "CannotPullContainerError",
    "CannotPullImageManifestError",
    "ResourceInitializationError",
    "health checks",
)
"""Words of reasons that no second attempt takes away: the image or a secret is not there, or health
checks fail even after the time that a task has to come up.
"""
WANTED = ("Scaling activity", "Task stopped by user")
"""Beginnings of reasons that are nobody's failure."""
MOST_FAILURES = 2
"""Tasks that may fail to stay up before the release is at fault; one may be the machine's."""
UNPLACED, PLACED = "was unable to place a task", "has started"
"""What ECS says of a service for whose tasks it finds no room, and when it has found some."""
ERRORS = ("error ", "critical ", "fatal ")
"""How lines about errors begin, as `readable` shows them."""
LINES = 10
"""Log lines that are told of a task."""


@dataclass(frozen=True, kw_only=True)
class TaskFailure:
    """A task that did not stay up.

    Attributes:
        task: Its id.
        arn: Its ARN.
        reason: Why it was stopped, and what its container said.
    """

    task: str
    arn: str
    reason: str

    @property
    def hopeless(self) -> bool:
        """Whether another attempt would end the same."""
        return any(text in self.reason for text in HOPELESS)


def failures(side: FargateSide, known: Collection[str]) -> list[TaskFailure]:
    """Return the tasks of a side that were stopped by a failure.

    Args:
        side: The side.
        known: ARNs of tasks that had been stopped before, which say nothing about this release.
    """
    arns = set(side.task_arns(stopped=True)) - set(known)
    if not arns:
        return []
    found = [task for task in side.tasks(stopped=True) if task["taskArn"] in arns]
    return [
        TaskFailure(task=_id(task), arn=task["taskArn"], reason=_reason(task))
        for task in found
        if not task.get("stoppedReason", "").startswith(WANTED)
    ]


def require_none(
    side: FargateSide, known: Collection[str], clients: Clients, *, what: str = "does not stay up"
) -> None:
    """Make sure that the tasks of a side stay up.

    Args:
        side: The side.
        known: ARNs of tasks that had been stopped before, which say nothing about this release.
        clients: Makes boto3 clients.
        what: What the side does not do, for people.

    Raises:
        StepFailedError: They do not; says why, with the line of the log that tells most.
    """
    found = failures(side, known)
    hopeless = [failure for failure in found if failure.hopeless]
    if not hopeless and len(found) < MOST_FAILURES:
        return
    told = (hopeless or found)[0]
    said = _telling(last_lines(side, told.arn, clients))
    last = f"; it said last: {said}" if said else ""
    raise StepFailedError(
        f"{side.side.name} {what}",
        why=f"task {told.task}: {told.reason}{last}",
        remedy=f"platformctl logs ENV --service {side.service.name}",
    )


def _telling(lines: Sequence[str]) -> str:
    """Return the last line about an error; the last one of all where none is about one.

    Programs go on logging after what ends them: that they close this and that.
    """
    said = [line.strip() for line in lines if line.strip()]
    errors = [line for line in said if line.startswith(ERRORS)]
    return (errors or said or [""])[-1]


def unplaced(state: SideState, known: str) -> str:
    """Return why ECS finds no room for tasks; empty where it does, or has not said so.

    Args:
        state: The side's state.
        known: Id of the newest event from before they were asked for.
    """
    for event in state.events:
        if event.id == known or PLACED in event.text:
            break
        if UNPLACED in event.text:
            return event.text
    return ""


def last_lines(side: FargateSide, task_arn: str, clients: Clients) -> Sequence[str]:
    """Return the last lines that a task logged; none where its log cannot be read."""
    service = side.service
    if not service.log_group:
        return ()
    logs, task = clients("logs", service.region), task_arn.rpartition("/")[2]
    try:
        stream = f"{_stream_prefix(side, clients)}/{service.container}/{task}"
        found = logs.get_log_events(
            logGroupName=service.log_group, logStreamName=stream, limit=LINES, startFromHead=False
        )
    except ClientError:
        # A task that never ran has no log, and who may cut over need not be allowed to read it.
        return ()
    lines = [readable(event["message"].rstrip()) for event in found["events"]]
    return [redacted_text(line) for line in lines][-LINES:]


def _stream_prefix(side: FargateSide, clients: Clients) -> str:
    definition = clients("ecs", side.service.region).describe_task_definition(
        taskDefinition=side.state().task_definition
    )["taskDefinition"]
    containers = definition["containerDefinitions"]
    container = next(each for each in containers if each["name"] == side.service.container)
    options = (container.get("logConfiguration") or {}).get("options") or {}
    return str(options.get("awslogs-stream-prefix", ""))


def _id(task: dict[str, Any]) -> str:
    return str(task["taskArn"]).rpartition("/")[2]


def _reason(task: dict[str, Any]) -> str:
    said = [task.get("stoppedReason") or "stopped for no reason that ECS tells"]
    for container in task.get("containers", ()):
        if (code := container.get("exitCode")) is not None:
            said.append(f"container {container['name']} exited with {code}")
        if (reason := container.get("reason")) and reason not in said:
            said.append(reason)
    return redacted_text("; ".join(said))
