"""A service on Fargate, as the checkpoint knows it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from platformctl.operations.services.checkpoint import (
    Checkpoint,
    Resource,
    inputs,
    logical_name,
    outputs,
    region_of,
)
from platformctl.operations.services.image import repository_of
from platformctl.operations.services.model import Balancing, Metric, Service, Side

ECS_SERVICE = "aws:ecs/service:Service"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
RULE = "aws:lb/listenerRule:ListenerRule"
LISTENER = "aws:lb/listener:Listener"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
SCALABLE_TARGET = "aws:appautoscaling/target:Target"
SCALING_POLICY = "aws:appautoscaling/policy:Policy"
RECORD = "aws:route53/record:Record"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
MINIMUM_TAG = "MinimumTasks"
RELEASE_TAG, AWAITING = "Release", "awaiting-first-release"


def fargate_service(deployed: Checkpoint, component: Resource) -> Service | None:
    """Return a service on Fargate; None where its making failed half-way."""
    definition = deployed.child(component, TASK_DEFINITION)
    said = outputs(component)
    names: Mapping[str, str] = said.get("service_names") or {}
    by_name = {outputs(each)["name"]: each for each in deployed.children(component, ECS_SERVICE)}
    if definition is None or not names or not by_name.keys() >= set(names.values()):
        return None
    services = {key: by_name[name] for key, name in names.items()}
    first = next(iter(services.values()))
    container = json.loads(outputs(definition)["containerDefinitions"])[0]
    ports = container.get("portMappings") or ()
    balancing = _balancing(deployed, component)
    tags = outputs(first).get("tags") or {}
    return Service(
        name=logical_name(component),
        product=tags.get("Product", ""),
        kind="balanced" if balancing else "consumer",
        region=region_of(outputs(definition)["arn"]),
        cluster=_cluster(first),
        sides={key: _side(deployed, component, key, services) for key in services},
        balancing=balancing,
        intake_parameter=said.get("intake_parameter"),
        backlog=_backlog(deployed, component),
        log_group=said.get("log_group_name", ""),
        retire_role_arn=said.get("retire_role_arn") or "",
        container=container["name"],
        port=ports[0]["containerPort"] if ports else None,
        repository=repository_of(container["image"]),
        task_definition_arn=outputs(definition)["arn"],
        awaiting_release=tags.get(RELEASE_TAG) == AWAITING,
        alarms=list(_alarms(deployed, {"LoadBalancer": balancing.load_balancer}))
        if balancing
        else (),
    )


def _backlog(deployed: Checkpoint, component: Resource) -> Metric | None:
    """Return the metric of the service's own that its number of tasks follows."""
    for policy in deployed.children(component, SCALING_POLICY):
        tracking = outputs(policy).get("targetTrackingScalingPolicyConfiguration") or {}
        metric = tracking.get("customizedMetricSpecification") or {}
        if metric.get("metricName") and not metric.get("dimensions"):
            return Metric(
                namespace=metric["namespace"],
                name=metric["metricName"],
                statistic=metric["statistic"],
            )
    return None


def _cluster(service: Resource) -> str:
    return str(outputs(service)["cluster"]).rpartition("/")[2]


def _side(
    deployed: Checkpoint, component: Resource, key: str, services: Mapping[str, Resource]
) -> Side:
    said, service = outputs(component), services[key]
    name, cluster = outputs(service)["name"], _cluster(service)
    group = (said.get("target_group_suffixes") or {}).get(key)
    resource_id = f"service/{cluster}/{name}"
    targets = deployed.children(component, SCALABLE_TARGET)
    target = next((one for one in targets if outputs(one)["resourceId"] == resource_id), None)
    minimum, maximum = _bounds(service, target)
    alarms = [*_alarms(deployed, {"ClusterName": cluster, "ServiceName": name}, component)]
    if group:
        alarms += _alarms(deployed, {"TargetGroup": group}, component)
    return Side(
        key=key,
        name=name,
        target_group_arn=(said.get("target_group_arns") or {}).get(key),
        target_group=group,
        scalable_target=resource_id if target else None,
        minimum_tasks=minimum,
        maximum_tasks=maximum,
        alarms=sorted(alarms),
    )


def _bounds(service: Resource, target: Resource | None) -> tuple[int, int]:
    """Return the fewest and the most tasks that a side has while it serves.

    What cutovers change is left alone by deployments of the stack, so the number is on a tag.
    """
    if target is not None:
        found = outputs(target)
        tagged = (found.get("tags") or {}).get(MINIMUM_TAG)
        return int(tagged or found["minCapacity"]), int(found["maxCapacity"])
    tagged = (outputs(service).get("tags") or {}).get(MINIMUM_TAG)
    count = int(tagged or inputs(service).get("desiredCount") or 0)
    return count, count


def _alarms(
    deployed: Checkpoint, dimensions: Mapping[str, str], but_of: Resource | None = None
) -> Iterator[str]:
    """Name the alarms about exactly these dimensions, or about a target group among others.

    Args:
        deployed: The checkpoint.
        dimensions: What they watch.
        but_of: Component whose own alarms scale it and say nothing about its health.
    """
    for alarm in deployed.of_type(ALARM):
        if but_of is not None and alarm.get("parent") == but_of["urn"]:
            continue
        watched = outputs(alarm).get("dimensions") or {}
        if "TargetGroup" in dimensions:
            watched = {key: watched.get(key) for key in dimensions}
        if watched == dict(dimensions):
            yield outputs(alarm)["name"]


def _balancing(deployed: Checkpoint, component: Resource) -> Balancing | None:
    said = outputs(component)
    rule = deployed.by_arn(RULE, said.get("rule_arn"))
    if rule is None:
        return None
    test_rule = deployed.by_arn(RULE, said.get("test_rule_arn"))
    listener = deployed.by_arn(LISTENER, outputs(rule)["listenerArn"])
    test_listener = (
        deployed.by_arn(LISTENER, outputs(test_rule)["listenerArn"]) if test_rule else None
    )
    balancer = (
        deployed.by_arn(LOAD_BALANCER, outputs(listener)["loadBalancerArn"]) if listener else None
    )
    group = next(deployed.children(component, TARGET_GROUP), None)
    if listener is None or balancer is None or group is None:
        return None
    host = _host(deployed, outputs(balancer)["dnsName"])
    conditions = [each.get("pathPattern") or {} for each in outputs(rule).get("conditions") or ()]
    return Balancing(
        rule_arn=outputs(rule)["arn"],
        test_rule_arn=outputs(test_rule)["arn"] if test_rule else None,
        url=_url(listener, host),
        test_url=_url(test_listener, host) if test_listener else None,
        load_balancer=outputs(balancer)["arnSuffix"],
        health_path=outputs(group)["healthCheck"]["path"],
        paths=[path for each in conditions for path in each.get("values") or ()],
        drain_seconds=int(outputs(group).get("deregistrationDelay") or 0),
    )


def _host(deployed: Checkpoint, dns_name: str) -> str:
    """Return the name of a load balancer that its certificate has, or that AWS gave it."""
    for record in deployed.of_type(RECORD):
        said = outputs(record)
        aliases = said.get("aliases") or ()
        if any(each.get("name") == dns_name for each in aliases) and not said.get(
            "failoverRoutingPolicies"
        ):
            return str(said["name"])
    return dns_name


def _url(listener: Resource, host: str) -> str:
    said: Mapping[str, Any] = outputs(listener)
    scheme, port = said["protocol"].lower(), int(said["port"])
    usual = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{host}" + ("" if port == usual else f":{port}")
