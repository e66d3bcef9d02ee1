"""Which call answers for a part of an environment, and how to read the answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platformctl.operations.status.parts import AWAITING_RELEASE, Health, Part

Clients = Callable[[str, str], Any]
Properties = Mapping[str, Any]
ALARMS_AT_ONCE = 100
"""Most alarms that one call describes."""
RELEASE, AWAITING = "Release", "awaiting-first-release"
"""Tag of a service whose application has no release yet (components/compute)."""
SIDES = ("blue", "green")


def _service(clients: Clients, region: str, properties: Properties) -> Part:
    answer = clients("ecs", region).describe_services(
        cluster=properties["cluster"], services=[properties["name"]], include=["TAGS"]
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
    tags = {tag["key"]: tag["value"] for tag in service.get("tags") or ()}
    if desired == 0 and tags.get(RELEASE) == AWAITING:
        return Part("service", name, Health.IDLE, AWAITING_RELEASE)
    if desired == running == 0 and state == "COMPLETED":
        return Part("service", name, Health.IDLE, "no tasks wanted")
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
    if not states:
        return Part("targets", properties["name"], Health.IDLE, "no targets")
    health = Health.HEALTHY if healthy == total and total else Health.CHANGING
    if "unhealthy" in states:
        health = Health.UNHEALTHY
    return Part("targets", properties["name"], health, detail)


ALARM_WORDS = {"OK": "ok", "ALARM": "in alarm", "INSUFFICIENT_DATA": "no data yet"}


def _alarms(clients: Clients, region: str, alarms: Sequence[Properties]) -> list[Part]:
    names = [alarm.get("name") or alarm["alarmName"] for alarm in alarms]
    found = clients("cloudwatch", region).describe_alarms(
        AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=ALARMS_AT_ONCE
    )
    described = [*found["MetricAlarms"], *found.get("CompositeAlarms", ())]
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in described}
    return [_alarm(name, states.get(name)) for name in names]


def _alarm(name: str, state: str | None) -> Part:
    if state is None:
        return Part("alarm", name, Health.UNHEALTHY, "does not exist")
    # An alarm that has seen no data yet is quiet, not ill.
    health = Health.UNHEALTHY if state == "ALARM" else Health.HEALTHY
    return Part("alarm", name, health, ALARM_WORDS[state])


def _traffic(clients: Clients, region: str, rules: Sequence[Properties]) -> list[Part]:
    """Say how requests are spread, for each rule that has more than one place to send them."""
    split = [rule for rule in rules if len(_targets(rule.get("actions") or ())) > 1]
    if not split:
        return []
    arns = [rule["id"] for rule in split]
    found = clients("elbv2", region).describe_rules(RuleArns=arns)["Rules"]
    actual = {rule["RuleArn"]: rule for rule in found}
    return [_weights(rule["logicalName"], actual.get(rule["id"])) for rule in split]


def _targets(actions: Iterable[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return the target groups of a forward action, as the checkpoint writes it."""
    forwards = [action["forward"] for action in actions if action.get("forward")]
    return forwards[0].get("targetGroups") or () if forwards else ()


def _weights(name: str, rule: Mapping[str, Any] | None) -> Part:
    if rule is None:
        return Part("traffic", name, Health.UNHEALTHY, "does not exist")
    groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
    total = sum(group["Weight"] for group in groups)
    shares = {_side(group["TargetGroupArn"]): group["Weight"] for group in groups}
    detail = ", ".join(f"{side} {100 * shares[side] / (total or 1):g} %" for side in sorted(shares))
    return Part("traffic", name, Health.HEALTHY if total else Health.UNHEALTHY, detail)


def _side(target_group_arn: str) -> str:
    """Return the side that a target group's name tells, else its name."""
    name = target_group_arn.split("/")[-2]
    return next((side for side in SIDES if side in name.split("-")), name)


ENDPOINTS = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP")
"""Types of health checks that ask an endpoint; the others only count or follow something."""
WELL_SHARE = 0.18
"""Route 53 takes an endpoint for healthy when more than this share of the checkers do (Developer
Guide, How Amazon Route 53 determines whether a health check is healthy)."""


def _health_checks(clients: Clients, region: str, checks: Sequence[Properties]) -> list[Part]:
    """Say what Route 53 sees of the sides that it may lead a name away from."""
    return [_health_check(clients, region, each) for each in checks if each["type"] in ENDPOINTS]


def _health_check(clients: Clients, region: str, properties: Properties) -> Part:
    kind, name = "health check", properties.get("fqdn") or properties["ipAddress"]
    if properties.get("disabled"):
        return Part(kind, name, Health.IDLE, "does not ask")
    answer = clients("route53", region).get_health_check_status(HealthCheckId=properties["id"])
    seen = [each["StatusReport"]["Status"] for each in answer["HealthCheckObservations"]]
    if not seen:
        return Part(kind, name, Health.CHANGING, "has not asked yet")
    failures = [status for status in seen if not status.startswith("Success")]
    well = len(seen) - len(failures)
    detail = f"{well}/{len(seen)} checkers say it is well"
    if well / len(seen) > WELL_SHARE:
        return Part(kind, name, Health.HEALTHY, detail)
    return Part(kind, name, Health.UNHEALTHY, f"{detail}: {failures[0]}")


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


@dataclass(frozen=True)
class Probe:
    """How to ask about resources of one type.

    Attributes:
        name: Output that names a resource.
        ask: Describes resources of one region.
        at_once: How many it can describe with one call.
    """

    name: str
    ask: Callable[[Clients, str, Sequence[Properties]], list[Part]]
    at_once: int = 1


def _one(name: str, ask: Callable[[Clients, str, Properties], Part]) -> Probe:
    """Return a probe whose call describes one resource."""
    return Probe(name, lambda clients, region, found: [ask(clients, region, one) for one in found])


PROBES: Mapping[str, Probe] = {
    "aws:lb/loadBalancer:LoadBalancer": _one("name", _load_balancer),
    "aws:cloudfront/distribution:Distribution": _one("id", _distribution),
    "aws:route53/healthCheck:HealthCheck": Probe("fqdn", _health_checks),
    "aws:ecs/service:Service": _one("name", _service),
    "aws:lb/listenerRule:ListenerRule": Probe("arn", _traffic, at_once=20),
    "aws:lb/targetGroup:TargetGroup": _one("name", _target_group),
    "aws:rds/instance:Instance": _one("identifier", _database),
    "aws:elasticache/replicationGroup:ReplicationGroup": _one("replicationGroupId", _cache),
    "aws:msk/cluster:Cluster": _one("clusterName", _stream),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Probe("name", _alarms, ALARMS_AT_ONCE),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Probe("alarmName", _alarms, ALARMS_AT_ONCE),
}
"""Resource type → how to ask about it; the order is that of the report."""


def _by_word(status: str, good: str) -> Health:
    if status == good:
        return Health.HEALTHY
    ill = any(word in status.lower() for word in ("fail", "incompatible", "stopped", "delet"))
    return Health.UNHEALTHY if ill else Health.CHANGING
