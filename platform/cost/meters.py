"""What AWS meters of each resource, by type; what `METERS` does not have is free, or costs by use.

A quantity is of things that are there all month: two vCPUs, a hundred gigabytes. Where a price is
for an hour, `estimate` multiplies with the hours of a month.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platformctl.cost.resources import Plan, Resource


@dataclass(frozen=True)
class Use:
    """So much of a meter.

    Attributes:
        meter: Name of the meter in the price books.
        quantity: How many of its units.
        whole: A meter for the thing as a whole, which wins where a price book has it.
        whole_quantity: How many of those.
    """

    meter: str
    quantity: float
    whole: str = ""
    whole_quantity: float = 0.0


Meter = Callable[[Resource, Plan], Iterator[Use]]


def _one(meter: str) -> Meter:
    """Meter the resource itself."""

    def use(resource: Resource, plan: Plan) -> Iterator[Use]:
        del resource, plan
        yield Use(meter, 1)

    return use


def _fargate(service: Resource, plan: Plan) -> Iterator[Use]:
    """Meter the tasks that a service starts with, each side of a blue-green pair on its own."""
    definitions = plan.siblings(service, "aws:ecs/taskDefinition:TaskDefinition")
    count = number(service.inputs.get("desiredCount"))
    if not definitions or not count:
        return
    cpu = number(definitions[0].inputs.get("cpu"))
    memory = number(definitions[0].inputs.get("memory"))
    spot = spot_share(service)
    task = f"fargate.task.{cpu:.0f}-{memory:.0f}"
    for kind, share in (("fargate", 1 - spot), ("fargate-spot", spot)):
        if share:
            yield Use(f"{kind}.vcpu", share * count * cpu / 1024, task, share * count)
            yield Use(f"{kind}.memory", share * count * memory / 1024, task)


def spot_share(service: Resource) -> float:
    """Return the share of a service's tasks that run on Fargate Spot, from 0 to 1."""
    strategies = _list(service.inputs.get("capacityProviderStrategies"))
    weights = {each.get("capacityProvider"): number(each.get("weight")) for each in strategies}
    return weights.get("FARGATE_SPOT", 0.0) / (sum(weights.values()) or 1.0)


def _postgres(instance: Resource, plan: Plan) -> Iterator[Use]:
    """Meter an instance and its storage; a replica has as much as its source."""
    zones = "multi-az" if instance.inputs.get("multiAz") is True else "single-az"
    yield Use(f"rds.{zones}.{instance.inputs.get('instanceClass')}", 1)
    source = plan.source(instance, "replicateSourceDb") or instance
    yield Use(f"rds.storage.{zones}", number(source.inputs.get("allocatedStorage")))


def _proxy(proxy: Resource, plan: Plan) -> Iterator[Use]:
    """Meter a proxy by the virtual CPUs of what it stands before, two at least."""
    classes = [
        each.inputs.get("instanceClass")
        for each in plan.siblings(proxy, "aws:rds/instance:Instance")
    ]
    yield Use("rds.proxy", max([2, *map(vcpus, classes)]))


