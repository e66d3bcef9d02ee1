"""How resources of a stack hang together: what several rules about whole stacks ask."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence

from platformctl.policies import ports, tokens
from platformctl.policies.rule import Undetermined
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING, UNKNOWN, Match, peek, revealed
from platformctl.policies.view import ResourceView, StackView

NETWORK_STORES: Mapping[str, str] = {
    tokens.RDS_INSTANCE: "vpcSecurityGroupIds[]",
    tokens.RDS_PROXY: "vpcSecurityGroupIds[]",
    tokens.DOCUMENTS: "vpcSecurityGroupIds[]",
    tokens.CACHE: "securityGroupIds[]",
    tokens.KAFKA: "brokerNodeGroupInfo.securityGroups[]",
}
"""Data stores inside a network → where they name their security groups."""

SUBNETS_OF: Mapping[str, str] = {
    "aws:rds/subnetGroup:SubnetGroup": "subnetIds[]",
    "aws:docdb/subnetGroup:SubnetGroup": "subnetIds[]",
    "aws:elasticache/subnetGroup:SubnetGroup": "subnetIds[]",
    tokens.KAFKA: "brokerNodeGroupInfo.clientSubnets[]",
}
"""What names the subnets of data stores, and where."""


def entrances(
    group: ResourceView, stack: StackView
) -> Iterator[tuple[ResourceView, str, Sequence[ResourceView]]]:
    """Yield each rule that lets something into a group: who says it, where, and which groups."""
    for match in group.each("ingress[]"):
        named = stack.sources(group, "ingress", tokens.SECURITY_GROUP)
        yield group, match.path, named if _names_groups(match) else ()
    for kind, to, source in (
        (ports.INGRESS_RULE, "securityGroupId", "referencedSecurityGroupId"),
        (ports.OLD_RULE, "securityGroupId", "sourceSecurityGroupId"),
    ):
        for rule in stack.users(group, kind):
            if group not in stack.targets(rule, to, tokens.SECURITY_GROUP):
                continue
            if kind != ports.OLD_RULE or rule.get("type") == "ingress":
                yield rule, source, stack.targets(rule, source, tokens.SECURITY_GROUP)


def _names_groups(match: Match) -> bool:
    (named,) = peek(match.value, "securityGroups")
    return named.value is not MISSING


def open_to_world(group: ResourceView, stack: StackView, settings: Settings) -> bool:
    """Tell whether the internet may enter a group, on whichever port."""
    return any(
        not isinstance(opening, Undetermined)
        for rule in {each.urn: each for each, _, _ in entrances(group, stack)}.values()
        for opening in ports.openings(rule, settings)
    )


def subnets(resource: ResourceView, path: str, stack: StackView) -> list[ResourceView]:
    """Return the subnets that a property names."""
    return stack.targets(resource, path, tokens.SUBNET)


def routes(subnet: ResourceView, stack: StackView) -> Iterator[tuple[ResourceView, str]]:
    """Yield every route of a subnet: who says it, and the property prefix."""
    table_type = "aws:ec2/routeTable:RouteTable"
    associations = stack.users(subnet, "aws:ec2/routeTableAssociation:RouteTableAssociation")
    for association in associations:
        for table in stack.targets(association, "routeTableId", table_type):
            for match in table.each("routes[]"):
                yield table, f"{match.path}."
            for route in stack.users(table, "aws:ec2/route:Route"):
                yield route, ""


def internet_route(subnet: ResourceView, stack: StackView) -> ResourceView | None:
    """Return what says that a subnet has a route to an internet gateway, if anything does."""
    for said_by, prefix in routes(subnet, stack):
        if prefix:
            gateways = [
                revealed(match.value)
                for match in said_by.each("routes[].gatewayId")
                if match.path.startswith(prefix)
            ]
            through = stack.sources(said_by, "routes", "aws:ec2/internetGateway:InternetGateway")
        else:
            gateways = [said_by.get("gatewayId")]
            through = stack.sources(said_by, "gatewayId", "aws:ec2/internetGateway:InternetGateway")
        named = any(isinstance(each, str) and each.startswith("igw-") for each in gateways)
        if named or (through and any(each is not MISSING for each in gateways)):
            return said_by
    return None


def has_nat(subnet: ResourceView, stack: StackView) -> bool:
    """Tell whether a subnet reaches the internet through a NAT gateway."""
    return any(
        not prefix and said_by.get("natGatewayId") is not MISSING
        for said_by, prefix in routes(subnet, stack)
    )


def metrics(alarm: ResourceView) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the metrics that an alarm watches: name, and dimension → value."""
    for path in ("", "metricQueries[].metric"):
        for match in alarm.each(path) if path else [Match("", alarm.properties)]:
            (name,), dimensions = peek(match.value, "metricName"), peek(match.value, "dimensions.*")
            if isinstance(name.value, str):
                yield name.value, {each.path.partition(".")[2]: each.value for each in dimensions}


