"""Whether an account's quotas allow what an environment needs.

A quota that is too small shows when a deployment is half done. Codes and names are those of
Service Quotas (`aws service-quotas list-service-quotas`); what else the account runs comes on top
of what is counted here.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.aws.clients import Clients
from platformctl.aws.failures import as_platform_error
from platformctl.cost.resources import Plan, Resource
from platformctl.operations.doctor import needs
from platformctl.operations.doctor.finding import Finding, Verdict
from platformctl.operations.doctor.needs import Need

HOME = "us-east-1"
"""Where the quotas of services without regions are kept."""
AT_ONCE = 4
"""Quotas asked for at the same time: Service Quotas takes few calls a second."""
TIGHT = 0.8
"""Share of a quota from which on it is worth a warning: the account may run more than this."""


@dataclass(frozen=True)
class Quota:
    """A quota of an account, and how much of it is needed.

    Attributes:
        service: Service Quotas' code of the service.
        code: Its code of the quota.
        name: What it is about.
        need: Counts what is needed in a region.
        peak: Counts what is needed when everything has scaled out; None where nothing does.
        everywhere: Whether it is one for all regions.
    """

    service: str
    code: str
    name: str
    need: Need
    peak: Need | None = None
    everywhere: bool = False


ADDRESS = "aws:ec2/eip:Eip"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
BROKERS = needs.total("aws:msk/cluster:Cluster", "numberOfBrokerNodes")
CACHES = needs.total("aws:elasticache/replicationGroup:ReplicationGroup", "numCacheClusters")
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
INTERFACES = needs.most(ENDPOINT, "vpcId", vpcEndpointType="Interface")
NODES, MOST_NODES = needs.nodes("desiredSize"), needs.nodes("maxSize")
RULES_OF = "securityGroupId"
SPOT_TASKS, MOST_SPOT_TASKS = needs.fargate(spot=True), needs.fargate_at_peak(spot=True)
TARGETS = "aws:lb/targetGroup:TargetGroup"
TASKS, MOST_TASKS = needs.fargate(spot=False), needs.fargate_at_peak(spot=False)

QUOTAS = (
    Quota("vpc", "L-F678F1CE", "VPCs", needs.each("aws:ec2/vpc:Vpc")),
    Quota("vpc", "L-A4707A72", "internet gateways", needs.each(GATEWAY)),
    Quota("vpc", "L-E79EC296", "security groups", needs.each(GROUP)),
    Quota("vpc", "L-0EA8095F", "inbound rules of one group", needs.most(INGRESS, RULES_OF)),
    Quota("vpc", "L-0EA8095F", "outbound rules of one group", needs.most(EGRESS, RULES_OF)),
    Quota("vpc", "L-29B6F2EB", "interface endpoints of one VPC", INTERFACES),
    Quota("ec2", "L-0263D0A3", "Elastic IP addresses", needs.each(ADDRESS)),
    Quota("ec2", "L-1216C47A", "vCPUs of EC2 On-Demand", NODES, MOST_NODES),
    Quota("fargate", "L-3032A538", "vCPUs of Fargate On-Demand", TASKS, MOST_TASKS),
    Quota("fargate", "L-36FBB829", "vCPUs of Fargate Spot", SPOT_TASKS, MOST_SPOT_TASKS),
    Quota("elasticloadbalancing", "L-53DA6B97", "load balancers", needs.each(BALANCER)),
    Quota("elasticloadbalancing", "L-B22855CB", "target groups", needs.each(TARGETS)),
    Quota("rds", "L-7B6409FD", "DB instances", needs.each("aws:rds/instance:Instance")),
    Quota("elasticache", "L-DFE45DF3", "cache nodes", CACHES),
    Quota("kafka", "L-EDD31C36", "Kafka brokers", BROKERS),
    Quota("eks", "L-1194D53C", "Kubernetes clusters", needs.each("aws:eks/cluster:Cluster")),
    Quota("s3", "L-DC2B2D3D", "buckets", needs.each("aws:s3/bucket:Bucket"), everywhere=True),
    Quota("iam", "L-FE177D64", "roles", needs.each("aws:iam/role:Role"), everywhere=True),
)


def quotas(plan: Plan, clients: Clients, region: str) -> Iterator[Finding]:
    """Compare what a plan needs with what an account may have, in each of its regions.

    Args:
        plan: What is to be deployed.
        clients: Makes boto3 clients of the account.
        region: The environment's region, of whatever names none.
    """
    found: dict[str, list[Resource]] = {region: []}
    for resource in plan.resources:
        found.setdefault(plan.region(resource) or region, []).append(resource)
    asked = [(quota, place) for quota in QUOTAS if not quota.everywhere for place in found]
    asked += [(quota, HOME) for quota in QUOTAS if quota.everywhere]

    def compare(each: tuple[Quota, str]) -> Finding | None:
        quota, place = each
        counted = plan.resources if quota.everywhere else found[place]
        return _compare(quota, place, _needed(quota, counted, plan), clients)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        compared = list(pool.map(compare, asked))
    yield from (each for each in compared if each is not None)
    enough = compared.count(None)
    yield Finding("quotas", Verdict.OK, f"{enough} of {len(compared)} leave room enough")


def _needed(quota: Quota, resources: Sequence[Resource], plan: Plan) -> tuple[float, float]:
    """Return how much is needed, and how much when everything has scaled out."""
    need = quota.need(resources, plan)
    return need, max(need, quota.peak(resources, plan) if quota.peak else 0.0)


def _compare(
    quota: Quota, region: str, needed: tuple[float, float], clients: Clients
) -> Finding | None:
    """Return what is wrong with a quota; None if nothing is."""
    need, peak = needed
    if not peak:
        return None
    check = f"{quota.name} in {'all regions' if quota.everywhere else region}"
    try:
        allowed = _allowed(quota, clients("service-quotas", region))
    except (BotoCoreError, ClientError) as error:
        return Finding(check, Verdict.WARNING, f"not known: {as_platform_error(error)}")
    if peak <= allowed * TIGHT:
        return None
    most = f", {peak:g} when scaled out" if peak > need else ""
    return Finding(
        check,
        Verdict.FAILURE if need > allowed else Verdict.WARNING,
        f"{need:g} are needed{most}; the quota is {allowed:g}",
        "aws service-quotas request-service-quota-increase "
        f"--service-code {quota.service} --quota-code {quota.code} "
        f"--desired-value {ceil(peak / TIGHT)} --region {region}",
    )


def _allowed(quota: Quota, client: Any) -> float:
    """Return a quota as it applies to the account: its own, or else AWS's default."""
    names = {"ServiceCode": quota.service, "QuotaCode": quota.code}
    try:
        return client.get_service_quota(**names)["Quota"]["Value"]
    except client.exceptions.NoSuchResourceException:
        return client.get_aws_default_service_quota(**names)["Quota"]["Value"]