def vcpus(instance_class: Any) -> int:
    """Return the virtual CPUs of a class such as `m6i.xlarge`, by its size."""
    size = str(instance_class).rpartition(".")[2]
    return {"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16}.get(size, 2)


def _redis(group: Resource, plan: Plan) -> Iterator[Use]:
    del plan
    nodes = number(group.inputs.get("numCacheClusters")) or 1
    yield Use(f"elasticache.node.{group.inputs.get('nodeType')}", nodes)


def _kafka(cluster: Resource, plan: Plan) -> Iterator[Use]:
    del plan
    brokers = number(cluster.inputs.get("numberOfBrokerNodes"))
    group = cluster.inputs.get("brokerNodeGroupInfo") or {}
    storage = (group.get("storageInfo") or {}).get("ebsStorageInfo") or {}
    yield Use(f"msk.broker.{group.get('instanceType')}", brokers)
    yield Use("msk.storage", brokers * number(storage.get("volumeSize")))


def _documents(instance: Resource, plan: Plan) -> Iterator[Use]:
    del plan
    yield Use(f"docdb.{instance.inputs.get('instanceClass')}", 1)


def _table(table: Resource, plan: Plan) -> Iterator[Use]:
    """Meter provisioned capacity of a table, its indexes and its replicas."""
    del plan
    if table.inputs.get("billingMode") == "PAY_PER_REQUEST":
        return
    homes = 1 + len(_list(table.inputs.get("replicas")))
    for part in (table.inputs, *_list(table.inputs.get("globalSecondaryIndexes"))):
        yield Use("dynamodb.read-capacity", homes * number(part.get("readCapacity")))
        yield Use("dynamodb.write-capacity", homes * number(part.get("writeCapacity")))


def _stream(stream: Resource, plan: Plan) -> Iterator[Use]:
    del plan
    shards = number(stream.inputs.get("shardCount"))
    yield Use("kinesis.shard", shards) if shards else Use("kinesis.on-demand", 1)


def _nodes(group: Resource, plan: Plan) -> Iterator[Use]:
    """Meter the nodes of an EKS node group with their disks."""
    del plan
    count = number((group.inputs.get("scalingConfig") or {}).get("desiredSize"))
    kinds = _list(group.inputs.get("instanceTypes")) or ["t3.medium"]
    yield Use(f"ec2.{kinds[0]}", count)
    yield Use("ebs.gp3", count * (number(group.inputs.get("diskSize")) or 20))


def _endpoint(endpoint: Resource, plan: Plan) -> Iterator[Use]:
    del plan
    if endpoint.inputs.get("vpcEndpointType") == "Interface":
        yield Use("vpc.endpoint", len(_list(endpoint.inputs.get("subnetIds"))) or 1)


def _firewall(acl: Resource, plan: Plan) -> Iterator[Use]:
    del plan
    yield Use("waf.acl", 1)
    yield Use("waf.rule", len(_list(acl.inputs.get("rules"))))


def _health_check(check: Resource, plan: Plan) -> Iterator[Use]:
    """Meter a check; HTTPS, fast probes and latency are one option each."""
    del plan
    inputs = check.inputs
    options = (
        str(inputs.get("type")).startswith("HTTPS"),
        number(inputs.get("requestInterval")) == 10,
        inputs.get("measureLatency") is True,
    )
    yield Use("route53.health-check", 1)
    yield Use("route53.health-check-option", sum(options))


def _secret(secret: Resource, plan: Plan) -> Iterator[Use]:
    del plan
    yield Use("secrets.secret", 1 + len(_list(secret.inputs.get("replicas"))))


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def number(value: Any) -> float:
    """Return a number; what is not known before deployment counts as none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


METERS: Mapping[str, tuple[str, Meter]] = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ("CloudWatch", _one("cloudwatch.alarm")),
    "aws:cloudwatch/dashboard:Dashboard": ("CloudWatch", _one("cloudwatch.dashboard")),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("CloudWatch", _one("cloudwatch.alarm")),
    "aws:docdb/clusterInstance:ClusterInstance": ("DocumentDB", _documents),
    "aws:dynamodb/table:Table": ("DynamoDB", _table),
    "aws:ec2/eip:Eip": ("Public IPv4 addresses", _one("address.public")),
    "aws:ec2/natGateway:NatGateway": ("NAT gateways", _one("nat.gateway")),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("VPC endpoints", _endpoint),
    "aws:ecs/service:Service": ("ECS Fargate", _fargate),
    "aws:eks/cluster:Cluster": ("EKS", _one("eks.cluster")),
    "aws:eks/nodeGroup:NodeGroup": ("EKS", _nodes),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("ElastiCache Redis", _redis),
    "aws:kinesis/stream:Stream": ("Kinesis", _stream),
    "aws:kms/key:Key": ("KMS", _one("kms.key")),
    "aws:lb/loadBalancer:LoadBalancer": ("Load balancers", _one("alb")),
    "aws:msk/cluster:Cluster": ("MSK", _kafka),
    "aws:msk/replicator:Replicator": ("MSK", _one("msk.replicator")),
    "aws:rds/instance:Instance": ("RDS PostgreSQL", _postgres),
    "aws:rds/proxy:Proxy": ("RDS Proxy", _proxy),
    "aws:route53/healthCheck:HealthCheck": ("Route 53", _health_check),
    "aws:route53/zone:Zone": ("Route 53", _one("route53.zone")),
    "aws:secretsmanager/secret:Secret": ("Secrets Manager", _secret),
    "aws:wafv2/webAcl:WebAcl": ("WAF", _firewall),
}
"""Type → the service as AWS's bill names it, and what is metered."""
