"""Tasks through the API: RunTask, StopTask, Describe, List."""

from collections.abc import Mapping
from typing import Any

from platformctl.region.services.base import Call
from platformctl.region.services.ecs.failures import PlacementError, StopReason
from platformctl.region.services.ecs.names import (
    arn,
    cluster_of,
    invalid,
    last,
    tags_from,
)
from platformctl.region.services.ecs.operations import Operations
from platformctl.region.services.ecs.task_records import new_task, shown_task, subnets_of
from platformctl.region.services.paging import page


class TaskOperations(Operations):
    """The operations on tasks; starting and stopping them is the service class's."""

    async def run_task(self, call: Call) -> dict[str, Any]:
        """Start tasks that belong to no service."""
        asked = call.parameters
        cluster = self.records.active_cluster(call.region, cluster_of(asked))["clusterName"]
        definition = self.records.active_definition(call.region, asked["taskDefinition"])
        count = asked.get("count") or 1
        if not 1 <= count <= 10:
            raise invalid("Count must be between 1 and 10.")
        overrides = asked.get("overrides") or {}
        names = {one["name"] for one in definition["containerDefinitions"]}
        for override in overrides.get("containerOverrides") or ():
            if override.get("name") not in names:
                raise invalid("Override for container not in the task definition.")
        subnets = subnets_of(asked)
        await self.fleet.placement.learn_subnets(call.region, subnets)
        started: list[dict[str, Any]] = []
        missing: list[dict[str, str]] = []
        for _ in range(count):
            record = new_task(
                call.region,
                self.runtime.account,
                cluster,
                definition,
                group=asked.get("group") or f"family:{definition['family']}",
                now=self.runtime.now(),
                overrides={"containerOverrides": [], **overrides},
                startedBy=asked.get("startedBy"),
                launchType=asked.get("launchType"),
                tags=_propagated(asked, definition),
                cpu=overrides.get("cpu"),
                memory=overrides.get("memory"),
                enableExecuteCommand=asked.get("enableExecuteCommand"),
            )
            try:
                self.fleet.launch(call.region, record, subnets)
            except PlacementError as error:
                missing.append({"reason": str(error)})
            else:
                started.append(shown_task(record, tags=True))
        return {"tasks": started, "failures": missing}

    def stop_task(self, call: Call) -> dict[str, Any]:
        """Stop a task; a service replaces it."""
        self.records.active_cluster(call.region, cluster_of(call.parameters))
        task_id = last(call.parameters["task"])
        if task_id not in self.records.tasks(call.region):
            raise invalid("The referenced task was not found.")
        why = call.parameters.get("reason") or "Task stopped by user"
        self.fleet.halt(task_id, StopReason("UserInitiated", why))
        return {"task": shown_task(self.records.tasks(call.region)[task_id])}

    def describe_tasks(self, call: Call) -> dict[str, Any]:
        """Describe tasks by id or ARN; stopped ones are remembered for a while."""
        named = cluster_of(call.parameters)
        cluster = self.records.active_cluster(call.region, named)["clusterName"]
        found: list[dict[str, Any]] = []
        missing: list[dict[str, str]] = []
        tags = "TAGS" in (call.parameters.get("include") or ())
        for reference in call.parameters["tasks"]:
            record = self.records.tasks(call.region).get(last(reference))
            if record is None or record["cluster"] != cluster:
                task = arn(call.region, self.runtime.account, f"task/{cluster}/{last(reference)}")
                missing.append({"arn": task, "reason": "MISSING"})
            else:
                found.append(shown_task(record, tags=tags))
        return {"tasks": found, "failures": missing}

    def list_tasks(self, call: Call) -> dict[str, Any]:
        """List the ARNs of tasks, of those that ought to run unless asked otherwise."""
        asked = call.parameters
        cluster = self.records.active_cluster(call.region, cluster_of(asked))["clusterName"]
        service = f"service:{last(asked['serviceName'])}" if asked.get("serviceName") else None
        wanted = asked.get("desiredStatus") or "RUNNING"
        found = [
            record["taskArn"]
            for record in self.records.tasks(call.region).values()
            if record["cluster"] == cluster
            and record["desiredStatus"] == wanted
            and service in {None, record["group"]}
            and asked.get("startedBy") in {None, record.get("startedBy")}
            and asked.get("launchType") in {None, record["launchType"]}
            and asked.get("family") in {None, last(record["taskDefinitionArn"]).split(":")[0]}
        ]
        shown, token = page(found, asked.get("maxResults") or 100, asked.get("nextToken"))
        return {"taskArns": shown, "nextToken": token} if token else {"taskArns": shown}


def _propagated(asked: Mapping[str, Any], definition: Mapping[str, Any]) -> list[dict[str, str]]:
    own = tags_from(asked)
    if asked.get("propagateTags") != "TASK_DEFINITION":
        return own
    names = {tag["key"] for tag in own}
    return [*own, *(tag for tag in definition["tags"] if tag["key"] not in names)]
