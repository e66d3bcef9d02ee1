"""Task definitions: families, revisions, what is in them."""

from collections.abc import Mapping
from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.ecs import validation
from platformctl.region.services.ecs.names import arn, invalid, last, tags_from
from platformctl.region.services.ecs.operations import Operations
from platformctl.region.services.paging import page

CONTAINER_DEFAULTS: Mapping[str, Any] = {
    "cpu": 0,
    "essential": True,
    "environment": [],
    "mountPoints": [],
    "portMappings": [],
    "systemControls": [],
    "volumesFrom": [],
}


class TaskDefinitionOperations(Operations):
    """The operations on task definitions."""

    def register_task_definition(self, call: Call) -> dict[str, Any]:
        """Register the next revision of a family."""
        asked = dict(call.parameters)
        tags = tags_from(asked)
        asked.pop("tags", None)
        validation.check(asked)
        family = asked["family"]
        families = self.runtime.store.table("ecs", call.region, "families")
        revision = (families.get(family) or {"revision": 0})["revision"] + 1
        families[family] = {"revision": revision}
        key = f"{family}:{revision}"
        record = {
            "volumes": [],
            "placementConstraints": [],
            **asked,
            "containerDefinitions": [_with_defaults(one) for one in asked["containerDefinitions"]],
            "taskDefinitionArn": arn(call.region, self.runtime.account, f"task-definition/{key}"),
            "revision": revision,
            "status": "ACTIVE",
            "requiresAttributes": [],
            "compatibilities": _compatibilities(asked),
            "registeredAt": self.runtime.now(),
            "registeredBy": f"arn:aws:iam::{self.runtime.account}:root",
            "tags": tags,
        }
        self.records.definitions(call.region)[key] = record
        return {"taskDefinition": _shown(record), "tags": tags}

    def describe_task_definition(self, call: Call) -> dict[str, Any]:
        """Describe one task definition."""
        record = self.records.definition(call.region, call.parameters["taskDefinition"])
        answer: dict[str, Any] = {"taskDefinition": _shown(record)}
        if "TAGS" in (call.parameters.get("include") or ()):
            answer["tags"] = record["tags"]
        return answer

    def deregister_task_definition(self, call: Call) -> dict[str, Any]:
        """Make a revision inactive; what runs it keeps running."""
        reference = call.parameters["taskDefinition"]
        if ":" not in last(reference):
            raise ServiceError("ClientException", f"Invalid revision number. Number: {reference}")
        record = self.records.definition(call.region, reference)
        if record["status"] == "ACTIVE":
            record = {**record, "status": "INACTIVE", "deregisteredAt": self.runtime.now()}
            self.records.definitions(call.region)[f"{record['family']}:{record['revision']}"] = (
                record
            )
        return {"taskDefinition": _shown(record)}

    def delete_task_definitions(self, call: Call) -> dict[str, Any]:
        """Delete inactive revisions."""
        deleted: list[dict[str, Any]] = []
        failures: list[dict[str, Any]] = []
        for reference in call.parameters["taskDefinitions"]:
            record = self.records.definitions(call.region).get(last(reference))
            if record is None or record["status"] != "INACTIVE":
                reason = "MISSING" if record is None else "The specified task definition is active."
                failures.append({"arn": reference, "reason": reason})
                continue
            del self.records.definitions(call.region)[last(reference)]
            deleted.append({**_shown(record), "status": "DELETE_IN_PROGRESS"})
        return {"taskDefinitions": deleted, "failures": failures}

    def list_task_definitions(self, call: Call) -> dict[str, Any]:
        """List ARNs by family prefix and status."""
        asked = call.parameters
        status = asked.get("status") or "ACTIVE"
        found = [
            record
            for record in self.records.definitions(call.region).values()
            if record["status"] == status and asked.get("familyPrefix") in {None, record["family"]}
        ]
        found.sort(
            key=lambda record: (record["family"], record["revision"]),
            reverse=asked.get("sort") == "DESC",
        )
        arns = [record["taskDefinitionArn"] for record in found]
        shown, token = page(arns, asked.get("maxResults") or 100, asked.get("nextToken"))
        answer: dict[str, Any] = {"taskDefinitionArns": shown}
        return {**answer, "nextToken": token} if token else answer

    def list_task_definition_families(self, call: Call) -> dict[str, Any]:
        """List families by prefix; ACTIVE ones have at least one active revision."""
        asked = call.parameters
        status = asked.get("status") or "ALL"
        active: dict[str, bool] = {}
        for record in self.records.definitions(call.region).values():
            is_active = record["status"] == "ACTIVE"
            active[record["family"]] = active.get(record["family"], False) or is_active
        found = sorted(
            family
            for family, is_active in active.items()
            if family.startswith(asked.get("familyPrefix") or "")
            and (status == "ALL" or is_active == (status == "ACTIVE"))
        )
        if status not in {"ACTIVE", "INACTIVE", "ALL"}:
            raise invalid(f"Unknown status {status}.")
        shown, token = page(found, asked.get("maxResults") or 100, asked.get("nextToken"))
        answer: dict[str, Any] = {"families": shown}
        return {**answer, "nextToken": token} if token else answer


def _shown(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != "tags"}


def _compatibilities(asked: Mapping[str, Any]) -> list[str]:
    return ["EC2", "FARGATE"] if asked.get("networkMode") == "awsvpc" else ["EXTERNAL", "EC2"]


def _with_defaults(container: Mapping[str, Any]) -> dict[str, Any]:
    complete = {**CONTAINER_DEFAULTS, **container}
    complete["portMappings"] = [
        {"protocol": "tcp", **mapping, "hostPort": mapping["containerPort"]}
        for mapping in complete["portMappings"]
    ]
    if "healthCheck" in complete:
        complete["healthCheck"] = {
            "interval": 30,
            "timeout": 5,
            "retries": 3,
            **complete["healthCheck"],
        }
    return complete
