"""A VPC with public, app and data subnets in every zone."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.network.access_lists import RULES
from platformctl.components.network.endpoint_policies import endpoint_policy
from platformctl.components.observability.logs import LogGroup, LogGroupArgs
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs, Statement
from platformctl.naming import cidr

TIERS = ("public", "app", "data")
SPARE = "spare"
ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class NetworkArgs(Args):
    """What a network is made of.

    Attributes:
        region: Region of the zones.
        zones: Availability zones; one can be added later without moving anything.
        cidr: Block of the VPC, /16 to /20; subnets have fixed slots in it (`naming.cidr`).
        nat: NAT gateways for the app tier: one per zone, a single one, or none.
        spare_tier: Whether to make a fourth tier, as closed as the data tier; it can be added
            later without moving anything.
        interface_endpoints: AWS services reached inside the VPC (`ecr.api`, `logs`, …).
        flow_logs: Whether to record all traffic.
        flow_log_retention_days: Days to keep those records.
        log_key_arn: KMS key of the flow logs; CloudWatch's own key without it.
    """

    region: str
    zones: Sequence[str]
    cidr: str = "10.0.0.0/16"
    nat: Literal["perZone", "single", "none"] = "perZone"
    spare_tier: bool = False
    interface_endpoints: Sequence[str] = ()
    flow_logs: bool = True
    flow_log_retention_days: int = 365
    log_key_arn: pulumi.Input[str] | None = None

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if len(self.zones) < 2:  # two is what "highly available" starts at
            yield f"zones is {list(self.zones)!r}: at least two are needed"
        if len(set(self.zones)) != len(self.zones):
            yield f"zones is {list(self.zones)!r}: each may be listed once"
        if len(set(self.interface_endpoints)) != len(self.interface_endpoints):
            yield (
                f"interface_endpoints is {list(self.interface_endpoints)!r}: "
                "each may be listed once"
            )
        for zone in self.zones:
            try:
                cidr.subnet_cidr(self.cidr, "public", zone)
            except ValueError as error:
                yield f"cidr or zones: {error}"
            if not zone.startswith(self.region):
                yield f"zones has {zone!r}: it is not in region {self.region}"


class Network(Component):
    """A VPC with three tiers of subnets.

    Makes a VPC, in each zone a public, an app and a data subnet with fixed address slots, an
    internet gateway, NAT gateways, route tables (the data tier has no route to the internet),
    network ACLs, a closed default security group, gateway endpoints for S3 and DynamoDB, interface
    endpoints, and flow logs. Through the endpoints, only identities of the same account are served.

    Example::

        Network("main", NetworkArgs(region="us-east-1", zones=["us-east-1a", "us-east-1b"]))
        Network("cheap", NetworkArgs(region="us-east-1", zones=[...], nat="single"))
        Network("closed", NetworkArgs(..., nat="none", interface_endpoints=["ecr.api", "logs"]))

    Monthly cost in us-east-1: a NAT gateway is 730 h × $0.045 = $32.85 and $0.045/GB, so
    $98.55 with three zones; an interface endpoint is 730 h × $0.01 = $7.30 in each zone. The rest
    is free but for flow logs ($0.50/GB).

    Attributes:
        vpc_id: Id of the VPC.
        public_subnet_ids: Ids by order of the zones, for load balancers.
        app_subnet_ids: Likewise, for tasks.
        data_subnet_ids: Likewise, for stores.
        spare_subnet_ids: Likewise, for what is to come; empty without the spare tier.
        endpoint_security_group_id: Group of the interface endpoints; None without any.
        s3_prefix_list_id: Prefix list of S3, for egress rules to the gateway endpoint.
        dynamodb_prefix_list_id: Prefix list of DynamoDB, likewise.
    """

    vpc_id: pulumi.Output[str]
    public_subnet_ids: list[pulumi.Output[str]]
    app_subnet_ids: list[pulumi.Output[str]]
    data_subnet_ids: list[pulumi.Output[str]]
    spare_subnet_ids: list[pulumi.Output[str]]
    endpoint_security_group_id: pulumi.Output[str] | None
    s3_prefix_list_id: pulumi.Output[str]
    dynamodb_prefix_list_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("network:Network", name, args, opts)
        self.args = args
        self.vpc = self.child(
            "vpc",
            aws.ec2.Vpc,
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
        )
        self.child("default", aws.ec2.DefaultSecurityGroup, vpc_id=self.vpc.id)
        self.internet_gateway = self.child("internet", aws.ec2.InternetGateway, vpc_id=self.vpc.id)
        self.account = aws.get_caller_identity_output(
            opts=pulumi.InvokeOutputOptions(parent=self)
        ).account_id
        tiers = (*TIERS, SPARE) if args.spare_tier else TIERS
        self.subnets = {tier: _subnets(self, tier) for tier in tiers}
        self.route_tables = _route_tables(self)
        for tier in tiers:
            _access_list(self, tier)
        self.gateway_endpoints = _gateway_endpoints(self)
        self.endpoint_security_group = _interface_endpoints(self)
        if args.flow_logs:
            _flow_log(self)
        self.vpc_id = self.vpc.id
        for tier in (*TIERS, SPARE):
            ids = [subnet.id for subnet in self.subnets.get(tier, {}).values()]
            setattr(self, f"{tier}_subnet_ids", ids)
        group = self.endpoint_security_group
        self.endpoint_security_group_id = group.id if group else None
        self.s3_prefix_list_id = self.gateway_endpoints["s3"].prefix_list_id
        self.dynamodb_prefix_list_id = self.gateway_endpoints["dynamodb"].prefix_list_id
        self.finish(
            "vpc_id",
            "public_subnet_ids",
            "app_subnet_ids",
            "data_subnet_ids",
            "spare_subnet_ids",
            "endpoint_security_group_id",
            "s3_prefix_list_id",
            "dynamodb_prefix_list_id",
        )


def _subnets(network: Network, tier: str) -> Mapping[str, aws.ec2.Subnet]:
    args = network.args
    return {
        zone: network.child(
            f"{tier}-{cidr.zone_letter(zone)}",
            aws.ec2.Subnet,
            vpc_id=network.vpc.id,
            availability_zone=zone,
            cidr_block=cidr.subnet_cidr(args.cidr, tier, zone),
            map_public_ip_on_launch=False,
        )
        for zone in args.zones
    }


def _route_tables(network: Network) -> list[aws.ec2.RouteTable]:
    """Make one table for public, one for each closed tier, and one for app in each zone."""
    args = network.args
    public = _route_table(network, "public", [network.subnets["public"][z] for z in args.zones])
    network.child(
        "public-internet",
        aws.ec2.Route,
        route_table_id=public.id,
        destination_cidr_block=ANYWHERE,
        gateway_id=network.internet_gateway.id,
    )
    closed = [
        _route_table(network, tier, [network.subnets[tier][zone] for zone in args.zones])
        for tier in ("data", SPARE)
        if tier in network.subnets
    ]
    gateways = _nat_gateways(network)
    tables = [public, *closed]
    for zone in args.zones:
        letter = cidr.zone_letter(zone)
        table = _route_table(network, f"app-{letter}", [network.subnets["app"][zone]])
        tables.append(table)
        if zone in gateways:
            network.child(
                f"app-{letter}-internet",
                aws.ec2.Route,
                route_table_id=table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=gateways[zone].id,
            )
    return tables


def _route_table(
    network: Network, key: str, subnets: Sequence[aws.ec2.Subnet]
) -> aws.ec2.RouteTable:
    table = network.child(key, aws.ec2.RouteTable, vpc_id=network.vpc.id)
    for zone, subnet in zip(network.args.zones, subnets, strict=False):
        suffix = f"-{cidr.zone_letter(zone)}" if len(subnets) > 1 else ""
        network.child(
            f"{key}{suffix}-association",
            aws.ec2.RouteTableAssociation,
            subnet_id=subnet.id,
            route_table_id=table.id,
        )
    return table


def _nat_gateways(network: Network) -> Mapping[str, aws.ec2.NatGateway]:
    """Return the NAT gateway that each zone uses."""
    args = network.args
    if args.nat == "none":
        return {}
    made: dict[str, aws.ec2.NatGateway] = {}
    # By letter and not by place in the list, so that another order moves no gateway.
    for zone in args.zones if args.nat == "perZone" else [min(args.zones)]:
        key = f"nat-{cidr.zone_letter(zone)}"
        address = network.child(key + "-address", aws.ec2.Eip, domain="vpc")
        made[zone] = network.child(
            key,
            aws.ec2.NatGateway,
            subnet_id=network.subnets["public"][zone].id,
            allocation_id=address.id,
            options=pulumi.ResourceOptions(depends_on=[network.internet_gateway]),
        )
    only = made[min(args.zones)]
    return {zone: made.get(zone, only) for zone in args.zones}


def _access_list(network: Network, tier: str) -> None:
    access_list = network.child(f"{tier}-acl", aws.ec2.NetworkAcl, vpc_id=network.vpc.id)
    for rule in RULES[tier]:
        direction = "out" if rule.egress else "in"
        network.child(
            f"{tier}-acl-{direction}-{rule.number}",
            aws.ec2.NetworkAclRule,
            network_acl_id=access_list.id,
            rule_number=rule.number,
            rule_action="allow",
            egress=rule.egress,
            protocol="tcp" if rule.ports else "-1",
            cidr_block=ANYWHERE if rule.anywhere else network.args.cidr,
            from_port=rule.ports[0] if rule.ports else 0,
            to_port=rule.ports[1] if rule.ports else 0,
        )
    for zone, subnet in network.subnets[tier].items():
        network.child(
            f"{tier}-acl-{cidr.zone_letter(zone)}",
            aws.ec2.NetworkAclAssociation,
            network_acl_id=access_list.id,
            subnet_id=subnet.id,
        )


def _gateway_endpoints(network: Network) -> dict[str, aws.ec2.VpcEndpoint]:
    """Make the endpoints that cost nothing, by their service."""
    return {
        service: network.child(
            f"{service}-endpoint",
            aws.ec2.VpcEndpoint,
            vpc_id=network.vpc.id,
            service_name=f"com.amazonaws.{network.args.region}.{service}",
            vpc_endpoint_type="Gateway",
            policy=endpoint_policy(service, network.args.region, network.account),
            route_table_ids=[table.id for table in network.route_tables],
        )
        for service in ("s3", "dynamodb")
    }


def _interface_endpoints(network: Network) -> aws.ec2.SecurityGroup | None:
    args = network.args
    if not args.interface_endpoints:
        return None
    group = network.child(
        "endpoints",
        aws.ec2.SecurityGroup,
        vpc_id=network.vpc.id,
        description="Interface endpoints of AWS services",
    )
    for service in args.interface_endpoints:
        network.child(
            f"{service.replace('.', '-')}-endpoint",
            aws.ec2.VpcEndpoint,
            vpc_id=network.vpc.id,
            service_name=f"com.amazonaws.{args.region}.{service}",
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            policy=endpoint_policy(service, args.region, network.account),
            subnet_ids=[network.subnets["app"][zone].id for zone in args.zones],
            security_group_ids=[group.id],
        )
    return group


def _flow_log(network: Network) -> None:
    args = network.args
    group = LogGroup(
        f"{network.name}-flow-logs",
        LogGroupArgs(
            name=f"/vpc/{network.name}/flow-logs",
            retention_days=args.flow_log_retention_days,
            key_arn=args.log_key_arn,
            tags=args.tags,
        ),
        network.options(),
    )
    role = ServiceRole(
        f"{network.name}-flow-logs",
        ServiceRoleArgs(
            service="vpc-flow-logs.amazonaws.com",
            statements=[
                Statement(
                    actions=[
                        "logs:CreateLogStream",
                        "logs:DescribeLogStreams",
                        "logs:PutLogEvents",
                    ],
                    resources=[group.arn, pulumi.Output.concat(group.arn, ":*")],
                )
            ],
            tags=args.tags,
        ),
        network.options(),
    )
    network.child(
        "flow-log",
        aws.ec2.FlowLog,
        vpc_id=network.vpc.id,
        traffic_type="ALL",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        max_aggregation_interval=60,
    )
