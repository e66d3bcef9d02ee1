"""Running a task that ends, following its log, and judging how it ended.

A task is known by who started it (`startedBy`), so one that is under way is followed rather than
started a second time, whoever follows it and however often.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from botocore.exceptions import ClientError

from platformctl.aws.clients import Clients
from platformctl.operations.kernel.failures import (
    InconclusiveError,
    StepFailedError,
    StepTimeoutError,
)
from platformctl.operations.logs.lines import document
from platformctl.operations.migration.find import Migrator

RESULT = "result"
STOPPED = "STOPPED"
LONGEST_NAME = 64
"""Most characters of a client token of ECS."""
MOST_DESCRIBED = 100
"""Most tasks that one call of DescribeTasks takes."""
RUN_SECONDS = 6 * 3600.0
"""Longest a task may take: a backfill of a large table takes its time."""
LOG_SECONDS = 30.0
"""Longest the last lines take from the task to CloudWatch."""
Found = TypeVar("Found")


class Watcher(Protocol):
    """Waits for a task and tells what it says; the context of a step is one."""

    def tell(self, text: str, *details: str) -> None:
        """Tell people something."""
        ...

    def until(self, condition: Callable[[], Found | None], *, within: float, what: str) -> Found:
        """Wait until something is so."""
        ...


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a task ended.

    Attributes:
        task: Its ARN.
        exit_code: Exit status of its container; None if it never ran.
        reason: Why it stopped, in ECS's words.
        result: What its last line says; empty without one.
        lines: Its last lines.
    """

    task: str
    exit_code: int | None
    reason: str
    result: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[str] = ()