# Type → the CloudWatch dimension that names it, and the property that its value is.
_DIMENSIONS: Mapping[str, tuple[str, str]] = {
    tokens.RDS_INSTANCE: ("DBInstanceIdentifier", "identifier"),
    tokens.DOCUMENTS: ("DBClusterIdentifier", "clusterIdentifier"),
    tokens.KAFKA: ("Cluster Name", "clusterName"),
    tokens.STREAM: ("StreamName", "name"),
    tokens.TABLE: ("TableName", "name"),
    tokens.FUNCTION: ("FunctionName", "name"),
    tokens.QUEUE: ("QueueName", "name"),
    tokens.SERVICE: ("ServiceName", "name"),
    tokens.CACHE: ("ReplicationGroupId", "replicationGroupId"),
}


def _alarmed(stack: StackView) -> Mapping[object, set[str]]:
    """Return what alarms are about → metrics: dimensions with their values, values, URNs."""
    found: dict[object, set[str]] = defaultdict(set)
    for alarm in stack.all(tokens.ALARM):
        told = {*alarm.sources.get("dimensions", ()), *alarm.sources.get("metricQueries", ())}
        for metric, dimensions in metrics(alarm):
            for dimension, value in dimensions.items():
                if isinstance(value, str):
                    found[dimension, value].add(metric)
                    found[value].add(metric)
            node = dimensions.get("CacheClusterId")
            if isinstance(node, str):  # by node of a group: <group>-001
                found["ReplicationGroupId", node.rpartition("-")[0]].add(metric)
            for urn in told:
                found[urn].add(metric)
    return found


def watched(resource: ResourceView, stack: StackView) -> set[str]:
    """Return the names of the metrics of a resource on which there are alarms."""
    alarmed = stack.once(_alarmed)
    dimension, key = _DIMENSIONS.get(resource.type, ("", "name"))
    keys = [(dimension, resource.get(key)), resource.urn, resource.outputs.get("arnSuffix")]
    return {
        metric
        for each in keys
        if isinstance(each, Hashable) and each is not None
        for metric in alarmed.get(each, ())
    }


def takes_logs(bucket: ResourceView, stack: StackView) -> bool:
    """Tell whether AWS writes access logs into a bucket, of load balancers or other buckets."""
    return any(
        bucket in stack.targets(each, path, tokens.BUCKET)
        for kind, path in (
            (tokens.BALANCER, "accessLogs.bucket"),
            (tokens.BUCKET_LOGGING, "targetBucket"),
        )
        for each in stack.all(kind)
    )


def region_of(resource: ResourceView) -> str:
    """Return the region of a resource; "" where it is not known."""
    return resource.region if isinstance(resource.region, str) else ""


def tags_of(resource: ResourceView) -> dict[str, object]:
    """Return the tags that a resource ends up with, the provider's included."""
    own = {match.path.partition(".")[2]: match.value for match in resource.each("tags.*")}
    return {**resource.default_tags, **own}


def in_recovery(resource: ResourceView, settings: Settings) -> bool:
    """Tell whether a resource is on the recovery side."""
    return bool(settings.recovery_region) and region_of(resource) == settings.recovery_region


def known(matches: Sequence[Match]) -> list[object]:
    """Return the values among matches that are there and known."""
    values = [revealed(each.value) for each in matches]
    return [each for each in values if each is not MISSING and each is not UNKNOWN]
