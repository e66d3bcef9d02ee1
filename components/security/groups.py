"""Security groups as a chain: who may talk to whom, on which port."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

INTERNET = "internet"
ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class Allow:
    """TCP connections that may be made.

    Attributes:
        source: Who connects: a group, a network outside, or `internet`.
        destination: Who is connected to: a group, a prefix list, or `internet`.
        port: On which port.
        last_port: The last one, where it is a range.
    """

    source: str
    destination: str
    port: int
    last_port: int | None = None

    @property
    def ports(self) -> str:
        """The port or ports as text: `443`, `9092-9098`."""
        return str(self.port) if self.last_port is None else f"{self.port}-{self.last_port}"


@dataclass(frozen=True, kw_only=True)
class SecurityGroupsArgs(Args):
    """Groups, and the connections between them.

    Attributes:
        vpc_id: The VPC.
        groups: Name → what is in the group.
        rules: Every connection that may be made; all others are refused, outgoing ones too.
        existing: Groups made elsewhere that rules may name: name → id.
        prefix_lists: Prefix lists that rules may name as destination: name → id.
        networks: Networks outside the VPC that rules may name as source: name → CIDR block.
    """

    vpc_id: pulumi.Input[str]
    groups: Mapping[str, str]
    rules: Sequence[Allow] = ()
    existing: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    prefix_lists: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    networks: Mapping[str, str] = field(default_factory=dict)

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        names = {INTERNET, *self.groups, *self.existing}
        known = ", ".join(sorted({*names, *self.prefix_lists, *self.networks}))
        for rule in self.rules:
            if rule.source not in names | set(self.networks):
                yield f"rules name the source {rule.source!r}: known are {known}"
            if rule.destination not in names | set(self.prefix_lists):
                yield f"rules name the destination {rule.destination!r}: known are {known}"
            if rule.source == INTERNET and rule.destination == INTERNET:
                yield "rules go from internet to internet"
        for rule in set(self.rules):
            if self.rules.count(rule) > 1:
                yield f"rules list {rule.source} to {rule.destination} {rule.ports} twice"


class SecurityGroups(Component):
    """Security groups whose rules name each other, never an address.

    Each `Allow` becomes an egress rule at its source and an ingress rule at its destination.
    Addresses occur only where one side is the internet, or a network outside.

    Example::

        SecurityGroups("shop", SecurityGroupsArgs(
            vpc_id=network.vpc_id,
            groups={"balancer": "Load balancer", "web": "Web tasks", "database": "PostgreSQL"},
            rules=[Allow("internet", "balancer", 443), Allow("balancer", "web", 8080),
                   Allow("web", "database", 5432)]))

    Costs nothing.

    Attributes:
        ids: Name → id of the group.
    """

    ids: dict[str, pulumi.Output[str]]

    def __init__(
        self, name: str, args: SecurityGroupsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("security:SecurityGroups", name, args, opts)
        self.groups = {
            group: self.child(
                group, aws.ec2.SecurityGroup, vpc_id=args.vpc_id, description=description
            )
            for group, description in args.groups.items()
        }
        self.ids = {group: resource.id for group, resource in self.groups.items()}
        known = {**self.ids, **args.existing}
        for rule in args.rules:
            if rule.source in known:
                _egress(self, rule, known, args.prefix_lists)
            if rule.destination in known:
                _ingress(self, rule, known, args.networks)
        self.finish("ids")


def _egress(
    component: SecurityGroups,
    rule: Allow,
    groups: Mapping[str, pulumi.Input[str]],
    prefix_lists: Mapping[str, pulumi.Input[str]],
) -> None:
    if rule.destination == INTERNET:
        other: dict[str, Any] = {"cidr_ipv4": ANYWHERE}
    elif rule.destination in prefix_lists:
        other = {"prefix_list_id": prefix_lists[rule.destination]}
    else:
        other = {"referenced_security_group_id": groups[rule.destination]}
    component.child(
        f"{rule.source}-to-{rule.destination}-{rule.ports}-egress",
        aws.vpc.SecurityGroupEgressRule,
        security_group_id=groups[rule.source],
        description=f"{rule.source} to {rule.destination}",
        ip_protocol="tcp",
        from_port=rule.port,
        to_port=rule.last_port or rule.port,
        **other,
    )


def _ingress(
    component: SecurityGroups,
    rule: Allow,
    groups: Mapping[str, pulumi.Input[str]],
    networks: Mapping[str, str],
) -> None:
    addresses = {INTERNET: ANYWHERE, **networks}
    other: dict[str, Any] = (
        {"cidr_ipv4": addresses[rule.source]}
        if rule.source in addresses
        else {"referenced_security_group_id": groups[rule.source]}
    )
    component.child(
        f"{rule.source}-to-{rule.destination}-{rule.ports}-ingress",
        aws.vpc.SecurityGroupIngressRule,
        security_group_id=groups[rule.destination],
        description=f"{rule.destination} from {rule.source}",
        ip_protocol="tcp",
        from_port=rule.port,
        to_port=rule.last_port or rule.port,
        **other,
    )