class OneOffTask:
    """A task of a migrator that does one thing.

    Args:
        clients: Makes boto3 clients.
        migrator: Where and how it runs.
        token: What it is known by: the same whoever runs it.
    """

    def __init__(self, clients: Clients, migrator: Migrator, token: str) -> None:
        self._migrator = migrator
        self._ecs = clients("ecs", migrator.region)
        self._logs = clients("logs", migrator.region)
        self._token = token if len(token) < LONGEST_NAME - 4 else _digest(token)

    def newest(self) -> Mapping[str, Any] | None:
        """Return the newest task of this token, running or stopped."""
        found = self._tasks()
        return max(found, key=lambda task: task["createdAt"]) if found else None

    def start(
        self, definition: str, command: Sequence[str], variables: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """Start a task, or return the one that is under way.

        Raises:
            StepFailedError: ECS cannot place it.
        """
        running = self.newest()
        if running and running["lastStatus"] != STOPPED:
            return running
        migrator = self._migrator
        override = {
            "name": migrator.container,
            "command": list(command),
            "environment": [{"name": key, "value": value} for key, value in variables.items()],
        }
        answer = self._ecs.run_task(
            cluster=migrator.cluster,
            taskDefinition=definition,
            launchType="FARGATE",
            startedBy=self._token,
            clientToken=f"{self._token}-{len(self._tasks())}",
            propagateTags="TASK_DEFINITION",
            overrides={"containerOverrides": [override]},
            networkConfiguration={
                "awsvpcConfiguration": {
                    "subnets": list(migrator.subnet_ids),
                    "securityGroups": list(migrator.security_group_ids),
                    "assignPublicIp": "DISABLED",
                }
            },
        )
        if not answer["tasks"]:
            failure = answer["failures"][0]
            raise StepFailedError(
                f"the task that migrates {migrator.product} cannot be placed",
                why=f"{failure.get('reason')} {failure.get('detail', '')}".strip(),
            )
        return answer["tasks"][0]

    def follow(self, watcher: Watcher, task: Mapping[str, Any]) -> Ending:
        """Tell what a task says until it has ended."""
        log = _Log(self._logs, self._migrator, task["taskArn"], watcher)

        def ended() -> Mapping[str, Any] | None:
            log.read()
            now = self._described([task["taskArn"]])[0]
            return now if now["lastStatus"] == STOPPED else None

        stopped = watcher.until(
            ended, within=RUN_SECONDS, what=f"the task that migrates {self._migrator.product}"
        )
        container = next(
            each for each in stopped["containers"] if each["name"] == self._migrator.container
        )
        if container.get("exitCode") is not None:
            self._await_result(watcher, log)
        return Ending(
            task=stopped["taskArn"],
            exit_code=container.get("exitCode"),
            reason=container.get("reason") or stopped.get("stoppedReason", ""),
            result=log.result,
            lines=log.lines[-5:],
        )

    def stop(self, watcher: Watcher) -> None:
        """Stop the task if it runs; return when it has stopped."""
        task = self.newest()
        if task is None or task["lastStatus"] == STOPPED:
            return
        self._ecs.stop_task(
            cluster=self._migrator.cluster, task=task["taskArn"], reason="The operation is undone"
        )
        watcher.until(
            lambda: self._described([task["taskArn"]])[0]["lastStatus"] == STOPPED,
            within=180,
            what="the end of the task",
        )

    def _await_result(self, watcher: Watcher, log: "_Log") -> None:
        def told() -> bool:
            log.read()
            return bool(log.result)

        try:
            watcher.until(told, within=LOG_SECONDS, what="the last lines of the log")
        except StepTimeoutError:
            # Whoever judges the ending decides what it is worth without them.
            return

    def _tasks(self) -> list[Mapping[str, Any]]:
        # ECS takes `startedBy` only where nothing else is asked for, not even a status.
        family = self._migrator.task_definition_arn.rpartition("/")[2].partition(":")[0]
        arns: list[str] = []
        for status in ("RUNNING", STOPPED):
            pages = self._ecs.get_paginator("list_tasks").paginate(
                cluster=self._migrator.cluster, family=family, desiredStatus=status
            )
            arns += [arn for page in pages for arn in page["taskArns"]]
        named = sorted(set(arns))
        found = [
            task
            for begin in range(0, len(named), MOST_DESCRIBED)
            for task in self._described(named[begin : begin + MOST_DESCRIBED])
        ]
        return [task for task in found if task.get("startedBy") == self._token]

    def _described(self, arns: Sequence[str]) -> list[Mapping[str, Any]]:
        if not arns:
            return []
        answer = self._ecs.describe_tasks(cluster=self._migrator.cluster, tasks=list(arns))
        missing = [each for each in answer["failures"] if each.get("reason") != "MISSING"]
        if missing or not answer["tasks"]:
            raise InconclusiveError(
                "ECS does not say how the task is",
                why=", ".join(str(each.get("reason")) for each in answer["failures"]),
                remedy="resume the operation",
            )
        return answer["tasks"]


class _Log:
    """The log of a task, read on from where it was read to.

    Attributes:
        lines: What people were told.
        result: The last line, once it is there.
    """

    def __init__(self, logs: Any, migrator: Migrator, task: str, watcher: Watcher) -> None:
        self._logs = logs
        self._group = migrator.log_group
        self._stream = f"ecs/{migrator.container}/{task.rpartition('/')[2]}"
        self._watcher = watcher
        self._next: dict[str, str] = {}
        self.lines: list[str] = []
        self.result: Mapping[str, Any] = {}

    def read(self) -> None:
        for message in self._new():
            said = document(message)
            if said.get("message") == RESULT:
                self.result = said
                continue
            text, details = _told(said) if said else (message, [])
            self.lines.append(" ".join((text, *details)))
            self._watcher.tell(text, *details)

    def _new(self) -> Iterator[str]:
        while True:
            try:
                answer = self._logs.get_log_events(
                    logGroupName=self._group,
                    logStreamName=self._stream,
                    startFromHead=True,
                    **self._next,
                )
            except ClientError as error:
                # The stream is made when the container starts.
                if error.response["Error"]["Code"] == "ResourceNotFoundException":
                    return
                raise
            yield from (event["message"] for event in answer["events"])
            token = answer["nextForwardToken"]
            if self._next.get("nextToken") == token or not answer["events"]:
                self._next = {"nextToken": token}
                return
            self._next = {"nextToken": token}


_SHOWN_APART = ("service", "release", "level", "timestamp", "message", "migration")


def _told(said: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return a line of the task as people read it."""
    text = " ".join(str(each) for each in (said.get("migration"), said.get("message")) if each)
    details = [f"{key}: {value}" for key, value in said.items() if key not in _SHOWN_APART]
    return text, details


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[: LONGEST_NAME - 4]
