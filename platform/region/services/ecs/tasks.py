"""Tasks: their records, RunTask, StopTask, Describe, List."""

from collections.abc import Mapping, Sequence
from typing import Any

from platformctl.region.runtime import Table
from platformctl.region.services.base import Call, Service
from platformctl.region.services.ecs.failures import StopReason
from platformctl.region.services.ecs.names import (
    arn,
    cluster_of,
    invalid,
    last,
    new_task_id,
    tags_from,
)
from platformctl.region.services.paging import page

INTERNAL = frozenset({"registrations", "deployment", "cluster"})
KEPT_STOPPED = 200
"""Stopped tasks that are remembered, in all of a region."""


def new_task(
    region: str,
    account: str,
    cluster: str,
    definition: Mapping[str, Any],
    *,
    group: str,
    now: float,
    **more: Any,
) -> dict[str, Any]:
    """Return the record of a task that is about to be started.

    Args:
        region: Region name.
        account: Account id.
        cluster: Cluster name.
        definition: Record of its task definition.
        group: `service:<name>` or `family:<family>`.
        now: Seconds since the epoch.
        more: Other members in the API's names.
    """
    task_id = new_task_id()
    task_arn = arn(region, account, f"task/{cluster}/{task_id}")
    containers = [
        {
            "containerArn": arn(region, account, f"container/{cluster}/{task_id}/{number}"),
            "taskArn": task_arn,
            "name": container["name"],
            "image": container["image"],
            "cpu": str(container.get("cpu") or 0),
            "lastStatus": "PENDING",
            "healthStatus": "UNKNOWN",
        }
        for number, container in enumerate(definition["containerDefinitions"])
    ]
    return {
        "taskArn": task_arn,
        "clusterArn": arn(region, account, f"cluster/{cluster}"),
        "taskDefinitionArn": definition["taskDefinitionArn"],
        "containers": containers,
        "lastStatus": "PROVISIONING",
        "desiredStatus": "RUNNING",
        "healthStatus": "UNKNOWN",
        "group": group,
        "cpu": definition.get("cpu") or "0",
        "memory": definition.get("memory") or "0",
        "createdAt": now,
        "launchType": "FARGATE",
        "platformFamily": "Linux",
        "platformVersion": "1.4.0",
        "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
        "attachments": [],
        "overrides": {"containerOverrides": [], "inferenceAcceleratorOverrides": []},
        "tags": [],
        "version": 1,
        "registrations": {},
        "deployment": "",
        "cluster": cluster,
        **{key: value for key, value in more.items() if value is not None},
    }


def attachment(host: str, subnet: str, task_id: str) -> dict[str, Any]:
    """Return a task's network interface as the API shows it."""
    return {
        "id": f"{task_id[:8]}-{task_id[8:12]}-{task_id[12:16]}-{task_id[16:20]}-{task_id[20:]}",
        "type": "ElasticNetworkInterface",
        "status": "ATTACHED",
        "details": [
            {"name": "subnetId", "value": subnet},
            {"name": "networkInterfaceId", "value": f"eni-{task_id[:17]}"},
            {"name": "privateIPv4Address", "value": host},
        ],
    }


def shown_task(record: Mapping[str, Any], *, tags: bool = False) -> dict[str, Any]:
    """Return a task as the API shows it."""
    hidden = INTERNAL if tags else INTERNAL | {"tags"}
    shown = {key: value for key, value in record.items() if key not in hidden}
    interfaces = [
        {"attachmentId": attached["id"], "privateIpv4Address": detail["value"]}
        for attached in record.get("attachments") or ()
        for detail in attached["details"]
        if detail["name"] == "privateIPv4Address"
    ]
    shown["containers"] = [
        {**container, "networkInterfaces": interfaces} for container in record["containers"]
    ]
    return shown


