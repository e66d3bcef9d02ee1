"""Ask AWS about every part of an environment that can be well or ill.

The parts come from the checkpoint; `PROBES` says for each resource type which call answers for it
and how to read the answer. All parts are asked at the same time.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

Clients = Callable[[str, str], Any]
Properties = Mapping[str, Any]


class Health(StrEnum):
    """How a part is doing."""

    HEALTHY = "healthy"
    CHANGING = "changing"
    UNHEALTHY = "unhealthy"
    FAILED = "failed"
    """Ill, and will not mend by itself: its deployment was given up."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Part:
    """One part of an environment.

    Attributes:
        kind: What it is: `service`, `database`, `cache`, `stream`, `load balancer`, …
        name: Its name in AWS.
        health: How it is doing.
        detail: Why, in a few words (`2/2 running`, `available`, an error message).
        address: Where it listens, "" where it does not.
    """

    kind: str
    name: str
    health: Health
    detail: str
    address: str = ""


@dataclass(frozen=True)
class StatusReport:
    """An environment at one moment.

    Attributes:
        environment: Its name.
        parts: Every part that can be asked, in the order of `PROBES`.
        seconds: How long asking took.
    """

    environment: str
    parts: Sequence[Part]
    seconds: float

    @property
    def healthy(self) -> bool:
        """Whether nothing is ill and nothing is still changing."""
        return all(part.health is Health.HEALTHY for part in self.parts)

    def document(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "version": 1,
            "environment": self.environment,
            "healthy": self.healthy,
            "parts": [asdict(part) for part in self.parts],
        }


def _service(clients: Clients, region: str, properties: Properties) -> Part:
    answer = clients("ecs", region).describe_services(
        cluster=properties["cluster"], services=[properties["name"]]
    )
    name = properties["name"]
    if not answer["services"] or answer["services"][0]["status"] != "ACTIVE":
        return Part("service", name, Health.UNHEALTHY, "does not exist")
    service = answer["services"][0]
    running, desired = service["runningCount"], service["desiredCount"]
    primary = next(item for item in service["deployments"] if item["status"] == "PRIMARY")
    state = primary.get("rolloutState", "COMPLETED")
    detail = f"{running}/{desired} running"
    if state == "FAILED":
        return Part("service", name, Health.FAILED, primary.get("rolloutStateReason", detail))
    if state == "IN_PROGRESS" or running != desired:
        events = service.get("events") or [{"message": ""}]
        why = f"{detail}, deploying: {events[0]['message']}"
        return Part("service", name, Health.CHANGING, why)
    return Part("service", name, Health.HEALTHY, detail)


def _database(clients: Clients, region: str, properties: Properties) -> Part:
    name = properties["identifier"]
    found = clients("rds", region).describe_db_instances(DBInstanceIdentifier=name)
    database = found["DBInstances"][0]
    source = database.get("ReadReplicaSourceDBInstanceIdentifier")
    status = database["DBInstanceStatus"]
    detail = f"{status}, replica of {source}" if source else status
    endpoint = database.get("Endpoint") or {}
    address = f"{endpoint.get('Address', '')}:{endpoint.get('Port', '')}".strip(":")
    return Part("database", name, _by_word(status, "available"), detail, address)


def _cache(clients: Clients, region: str, properties: Properties) -> Part:
    name = properties["replicationGroupId"]
    found = clients("elasticache", region).describe_replication_groups(ReplicationGroupId=name)
    group = found["ReplicationGroups"][0]
    nodes = len(group.get("MemberClusters", ()))
    endpoint = (group.get("NodeGroups") or [{}])[0].get("PrimaryEndpoint") or {}
    address = f"{endpoint.get('Address', '')}:{endpoint.get('Port', '')}".strip(":")
    detail = f"{group['Status']}, {nodes} nodes"
    return Part("cache", name, _by_word(group["Status"], "available"), detail, address)


def _stream(clients: Clients, region: str, properties: Properties) -> Part:
    found = clients("kafka", region).describe_cluster(ClusterArn=properties["arn"])
    cluster = found["ClusterInfo"]
    detail = f"{cluster['State'].lower()}, {cluster['NumberOfBrokerNodes']} brokers"
    return Part("stream", cluster["ClusterName"], _by_word(cluster["State"], "ACTIVE"), detail)


def _load_balancer(clients: Clients, region: str, properties: Properties) -> Part:
    found = clients("elbv2", region).describe_load_balancers(LoadBalancerArns=[properties["arn"]])
    balancer = found["LoadBalancers"][0]
    state = balancer["State"]
    health = _by_word(state["Code"], "active")
    detail = state.get("Reason") or state["Code"]
    return Part("load balancer", balancer["LoadBalancerName"], health, detail, balancer["DNSName"])


