"""The record of a task: how it begins, and how the API shows it."""

from collections.abc import Mapping
from typing import Any

from platformctl.region.services.ecs.names import arn, new_task_id

INTERNAL = frozenset({"registrations", "deployment", "cluster"})


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


def subnets_of(parameters: Mapping[str, Any]) -> list[str]:
    """Return the subnets of a request's network configuration."""
    network = parameters.get("networkConfiguration") or {}
    return list((network.get("awsvpcConfiguration") or {}).get("subnets") or ())