class TaskOperations(Service):
    """The operations on tasks; starting and stopping them is the service class's."""

    name = "ecs"

    def tasks(self, region: str) -> Table:
        """Return the records of all tasks, by id."""
        return self.runtime.store.table("ecs", region, "tasks")

    def active_definition(self, region: str, reference: str) -> dict[str, Any]:
        """Return a task definition that may be started."""
        raise NotImplementedError

    def active_cluster(self, region: str, name: str) -> dict[str, Any]:
        """Return an active cluster."""
        raise NotImplementedError

    def launch(self, region: str, record: dict[str, Any], subnets: Sequence[str]) -> None:
        """Start a task that belongs to no service."""
        raise NotImplementedError

    def halt(self, task_id: str, why: StopReason) -> None:
        """Stop a task."""
        raise NotImplementedError

    def run_task(self, call: Call) -> dict[str, Any]:
        """Start tasks that belong to no service."""
        asked = call.parameters
        cluster = self.active_cluster(call.region, cluster_of(asked))["clusterName"]
        definition = self.active_definition(call.region, asked["taskDefinition"])
        count = asked.get("count") or 1
        if not 1 <= count <= 10:
            raise invalid("Count must be between 1 and 10.")
        overrides = asked.get("overrides") or {}
        names = {one["name"] for one in definition["containerDefinitions"]}
        for override in overrides.get("containerOverrides") or ():
            if override.get("name") not in names:
                raise invalid("Override for container not in the task definition.")
        subnets = subnets_of(asked)
        started: list[dict[str, Any]] = []
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
            self.launch(call.region, record, subnets)
            started.append(shown_task(record, tags=True))
        return {"tasks": started, "failures": []}

    def stop_task(self, call: Call) -> dict[str, Any]:
        """Stop a task; a service replaces it."""
        self.active_cluster(call.region, cluster_of(call.parameters))
        task_id = last(call.parameters["task"])
        if task_id not in self.tasks(call.region):
            raise invalid("The referenced task was not found.")
        why = call.parameters.get("reason") or "Task stopped by user"
        self.halt(task_id, StopReason("UserInitiated", why))
        return {"task": shown_task(self.tasks(call.region)[task_id])}

    def describe_tasks(self, call: Call) -> dict[str, Any]:
        """Describe tasks by id or ARN; stopped ones are remembered for a while."""
        cluster = self.active_cluster(call.region, cluster_of(call.parameters))["clusterName"]
        found: list[dict[str, Any]] = []
        missing: list[dict[str, str]] = []
        tags = "TAGS" in (call.parameters.get("include") or ())
        for reference in call.parameters["tasks"]:
            record = self.tasks(call.region).get(last(reference))
            if record is None or record["cluster"] != cluster:
                task = arn(call.region, self.runtime.account, f"task/{cluster}/{last(reference)}")
                missing.append({"arn": task, "reason": "MISSING"})
            else:
                found.append(shown_task(record, tags=tags))
        return {"tasks": found, "failures": missing}

    def list_tasks(self, call: Call) -> dict[str, Any]:
        """List the ARNs of tasks, of those that ought to run unless asked otherwise."""
        asked = call.parameters
        cluster = self.active_cluster(call.region, cluster_of(asked))["clusterName"]
        service = f"service:{last(asked['serviceName'])}" if asked.get("serviceName") else None
        wanted = asked.get("desiredStatus") or "RUNNING"
        found = [
            record["taskArn"]
            for record in self.tasks(call.region).values()
            if record["cluster"] == cluster
            and record["desiredStatus"] == wanted
            and service in {None, record["group"]}
            and asked.get("startedBy") in {None, record.get("startedBy")}
            and asked.get("launchType") in {None, record["launchType"]}
            and asked.get("family") in {None, last(record["taskDefinitionArn"]).split(":")[0]}
        ]
        shown, token = page(found, asked.get("maxResults") or 100, asked.get("nextToken"))
        return {"taskArns": shown, "nextToken": token} if token else {"taskArns": shown}

    def forget_stopped(self, region: str) -> list[dict[str, Any]]:
        """Forget the oldest stopped tasks beyond those kept, and return them."""
        table = self.tasks(region)
        stopped = [record for record in table.values() if record["lastStatus"] == "STOPPED"]
        stopped.sort(key=lambda record: record["stoppedAt"])
        forgotten = stopped[:-KEPT_STOPPED]
        for record in forgotten:
            del table[last(record["taskArn"])]
        return forgotten


def subnets_of(parameters: Mapping[str, Any]) -> list[str]:
    """Return the subnets of a request's network configuration."""
    network = parameters.get("networkConfiguration") or {}
    return list((network.get("awsvpcConfiguration") or {}).get("subnets") or ())


def _propagated(asked: Mapping[str, Any], definition: Mapping[str, Any]) -> list[dict[str, str]]:
    own = tags_from(asked)
    if asked.get("propagateTags") != "TASK_DEFINITION":
        return own
    names = {tag["key"] for tag in own}
    return [*own, *(tag for tag in definition["tags"] if tag["key"] not in names)]