def _target_group(clients: Clients, region: str, properties: Properties) -> Part:
    found = clients("elbv2", region).describe_target_health(TargetGroupArn=properties["arn"])
    states = [item["TargetHealth"]["State"] for item in found["TargetHealthDescriptions"]]
    healthy = states.count("healthy")
    total = len(states) - states.count("draining")
    detail = f"{healthy}/{total} targets healthy"
    health = Health.HEALTHY if healthy == total and total else Health.CHANGING
    if "unhealthy" in states:
        health = Health.UNHEALTHY
    return Part("targets", properties["name"], health, detail)


ALARM_WORDS = {"OK": "ok", "ALARM": "in alarm", "INSUFFICIENT_DATA": "no data yet"}


def _alarm(clients: Clients, region: str, properties: Properties) -> Part:
    name = properties["name"]
    found = clients("cloudwatch", region).describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    alarms = found["MetricAlarms"] + found.get("CompositeAlarms", [])
    if not alarms:
        return Part("alarm", name, Health.UNHEALTHY, "does not exist")
    state = alarms[0]["StateValue"]
    # An alarm that has seen no data yet is quiet, not ill.
    health = Health.UNHEALTHY if state == "ALARM" else Health.HEALTHY
    return Part("alarm", name, health, ALARM_WORDS[state])


def _distribution(clients: Clients, region: str, properties: Properties) -> Part:
    found = clients("cloudfront", region).get_distribution(Id=properties["id"])
    distribution = found["Distribution"]
    status = distribution["Status"]
    return Part(
        "distribution",
        distribution["Id"],
        _by_word(status, "Deployed"),
        status.lower(),
        distribution["DomainName"],
    )


Probe = Callable[[Clients, str, Properties], Part]
PROBES: dict[str, tuple[str, Probe]] = {
    "aws:lb/loadBalancer:LoadBalancer": ("name", _load_balancer),
    "aws:cloudfront/distribution:Distribution": ("id", _distribution),
    "aws:ecs/service:Service": ("name", _service),
    "aws:lb/targetGroup:TargetGroup": ("name", _target_group),
    "aws:rds/instance:Instance": ("identifier", _database),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("replicationGroupId", _cache),
    "aws:msk/cluster:Cluster": ("clusterName", _stream),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name", _alarm),
}
"""Resource type → (output that names it, how to ask about it); the order is that of the report."""


def _by_word(status: str, good: str) -> Health:
    if status == good:
        return Health.HEALTHY
    ill = any(word in status.lower() for word in ("fail", "incompatible", "stopped", "delet"))
    return Health.UNHEALTHY if ill else Health.CHANGING


def _ask(clients: Clients, resource: Mapping[str, Any], default_region: str) -> Part:
    name_key, probe = PROBES[resource["type"]]
    properties = {**(resource.get("outputs") or {}), "id": resource.get("id")}
    arn = str(properties.get("arn") or resource.get("id") or "")
    region = arn.split(":")[3] if arn.startswith("arn:") and arn.split(":")[3] else default_region
    try:
        return probe(clients, region, properties)
    except (ClientError, BotoCoreError) as error:
        kind = resource["type"].rpartition(":")[2]
        name = str(properties.get(name_key) or resource["urn"].rpartition("::")[2])
        return Part(kind, name, Health.UNKNOWN, str(error))


def read_status(
    environment: str, checkpoint: Mapping[str, Any], clients: Clients, *, region: str
) -> StatusReport:
    """Ask about every part of an environment at once.

    Args:
        environment: Its name, for the report.
        checkpoint: The stack's checkpoint as `pulumi stack export` prints it.
        clients: Makes a boto3 client from service and region name.
        region: Region of parts whose ARN does not say.
    """
    began = time.monotonic()
    resources = [
        resource
        for kind in PROBES
        for resource in checkpoint["deployment"].get("resources") or ()
        if resource["type"] == kind and not resource.get("delete")
    ]
    with ThreadPoolExecutor(max_workers=16) as pool:
        parts = list(pool.map(lambda resource: _ask(clients, resource, region), resources))
    return StatusReport(environment, parts, time.monotonic() - began)


def wait_until_healthy(
    read: Callable[[], StatusReport],
    *,
    timeout: float,
    on_report: Callable[[StatusReport], None] = lambda _: None,
    interval: float = 0.5,
) -> StatusReport:
    """Read again and again until nothing is ill or changing; return the last report.

    A part that is ill does not end the wait early, for services take a moment to find their
    databases; one that has failed for good does. The caller judges the report that comes back.
    """
    deadline = time.monotonic() + timeout
    while True:
        report = read()
        on_report(report)
        given_up = any(part.health is Health.FAILED for part in report.parts)
        if report.healthy or given_up or time.monotonic() >= deadline:
            return report
        time.sleep(interval)
