"""What security groups and network ACLs let in from the whole internet, in whichever shape.

A security group's rules are inline (`ingress`), or resources of two generations
(`ec2/securityGroupRule`, `vpc/securityGroupIngressRule`); all of them become `Opening`s here.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.policies.rule import Undetermined
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING, UNKNOWN, peek
from platformctl.policies.view import ResourceView

GROUP = "aws:ec2/securityGroup:SecurityGroup"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ACL = "aws:ec2/networkAcl:NetworkAcl"
ACL_RULE = "aws:ec2/networkAclRule:NetworkAclRule"
GROUP_SHAPES = (GROUP, OLD_RULE, INGRESS_RULE)

ADMIN_PORTS = (22, 3389)
DATA_PORTS = (5432, 3306, 6379, 27017, *range(9092, 9099), 2181, 2049)

_ADDRESSES = ("cidrBlocks[]", "ipv6CidrBlocks[]", "cidrIpv4", "cidrIpv6", "cidrBlock")
_ADDRESSES_6 = "ipv6CidrBlock"
READS = (
    *("ingress[]", "type", "egress", "ruleAction", *_ADDRESSES, _ADDRESSES_6),
    *("fromPort", "toPort", "protocol", "ipProtocol"),
)
_ALL = (0, 65535)


@dataclass(frozen=True)
class Opening:
    """Ports that the whole internet may reach.

    Attributes:
        path: Where it is said.
        cidr: The address block.
        first: First port.
        last: Last port.
    """

    path: str
    cidr: str
    first: int
    last: int

    def holds(self, port: int) -> bool:
        """Tell whether a port is among them."""
        return self.first <= port <= self.last

    def __str__(self) -> str:
        ports = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.cidr} on {'all ports' if (self.first, self.last) == _ALL else ports}"


def is_world(cidr: str) -> bool:
    """Tell whether a block is the internet, or so large a part of it that it makes no difference.

    Two halves of the internet (`0.0.0.0/1` and `128.0.0.0/1`) are the usual way around a check
    for `0.0.0.0/0`; nobody owns a block larger than a /8 (IPv6: a /16).
    """
    network = ipaddress.ip_network(cidr, strict=False)
    return network.prefixlen < (8 if network.version == 4 else 16)


def openings(resource: ResourceView, settings: Settings) -> Iterator[Opening | Undetermined]:
    """Yield what the internet may reach through a security group, a rule of one, or an ACL."""
    del settings
    for path, entry in _entries(resource):
        yield from _opening(path, entry)


def _entries(resource: ResourceView) -> Iterator[tuple[str, Any]]:
    if resource.type in (GROUP, ACL):
        for match in resource.each("ingress[]"):
            yield match.path, match.value
    elif not _is_egress(resource):
        yield "", resource.properties


def _is_egress(resource: ResourceView) -> bool:
    if resource.type == OLD_RULE:
        return resource.get("type") == "egress"
    return resource.type == ACL_RULE and resource.get("egress") is True


def _opening(path: str, entry: Any) -> Iterator[Opening | Undetermined]:
    action = _first(entry, "ruleAction", "action")
    if isinstance(action, str) and action.lower() == "deny":
        return
    prefix = f"{path}." if path else ""
    for name in (*_ADDRESSES, _ADDRESSES_6):
        for match in peek(entry, name):
            if match.value is UNKNOWN:
                yield Undetermined(path=f"{prefix}{match.path}")
            elif isinstance(match.value, str) and is_world(match.value):
                ports = _ports(entry)
                if ports is None or action is UNKNOWN:
                    yield Undetermined(path=f"{prefix}fromPort")
                else:
                    yield Opening(f"{prefix}{match.path}", match.value, *ports)


def _ports(entry: Mapping[str, Any]) -> tuple[int, int] | None:
    protocol = _first(entry, "ipProtocol", "protocol")
    if protocol in ("-1", -1, "all"):
        return _ALL
    first, last = _first(entry, "fromPort"), _first(entry, "toPort")
    if first is UNKNOWN or last is UNKNOWN or protocol is UNKNOWN:
        return None
    if protocol in ("icmp", "icmpv6", "1", "58"):
        return (-1, -1)  # numbers of messages, not ports
    if first is MISSING or last is MISSING:
        return _ALL
    return int(first), int(last)


def _first(entry: Any, *names: str) -> Any:
    for name in names:
        (match,) = peek(entry, name)
        if match.value is not MISSING:
            return match.value
    return MISSING
